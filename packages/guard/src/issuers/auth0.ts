/**
 * Auth0. Tokens as in its documentation, "Access Token Profiles": `typ` is `JWT` in its own profile and `at+jwt` in that
 * of RFC 9068; `iss` is `https://{domain}/`, with the slash; `aud` has the API's identifier, and `/userinfo` beside it.
 * With RBAC, `permissions` lists what the user may do at this API; roles are in no claim but those an Action adds.
 */
import { checkNames } from "../check-options.ts";
import { foreignIdentity } from "../identity.ts";
import { checkIssuer, openIdMetadata } from "./issuer-address.ts";
import { memberOf, namesIn, wordsIn } from "./read-claims.ts";
import { readOptions, trust, type IssuerOptions, type TrustedIssuer } from "./trusted-issuer.ts";

export interface Auth0Options extends IssuerOptions {
  /** The tenant's domain, or the custom one tokens are issued under: `example.eu.auth0.com`. */
  readonly domain: string;
  /** The claim that an Action puts roles into: `https://api.example/roles`. Default: none, and so no roles. */
  readonly rolesClaim?: string;
}

/** An Auth0 tenant. `permissions` count as scopes. Throws a TypeError when an option is missing or unknown. */
export function auth0(options: Auth0Options): TrustedIssuer {
  checkNames("auth0", options, ["domain", "audience", "algorithms", "keys", "rolesClaim"]);
  const { domain, rolesClaim } = options;
  if (typeof domain !== "string" || !/^[a-z0-9.-]+(:\d+)?$/i.test(domain)) {
    throw new TypeError("domain must be the tenant's domain alone, like example.eu.auth0.com");
  }
  const issuer = checkIssuer("domain", `https://${domain}/`);
  return trust({
    issuer,
    ...readOptions(options, ["RS256", "PS256"]),
    types: ["JWT", "at+jwt"],
    metadataUrls: [openIdMetadata(issuer)],
    toIdentity: (claims) =>
      foreignIdentity(claims, {
        sessionId: undefined,
        roles: rolesClaim === undefined ? [] : namesIn(memberOf(claims, rolesClaim)),
        scopes: [...wordsIn(claims["scope"]), ...namesIn(claims["permissions"])],
      }),
  });
}
