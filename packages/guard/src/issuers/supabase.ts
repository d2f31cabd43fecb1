/**
 * Supabase Auth. Tokens as in its documentation, "JWT Claims Reference" and "JWT Signing Keys": `iss` is
 * `{project}/auth/v1`, `aud` is `authenticated` for users who have signed in, `typ` is `JWT`; keys are published below
 * the issuer, except the legacy secret (HS256) of older projects. Roles of an application belong into `app_metadata`:
 * `user_metadata` is the user's own to change, and `role` is a role of the database.
 */
import type { Key } from "@ostiary/jwt";
import { checkNames } from "../check-options.ts";
import { foreignIdentity } from "../identity.ts";
import { checkIssuer, withoutSlash } from "./issuer-address.ts";
import { memberOf, namesIn, wordsIn } from "./read-claims.ts";
import { readOptions, trust, type IssuerOptions, type TrustedIssuer } from "./trusted-issuer.ts";

export interface SupabaseOptions extends Omit<IssuerOptions, "audience"> {
  /** `https://<project>.supabase.co`, or where the project is hosted. */
  readonly projectUrl: string;
  /** Default: `authenticated`. */
  readonly audience?: string | readonly string[];
  /** The legacy JWT secret, by `importSecret(text, { algorithm: "HS256" })`; good beside the published keys. */
  readonly legacySecret?: Key;
}

/** A Supabase project. Throws a TypeError when an option is missing or unknown. */
export function supabase(options: SupabaseOptions): TrustedIssuer {
  checkNames("supabase", options, ["projectUrl", "audience", "algorithms", "keys", "legacySecret"]);
  const { audience = "authenticated", legacySecret } = options;
  if (legacySecret !== undefined && legacySecret.algorithm !== "HS256") {
    throw new TypeError('legacySecret must be a key of importSecret(secret, { algorithm: "HS256" })');
  }
  const issuer = `${withoutSlash(checkIssuer("projectUrl", options.projectUrl))}/auth/v1`;
  return trust({
    issuer,
    ...readOptions({ ...options, audience }, ["ES256", "RS256", "Ed25519"]),
    types: ["JWT"],
    legacySecret,
    jwksUri: `${issuer}/.well-known/jwks.json`,
    metadataUrls: [],
    toIdentity: (claims) =>
      foreignIdentity(claims, {
        sessionId: claims["session_id"],
        roles: namesIn(memberOf(claims, "app_metadata", "roles")),
        scopes: wordsIn(claims["scope"]),
      }),
  });
}
