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
import type { AuthenticationMethod } from "./registration.ts";

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

/** What a program shows to be a certain client. */
export interface ClientProof {
  readonly clientId: string;
  /** How it is shown; null where there is but one way, whatever the client is registered with. */
  readonly method: AuthenticationMethod | null;
  /** Asked for an unknown client as well, so that the work is the same. */
  readonly proves: (client: Client | null, address: string | null) => boolean | Promise<boolean>;
}

/** The client whose id and secret these are. Throws as `authenticateBy`. */
export function authenticateClient(
  deps: ClientAuthenticationDeps,
  { clientId, clientSecret }: ClientCredentials,
  origin: Origin,
): Promise<Client> {
  return authenticateBy(deps, { clientId, method: null, proves: (client) => isSecretOf(client, clientSecret) }, origin);
}

/**
 * The client that this proves to be one. A client that has said how it does it may do it in no other way.
 * Throws `invalid_client` (RFC 6749 §5.2), in the same words and after the same work, for an unknown id and a wrong secret;
 * `too_many_attempts` instead, with nothing written, after many. Right ones are let in all the while.
 */
export async function authenticateBy(
  { known, audit, clock, limits }: ClientAuthenticationDeps,
  { clientId, method, proves }: ClientProof,
  origin: Origin,
): Promise<Client> {
  const client = ID_FORM.test(clientId) ? await known.find(clientId, origin.ip) : null;
  const isProven = await proves(client, origin.ip);
  const isItsWay = client !== null && mayUse(client, method);
  if (client !== null && isProven && isItsWay) return client;
  const closings = await limits.wrongClient(clientId, origin.ip);
  const auditedId = client !== null || OUR_ID_FORM.test(clientId) ? clientId : null;
  const wrong = method === "private_key_jwt" ? "wrong_assertion" : "wrong_secret";
  const detail = { clientId: auditedId, why: client === null ? "unknown_client" : isItsWay ? wrong : "wrong_method" };
  const failure = auditEvent("client_authentication_failed", clock(), origin, {}, detail);
  await audit.append(failure);
  for (const closing of closings) await audit.append(closingEvent(failure, closing));
  throw wrongCredentials();
}

/** Clients that were made for nothing but their secret may send it either way. */
function mayUse({ registration }: Client, method: AuthenticationMethod | null): boolean {
  if (method === null) return true;
  if (registration === null) return method.startsWith("client_secret_");
  return registration.tokenEndpointAuthMethod === method;
}

export function wrongCredentials(): OstiaryError {
  return new OstiaryError("invalid_client", "The client's credentials are missing or wrong.");
}
