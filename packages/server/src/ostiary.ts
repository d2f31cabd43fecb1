import type { Guard } from "@ostiary/guard";
import type { ApiKeys } from "./api-keys/api-keys.ts";
import type { AuditStore } from "./audit/audit-store.ts";
import type { ClientCredentials } from "./clients/client.ts";
import type { Clients } from "./clients/clients.ts";
import type { RegistrationTokens } from "./clients/self-registered/initial-access-tokens.ts";
import type { FetchHandler } from "./http/node-handler.ts";
import type { ExpressMiddleware } from "./http/well-known.ts";
import type { Keys } from "./keys/keys.ts";
import type { RevocationFeed } from "./revocation/feed.ts";
import type { Sessions } from "./sessions/sessions.ts";
import type { Users } from "./users/users.ts";

/** An auth server: mount it, serve it, or call it. */
export interface Ostiary<Claims extends object = object> {
  readonly issuer: string;
  /** Answers a request below the issuer, or for the server's health. Needs no `this`. */
  readonly fetch: FetchHandler;
  /** Express middleware for the well-known paths at the root (RFC 8414 §3.1): `app.use(ostiary.wellKnown)`. */
  readonly wellKnown: ExpressMiddleware;
  /** A guard for APIs in this process: it knows of sign-outs at once. */
  readonly guard: Guard<Claims>;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly clients: Clients;
  /** Who may register clients where `dynamicRegistration` is `token`. */
  readonly registrationTokens: RegistrationTokens;
  readonly keys: Keys;
  readonly apiKeys: ApiKeys;
  readonly audit: Pick<AuditStore, "list">;
  /**
   * Guards in other processes that follow the revocation log. Their answers never end by themselves: `end` ends them, and
   * lets no more in, before you close the HTTP server they came through. `close` does it too.
   */
  readonly feed: Pick<RevocationFeed, "followers" | "end">;
  /** Lets go of the database. Requests after that are answered 503. */
  close(): Promise<void>;
}

/** What `ostiary start` serves. */
export interface StartedOstiary<Claims extends object = object> extends Ostiary<Claims> {
  /** Credentials of a guard to begin with, the same at each start. Throws a StartError if they cannot be kept. */
  developmentClient(): Promise<ClientCredentials | null>;
  /** Lets whoever has it become the first administrator, once, within an hour, of this process. Null if there is one. */
  firstAdminToken(): Promise<string | null>;
}
