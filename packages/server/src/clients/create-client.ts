import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { Clock } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import type { Random } from "../random.ts";
import { isShownText } from "../users/shown-text.ts";
import { hashOfSecret, newClientSecret } from "./client.ts";
import type { Client, ClientCredentials } from "./client.ts";
import type { ClientStore } from "./client-store.ts";
import { checkedRegistration } from "./registration.ts";
import type { NewRegistration, Registration } from "./registration.ts";

const MAX_NAME = 100;

export interface ClientDeps {
  readonly store: ClientStore;
  readonly clock: Clock;
  readonly random: Random;
}

export interface NewClient {
  /** For people: 1 to 100 characters. */
  readonly name: string;
  /** Whether it may follow the revocation feed and introspect tokens. Default false. */
  readonly guard?: boolean | undefined;
  /** What it may do by OAuth: sign users in, or get tokens of its own. Default: nothing. */
  readonly registration?: NewRegistration | undefined;
}

/** A client and its secret, which is known only now: the database has a hash of it. */
export interface CreatedClient {
  readonly client: Client;
  /** Empty for a client that proves who it is with a key, or not at all. */
  readonly clientSecret: string;
}

/** Throws `invalid_request` for a name that cannot be shown, and for what no client may be registered with. */
export async function createClient(deps: ClientDeps, newClient: NewClient, origin: Origin): Promise<CreatedClient> {
  const { random } = deps;
  const credentials: ClientCredentials = { clientId: random.uuid(), clientSecret: newClientSecret(random) };
  const client = await addClient(deps, newClient, credentials, origin);
  if (client === null) throw new Error("A random id that was there already.");
  return { client, clientSecret: client.secretHash === null ? "" : credentials.clientSecret };
}

/** The same with credentials that exist already. Null if there is a client with this id. */
export async function addClient(
  { store, clock }: ClientDeps,
  { name, guard = false, registration: given }: NewClient,
  { clientId, clientSecret }: ClientCredentials,
  origin: Origin,
): Promise<Client | null> {
  const registration = given === undefined ? null : checkedRegistration(given);
  if (guard && !hasSecret(registration)) {
    const mend = "guard goes with client_secret_basic or client_secret_post only.";
    throw new OstiaryError("invalid_request", mend, { reason: "invalid_field", field: "guard" });
  }
  const client: Client = {
    id: clientId,
    name: checkedName(name),
    guard,
    secretHash: hasSecret(registration) ? hashOfSecret(clientSecret) : null,
    createdAt: clock(),
    tokenVersion: 1,
    registration,
  };
  const detail = { clientId, name: client.name, guard, ...(registration === null ? {} : { registration }) };
  return (await store.create(client, auditEvent("client_created", client.createdAt, origin, {}, detail))) ? client : null;
}

export function hasSecret(registration: Registration | null): boolean {
  return registration === null || registration.tokenEndpointAuthMethod.startsWith("client_secret_");
}

export function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== "" && trimmed.length <= MAX_NAME && isShownText(trimmed)) return trimmed;
  const mend = `name must have 1 to ${MAX_NAME} characters, none of them control or broken characters.`;
  throw new OstiaryError("invalid_request", mend, { reason: "invalid_field", field: "name" });
}
