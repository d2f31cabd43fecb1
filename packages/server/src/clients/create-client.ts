import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { Clock } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import type { Random } from "../random.ts";
import { isShownText } from "../users/shown-text.ts";
import { hashOfSecret, newClientSecret } from "./client.ts";
import type { Client, ClientCredentials } from "./client.ts";
import type { ClientStore } from "./client-store.ts";

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
}

/** A client and its secret, which is known only now: the database has a hash of it. */
export interface CreatedClient extends ClientCredentials {
  readonly client: Client;
}

/** Throws `invalid_request` for a name that cannot be shown. */
export async function createClient(deps: ClientDeps, newClient: NewClient, origin: Origin): Promise<CreatedClient> {
  const { random } = deps;
  const credentials: ClientCredentials = { clientId: random.uuid(), clientSecret: newClientSecret(random) };
  const client = await addClient(deps, newClient, credentials, origin);
  if (client === null) throw new Error("A random id that was there already.");
  return { client, ...credentials };
}

/** The same with credentials that exist already. Null if there is a client with this id. */
export async function addClient(
  { store, clock }: ClientDeps,
  { name, guard = false }: NewClient,
  { clientId, clientSecret }: ClientCredentials,
  origin: Origin,
): Promise<Client | null> {
  const client: Client = {
    id: clientId,
    name: checkedName(name),
    guard,
    secretHash: hashOfSecret(clientSecret),
    createdAt: clock(),
  };
  const detail = { clientId, name: client.name, guard };
  return (await store.create(client, auditEvent("client_created", client.createdAt, origin, {}, detail))) ? client : null;
}

function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== "" && trimmed.length <= MAX_NAME && isShownText(trimmed)) return trimmed;
  const mend = `name must have 1 to ${MAX_NAME} characters, none of them control or broken characters.`;
  throw new OstiaryError("invalid_request", mend, { reason: "invalid_field", field: "name" });
}
