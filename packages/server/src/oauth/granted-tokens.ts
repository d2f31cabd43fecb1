import { decode } from "@ostiary/jwt";
import type { Client } from "../clients/client.ts";
import { OstiaryError } from "../errors.ts";
import type { RevocationStore } from "../revocation/revocation-store.ts";
import type { SessionDeps } from "../sessions/session-deps.ts";
import type { LoginDeps } from "../users/authenticate.ts";
import type { OAuthDeps } from "./oauth.ts";
import type { Audiences } from "./resources.ts";

/** What it takes to give a client tokens. */
export interface GrantDeps {
  readonly oauth: Pick<OAuthDeps, "store" | "idTokens" | "clients">;
  readonly sessions: SessionDeps;
  readonly users: Pick<LoginDeps, "store" | "audit">;
  readonly log: Pick<RevocationStore, "append">;
  readonly settings: Audiences;
}

/** What a client gets for a grant (RFC 6749 §5.1). */
export interface GrantedTokens {
  readonly accessToken: string;
  /** Seconds the access token lives. */
  readonly expiresIn: number;
  readonly refreshToken?: string;
  readonly idToken?: string;
}

/** A client with what it may do by OAuth. */
export type OAuthClient = Client & { readonly registration: NonNullable<Client["registration"]> };

/** Throws `unauthorized_client` if it may not ask in this way. */
export function requireGrantType(client: Client, grantType: OAuthClient["registration"]["grantTypes"][number]): OAuthClient {
  const { registration } = client;
  if (registration?.grantTypes.includes(grantType)) return { ...client, registration };
  throw new OstiaryError("unauthorized_client", `This client is not registered for ${grantType}.`);
}

/** The scopes of an access token we have just made: less than was granted, where roles have gone. */
export function scopesIn(accessToken: string): string[] {
  const { scope } = decode(accessToken).claims;
  return typeof scope === "string" && scope !== "" ? scope.split(" ") : [];
}

/** The roles of its user: none, unless the client is one of the operator's own. */
export function rolesIn(accessToken: string): string[] {
  const { roles } = decode(accessToken).claims;
  return Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
}

export function invalidGrant(message: string): OstiaryError {
  return new OstiaryError("invalid_grant", message);
}
