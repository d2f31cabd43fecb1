import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { Session } from "../sessions/session.ts";
import type { OAuthClient } from "./granted-tokens.ts";
import { newCode } from "./issue-code.ts";
import type { CodeDeps } from "./issue-code.ts";
import type { DeviceRequest, OAuthStore } from "./oauth-store.ts";

export interface DecisionDeps extends Pick<CodeDeps, "clock" | "random"> {
  readonly store: Pick<OAuthStore, "devices" | "consents">;
}

/** A device that was let in at the last moment asks a few times more: it gets its tokens nevertheless. */
const COLLECTED_MS = 60_000;

/** Whether somebody can still decide on it. */
export function isOpen({ decision, expiresAt }: DeviceRequest, now: number): boolean {
  return decision === null && now < expiresAt;
}

/**
 * Whoever is signed in lets the device in: as with a code, it is of their browser's session, and the client may know of that.
 * False if it was decided on before.
 */
export async function allowDevice(
  deps: DecisionDeps,
  request: DeviceRequest,
  { registration }: OAuthClient,
  signOn: Session,
  origin: Origin,
): Promise<boolean> {
  const { store, clock } = deps;
  const { hash, clientId, scopes, resources, expiresAt } = request;
  const { id: signOnId, userId } = signOn;
  const now = clock();
  const who = { userId, sessionId: signOnId };
  const detail = { clientId, scope: scopes.join(" ") };
  if (!registration.firstParty) {
    await store.consents.allow(userId, clientId, scopes, now, auditEvent("consent_given", now, origin, who, detail));
  }
  const granted = {
    hash,
    clientId,
    redirectUri: "",
    codeChallenge: "",
    scopes,
    resources,
    nonce: null,
    proofKey: null,
    expiresAt: Math.max(expiresAt, now + COLLECTED_MS),
  };
  const audit = auditEvent("authorized", now, origin, who, { ...detail, deviceIp: request.ip });
  return store.devices.allow(newCode(deps, granted, signOn), {
    signOn: scopes.includes("openid") ? { signOnId, clientId, userId, expiresAt: signOn.expiresAt } : null,
    audit,
  });
}

/** False if it was decided on before. */
export function denyDevice(
  { store, clock }: DecisionDeps,
  { hash, clientId, ip }: DeviceRequest,
  signOn: Session,
  origin: Origin,
): Promise<boolean> {
  const who = { userId: signOn.userId, sessionId: signOn.id };
  return store.devices.deny(hash, auditEvent("device_denied", clock(), origin, who, { clientId, deviceIp: ip }));
}
