/**
 * What people and programs may do with clients: make, find, list, change, give another secret, delete. What a client is stands in
 * `client`, who proves to be one is found out in `authenticate-client`, and what of them outlives an outage in `known-clients`.
 */
import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import { endAccessOfClient } from "../oauth/end-access.ts";
import type { AccessDeps } from "../oauth/end-access.ts";
import type { RevocationDraft } from "../revocation/revocation-store.ts";
import { hashOfSecret, newClientSecret } from "./client.ts";
import type { Client } from "./client.ts";
import { createClient } from "./create-client.ts";
import type { ClientDeps, NewClient } from "./create-client.ts";
import { isServiceAccount } from "./registration.ts";
import type { Registration } from "./registration.ts";
import { publicSelfRegistered } from "./self-registered/self-registered.ts";
import type { PublicSelfRegistered } from "./self-registered/self-registered.ts";
import { changedClient } from "./update-client.ts";
import type { ClientChanges } from "./update-client.ts";

/** A client as the application sees it: without the hash of its secret. `createdAt` in milliseconds. */
export interface PublicClient {
  readonly clientId: string;
  readonly name: string;
  /** Whether it may follow the revocation feed and introspect tokens. */
  readonly guard: boolean;
  readonly createdAt: number;
  /** What it may do by OAuth; null if nothing. */
  readonly registration: Registration | null;
  /** How it came by itself; null if you have made it. */
  readonly selfRegistered: PublicSelfRegistered | null;
}

/** A client with its secret, which cannot be asked for again. */
export interface ClientWithSecret extends PublicClient {
  /** Empty for a client that proves who it is with a key (`private_key_jwt`), or not at all (`none`). */
  readonly clientSecret: string;
}

/** Clients, for the application that embeds the server, and for the CLI. */
export interface Clients {
  /** The secret is told this once. Throws `invalid_request` for a name that cannot be shown. */
  create(client: NewClient): Promise<ClientWithSecret>;
  find(clientId: string): Promise<PublicClient | null>;
  /** In the order they were created. `after` is the id of the last client of the page before; `limit` 1 to 1,000. */
  list(query?: { after?: string; limit?: number }): Promise<PublicClient[]>;
  /**
   * Gives the client another secret, told this once. The old one is refused at once, and feeds that were opened with it
   * end within a second. Null if there is no such client. Throws `invalid_request` for a client that has none.
   */
  rotateSecret(clientId: string): Promise<ClientWithSecret | null>;
  /**
   * Changes what the client is called and what it may do by OAuth; what is left out stays. Other scopes or roles make
   * access tokens in its own name stale at once. Null if there is no such client.
   * Throws `invalid_request` for what no client may be registered with, and for one that is none of OAuth's. Of a client that
   * registered itself it lasts: it cannot undo it; but its id may be the address of a document, which alone says what it may do
   * (`invalid_request`), and `firstParty` it never is.
   */
  update(clientId: string, changes: ClientChanges): Promise<PublicClient | null>;
  /**
   * The client is refused at once, what it was granted ends, all tokens and API keys that it has are worthless, and its
   * feeds end within a second. Null if there is no such client. One whose id is the address of its document is no longer
   * known, but not shut out: as long as `clientIdDocuments` is on, it may come again and ask its users anew.
   */
  delete(clientId: string): Promise<PublicClient | null>;
}

/** `origin` is who does it, for the audit. */
export function createClients(deps: ClientDeps & { access: AccessDeps }, origin: Origin = LOCAL_ORIGIN): Clients {
  const { store, clock, random } = deps;
  return {
    async create(newClient) {
      const { client, clientSecret } = await createClient(deps, newClient, origin);
      return { ...withoutHash(client), clientSecret };
    },
    find: async (id) => orNull(await store.find(id)),
    list: async ({ after, limit = 100 } = {}) => {
      const page = { limit: Math.min(Math.max(limit, 1), 1000), ...(after === undefined ? {} : { after }) };
      return (await store.list(page)).map(withoutHash);
    },
    async rotateSecret(id) {
      const current = await store.find(id);
      if (current !== null && current.secretHash === null) {
        throw new OstiaryError("invalid_request", "This client has no secret: it is public, or proves who it is with a key.");
      }
      const clientSecret = newClientSecret(random);
      const audit = auditEvent("client_secret_rotated", clock(), origin, {}, { clientId: id });
      const client = await store.replaceSecret(id, hashOfSecret(clientSecret), audit);
      return client && { ...withoutHash(client), clientSecret };
    },
    async update(id, changes) {
      const updated = await store.update(id, (client) => changedClient(client, changes, clock(), origin));
      if (updated?.entry) deps.access.revocations.publish(updated.entry);
      return updated && withoutHash(updated.client);
    },
    async delete(id) {
      const at = clock();
      const audit = auditEvent("client_deleted", at, origin, {}, { clientId: id });
      const deleted = await store.delete(id, { audit, revocation: (client) => endOfOwnTokens(client, at) });
      if (deleted?.entry) deps.access.revocations.publish(deleted.entry);
      // Also if it was deleted before: whoever did it may have come no further.
      await endAccessOfClient(deps.access, id, origin);
      return deleted && withoutHash(deleted.client);
    },
  };
}

/** The tokens that it has in its own name, and what its API keys stand for: it is their subject. */
function endOfOwnTokens({ id, registration, tokenVersion }: Client, at: number): RevocationDraft | null {
  if (!isServiceAccount(registration)) return null;
  return { kind: "subject", value: id, version: tokenVersion + 1, effect: "revoked", reason: "client_deleted", at };
}

function orNull(client: Client | null): PublicClient | null {
  return client === null ? null : withoutHash(client);
}

function withoutHash({ id, name, guard, createdAt, registration, selfRegistered }: Client): PublicClient {
  return { clientId: id, name, guard, createdAt, registration, selfRegistered: publicSelfRegistered(selfRegistered) };
}
