import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { Clock } from "../clock.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import { hashOf } from "../sessions/hash-of.ts";
import type { Session } from "../sessions/session.ts";
import type { AuthorizationRequest } from "./authorization-request.ts";
import type { AuthorizationCode, OAuthStore } from "./oauth-store.ts";

/** OAuth 2.1 §4.1.2 recommends ten minutes at most; a client exchanges it in the same second. */
const CODE_SECONDS = 60;
const CODE_BYTES = 32;
const JTI_BYTES = 16;

export interface CodeDeps {
  readonly store: Pick<OAuthStore, "codes">;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * A code for what was asked, of the browser's session. With `openid` the client will know that session by its ID token:
 * it is noted along with the code, so that none ends without the client being told.
 */
export async function issueCode(deps: CodeDeps, request: AuthorizationRequest, signOn: Session, origin: Origin): Promise<string> {
  const { store, random } = deps;
  const { replyTo, scopes, resources, codeChallenge, nonce, proofKey } = request;
  const { id: clientId } = replyTo.client;
  const { id: signOnId, userId } = signOn;
  const now = deps.clock();
  const code = randomText(random, CODE_BYTES);
  const expiresAt = now + CODE_SECONDS * 1000;
  const { redirectUri } = replyTo;
  const kept = newCode(
    deps,
    { hash: hashOf(code), clientId, redirectUri, codeChallenge, scopes, resources, nonce, proofKey, expiresAt },
    signOn,
  );
  const audit = auditEvent("authorized", now, origin, { userId, sessionId: signOnId }, { clientId, scope: scopes.join(" ") });
  const isToldOf = scopes.includes("openid");
  await store.codes.keep(kept, { signOn: isToldOf ? { signOnId, clientId, userId, expiresAt: signOn.expiresAt } : null, audit });
  return code;
}

type Granted = Pick<
  AuthorizationCode,
  "hash" | "clientId" | "redirectUri" | "codeChallenge" | "scopes" | "resources" | "nonce" | "proofKey" | "expiresAt"
>;

/** A code as it is kept, with what it will be exchanged for. */
export function newCode(
  { clock, random }: Pick<CodeDeps, "clock" | "random">,
  granted: Granted,
  { id, userId }: Session,
): AuthorizationCode {
  const own = { sessionId: random.uuid(), jti: randomText(random, JTI_BYTES) };
  return { ...granted, ...own, userId, signOnId: id, createdAt: clock(), redeemedAt: null };
}

/** Whether it is a device's, which has neither a redirect URI nor a challenge: its device code is secret from the start. */
export function isOfDevice({ codeChallenge }: AuthorizationCode): boolean {
  return codeChallenge === "";
}
