import type { AccessTokenClaims } from "@ostiary/protocol";
import { invalidToken } from "./challenge.ts";

/** Who is asking: the verified content of an access token. Frozen. */
export interface Identity<Claims extends object = object> {
  /** The user's id (`sub`). Unique for this issuer, never an e-mail address. */
  readonly subject: string;
  /** The session the token was issued in (`sid`). */
  readonly sessionId: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Every claim of the token, your own included. */
  readonly claims: Readonly<AccessTokenClaims & Claims>;
  readonly issuer: string;
}

/**
 * Reads verified claims as those of an access token.
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

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
