import { AuthError } from "../auth-error.ts";
import { decodeBase64url } from "../base64url.ts";

/** Who is signed in, as far as the app was granted to know. */
export interface Profile {
  /** The same for this user at this issuer, for ever (`sub`). */
  readonly id: string;
  /** Null without the scope `profile`, or where the user has none. */
  readonly name: string | null;
  /** Null without the scope `email`. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** Of the operator's own apps alone (`--first-party`); others are not told, and it is empty. */
  readonly roles: readonly string[];
}

/**
 * Reads an ID token that has come straight from the issuer, over TLS: that stands in for its signature and its expiry, which
 * a wrong clock here would misjudge (OIDC Core §3.1.3.7). Throws an `AuthError` if it is not about this sign-in.
 */
export function readIdToken(
  idToken: string | undefined,
  expected: { readonly issuer: string; readonly clientId: string; readonly nonce: string | null },
): Profile {
  const { iss, aud, nonce, sub, name, email, email_verified: verified, roles } = claimsOf(idToken);
  const [audience, ...others] = [aud].flat();
  const isForUs = iss === expected.issuer && audience === expected.clientId && others.length === 0;
  // After a refresh there is none (§12.2).
  const isForThis = expected.nonce === null || nonce === expected.nonce;
  if (!isForUs || !isForThis || typeof sub !== "string") {
    throw new AuthError("unexpected_answer", "The ID token is not of this issuer, or not for this app and this sign-in.");
  }
  return {
    id: sub,
    name: textOr(name),
    email: textOr(email),
    emailVerified: verified === true,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [],
  };
}

function claimsOf(idToken: string | undefined): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(decodeBase64url(idToken?.split(".")[1] ?? "")));
    return (claims ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function textOr(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
