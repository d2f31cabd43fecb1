import { auditEvent } from "../audit/audit-event.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { Clock } from "../clock.ts";
import type { KnownClients } from "../clients/known-clients.ts";
import { DEVICE_GRANT } from "../clients/registration.ts";
import type { Limits } from "../limits/limits.ts";
import type { Device, Session } from "../sessions/session.ts";
import { counted, recordFailure } from "../users/authenticate.ts";
import { isOpen } from "./decide-device.ts";
import type { OAuthClient } from "./granted-tokens.ts";
import type { DeviceRequest, OAuthStore } from "./oauth-store.ts";
import { typedUserCode } from "./user-code.ts";

export interface FindDeviceDeps {
  readonly store: Pick<OAuthStore, "devices">;
  readonly known: Pick<KnownClients, "find">;
  readonly limits: Pick<Limits, "userCode">;
  readonly audit: AuditStore;
  readonly clock: Clock;
}

export interface FoundDevice {
  readonly request: DeviceRequest;
  readonly client: OAuthClient;
}

/**
 * The device that shows the code somebody has typed, if it still waits. Null for every other code: why, nobody is told, and
 * each is a guess (RFC 8628 §5.1). Throws `too_many_attempts` after some.
 */
export async function findDevice(
  deps: FindDeviceDeps,
  typed: string,
  { userId, id: sessionId }: Session,
  origin: Device,
): Promise<FoundDevice | null> {
  const attempt = await deps.limits.userCode({ userId, address: origin.ip });
  const found = await counted(attempt, lookUp(deps, typed, origin.ip));
  if (found !== null) await attempt.succeeded();
  else await recordFailure(deps.audit, attempt, auditEvent("device_code_wrong", deps.clock(), origin, { userId, sessionId }));
  return found;
}

async function lookUp(
  { store, known, clock }: FindDeviceDeps,
  typed: string,
  address: string | null,
): Promise<FoundDevice | null> {
  const userCode = typedUserCode(typed);
  const request = userCode === null ? null : await store.devices.findByUserCode(userCode);
  if (request === null || !isOpen(request, clock())) return null;
  const client = await known.find(request.clientId, address);
  if (client?.registration?.grantTypes.includes(DEVICE_GRANT) !== true) return null;
  return { request, client: { ...client, registration: client.registration } };
}
