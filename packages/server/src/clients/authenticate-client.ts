import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { Clock } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import { isSecretOf } from "./client.ts";
import type { Client, ClientCredentials } from "./client.ts";
import { closingEvent } from "../limits/closing-event.ts";
import type { Limits } from "../limits/limits.ts";
import type { KnownClients } from "./known-clients.ts";

export interface ClientAuthenticationDeps {
  readonly known: Pick<KnownClients, "find">;
  readonly audit: Pick<AuditStore, "append">;
  readonly clock: Clock;
  readonly limits: Pick<Limits, "wrongClient">;
}

/** What an id can be made of (RFC 6749 Appendix A.1); a database is asked for nothing else. */
const ID_FORM = /^[\x20-\x7e]{1,255}$/;
/** What our ids look like. The audit keeps no other that is unknown: it may be a secret in the wrong field. */
const OUR_ID_FORM = /^[\da-f-]{36}$/;

/**
 * The client whose credentials these are.
 * Throws `invalid_client` (RFC 6749 §5.2), in the same words and after the same work, for an unknown id and a wrong secret;
 * `too_many_attempts` instead, with nothing written, after many. Right ones are let in all the while.
 */
export async function authenticateClient(
  { known, audit, clock, limits }: ClientAuthenticationDeps,
  { clientId, clientSecret }: ClientCredentials,
  origin: Origin,
): Promise<Client> {
  const client = ID_FORM.test(clientId) ? await known.find(clientId) : null;
  if (isSecretOf(client, clientSecret)) return client;
  const closings = await limits.wrongClient(clientId, origin.ip);
  const auditedId = client !== null || OUR_ID_FORM.test(clientId) ? clientId : null;
  const detail = { clientId: auditedId, why: client === null ? "unknown_client" : "wrong_secret" };
  const failure = auditEvent("client_authentication_failed", clock(), origin, {}, detail);
  await audit.append(failure);
  for (const closing of closings) await audit.append(closingEvent(failure, closing));
  throw wrongCredentials();
}

export function wrongCredentials(): OstiaryError {
  return new OstiaryError("invalid_client", "The client's credentials are missing or wrong.");
}
