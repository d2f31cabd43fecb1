/**
 * OAuth 2.1 and OpenID Connect: a second door to the same sessions. A client that signs a user in gets tokens of a session,
 * with our rotation, revocation and keys; nothing here keeps tokens of its own.
 * Owns authorization requests, codes, consents, scopes and resources, and who is told when a session ends. Who a client is,
 * `clients` knows; pages and parameters are HTTP's affair.
 */
import type { ClientStore } from "../clients/client-store.ts";
import type { IdTokens } from "../tokens/id-token.ts";
import type { AccessDeps } from "./end-access.ts";
import type { ReadIdTokenHint } from "./id-token-hint.ts";
import type { OAuthStore } from "./oauth-store.ts";

export interface OAuthDeps {
  readonly store: OAuthStore;
  readonly idTokens: IdTokens;
  readonly readIdTokenHint: ReadIdTokenHint;
  readonly clients: Pick<ClientStore, "findAll">;
  /** What it takes to end what a client was granted. */
  readonly access: AccessDeps;
}
