/** Who is asking, read from verified claims; where other issuers keep roles and scopes stands in `issuers/`. */
import type { JwtClaims } from "@ostiary/jwt";
import type { AccessTokenClaims } from "@ostiary/protocol";
import { invalidToken } from "./challenge.ts";

/** Who is asking, whichever issuer says so: the verified content of an access token. Frozen. */
export interface AnyIdentity {
  /** The user's id (`sub`). Unique for this issuer, never an e-mail address. */
  readonly subject: string;
  /** The session the token was issued in; null when the issuer does not say. */
  readonly sessionId: string | null;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Every claim of the token. */
  readonly claims: Readonly<JwtClaims>;
  readonly issuer: string;
}

/** Who is asking, as Ostiary says it. `Claims` are your own claims, beside those every access token has. */
export interface Identity<Claims extends object = object> extends AnyIdentity {
  /** The session the token was issued in (`sid`). */
  readonly sessionId: string;
  /** Every claim of the token, your own included. */
  readonly claims: Readonly<AccessTokenClaims & Claims>;
}

/**
 * Reads verified claims as those of an access token of Ostiary.
 * Throws a `GuardError` with reason `claim_invalid` when one that Ostiary always sets is missing or of another type.
 */
export function toIdentity<Claims extends object>(claims: Readonly<Record<string, unknown>>): Identity<Claims> {
  if (!isAccessTokenClaims(claims)) throw invalidToken("claim_invalid");
  return Object.freeze({
    subject: claims.sub,
    sessionId: claims.sid,
    roles: Object.freeze([...claims.roles]),
    scopes: Object.freeze(claims.scope.split(" ").filter((scope) => scope !== "")),
    claims: Object.freeze(claims) as Readonly<AccessTokenClaims & Claims>,
    issuer: claims.iss,
  });
}

/** What an issuer's own reading has found in its claims. */
export interface ForeignParts {
  readonly sessionId: unknown;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

/** Throws a `GuardError` with reason `claim_invalid` when there is no subject: a token of nobody is of no use. */
export function foreignIdentity(claims: Readonly<JwtClaims>, { sessionId, roles, scopes }: ForeignParts): AnyIdentity {
  const { sub, iss } = claims;
  if (sub === undefined || sub === "" || iss === undefined) throw invalidToken("claim_invalid");
  return Object.freeze({
    subject: sub,
    sessionId: isName(sessionId) ? sessionId : null,
    roles: Object.freeze([...new Set(roles)]),
    scopes: Object.freeze([...new Set(scopes)]),
    claims: Object.freeze(claims),
    issuer: iss,
  });
}

/** `exp`, `iat`, `iss` and `aud` are the verifier's business; what stands here is ours (RFC 9068 §2.2). */
function isAccessTokenClaims(claims: Readonly<Record<string, unknown>>): claims is AccessTokenClaims & typeof claims {
  return (
    isName(claims["sub"]) &&
    isName(claims["sid"]) &&
    isName(claims["jti"]) &&
    isName(claims["client_id"]) &&
    Number.isSafeInteger(claims["ver"]) &&
    (claims["ver"] as number) >= 1 &&
    typeof claims["scope"] === "string" &&
    Array.isArray(claims["roles"]) &&
    claims["roles"].every((role) => typeof role === "string")
  );
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
