/** Any other issuer that signs its access tokens as JWTs: by RFC 9068 as it stands, by options where it differs. */
import { checkAddress } from "../address.ts";
import { checkNames } from "../check-options.ts";
import { foreignIdentity } from "../identity.ts";
import { checkIssuer, oauthMetadata, openIdMetadata } from "./issuer-address.ts";
import { memberOf, namesIn, wordsIn } from "./read-claims.ts";
import { readOptions, trust, type IssuerOptions, type TrustedIssuer } from "./trusted-issuer.ts";

export interface OidcOptions extends IssuerOptions {
  /** Exactly as in the tokens' `iss`: https, or http on a loopback address. */
  readonly issuer: string;
  /** Where its keys are. Default: found by discovery (OpenID Connect Discovery §4, else RFC 8414 §3). */
  readonly jwksUri?: string;
  /**
   * The `typ` headers of its access tokens. Default: `at+jwt` (RFC 9068 §2.1). With `JWT` it is the audience alone that
   * keeps ID tokens out, so that it must be none of the issuer's client ids.
   */
  readonly types?: readonly string[];
  /** Where roles are: a claim, or the way to it. Default: `roles` (RFC 9068 §2.2.3.1). */
  readonly rolesClaim?: string | readonly string[];
  /** Where scopes are, as a text or a list. Default: `scope` (RFC 9068 §2.2.3). */
  readonly scopesClaim?: string | readonly string[];
}

/** Any issuer with JWT access tokens. Throws a TypeError when an option is missing or unknown. */
export function oidc(options: OidcOptions): TrustedIssuer {
  const names = ["issuer", "audience", "algorithms", "keys", "jwksUri", "types", "rolesClaim", "scopesClaim"];
  checkNames("oidc", options, names);
  const { types = ["at+jwt"], rolesClaim = "roles", scopesClaim = "scope", jwksUri } = options;
  const issuer = checkIssuer("issuer", options.issuer);
  if (jwksUri !== undefined) checkAddress("jwksUri", jwksUri);
  if (!isTextList(types)) throw new TypeError("types must be a list of the typ headers of access tokens");
  const [roles, scopes] = [[rolesClaim].flat(), [scopesClaim].flat()];
  if (!isTextList(roles)) throw new TypeError("rolesClaim must be a claim, or the way to one");
  if (!isTextList(scopes)) throw new TypeError("scopesClaim must be a claim, or the way to one");
  return trust({
    issuer,
    ...readOptions(options),
    types,
    jwksUri,
    metadataUrls: [openIdMetadata(issuer), oauthMetadata(issuer)],
    toIdentity: (claims) =>
      foreignIdentity(claims, {
        sessionId: claims["sid"],
        roles: namesIn(memberOf(claims, ...roles)),
        scopes: wordsIn(memberOf(claims, ...scopes)),
      }),
  });
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string" && each !== "");
}
