/**
 * Keycloak. Tokens as in its Server Administration Guide: `iss` is `{url}/realms/{realm}`; the header's `typ` is `JWT`,
 * or `at+jwt` where a client is set so; ID and refresh tokens say `JWT` too, and it is the claim `typ` that tells them
 * apart. Realm roles are in `realm_access.roles`, roles of clients in `resource_access.{client}.roles`. An API is in
 * `aud` only if a mapper or a role of its client puts it there.
 */
import { invalidToken } from "../challenge.ts";
import { checkNames } from "../check-options.ts";
import { foreignIdentity } from "../identity.ts";
import { checkIssuer, openIdMetadata, withoutSlash } from "./issuer-address.ts";
import { memberOf, namesIn, wordsIn } from "./read-claims.ts";
import { readOptions, trust, type IssuerOptions, type TrustedIssuer } from "./trusted-issuer.ts";

export interface KeycloakOptions extends IssuerOptions {
  /** Where Keycloak is, as its tokens say it: `https://sso.example`; with `/auth` if it is served there. */
  readonly url: string;
  readonly realm: string;
  /** The client whose roles count beside the realm's. Default: the `audience`, each of them. */
  readonly client?: string;
}

/** A realm of Keycloak. Throws a TypeError when an option is missing or unknown. */
export function keycloak(options: KeycloakOptions): TrustedIssuer {
  checkNames("keycloak", options, ["url", "realm", "audience", "algorithms", "keys", "client"]);
  const { realm, client } = options;
  if (typeof realm !== "string" || realm === "") throw new TypeError("realm must be the realm's name");
  const issuer = `${withoutSlash(checkIssuer("url", options.url))}/realms/${encodeURIComponent(realm)}`;
  const common = readOptions(options);
  const clients = client === undefined ? [common.audience].flat() : [client];
  return trust({
    issuer,
    ...common,
    types: ["JWT", "at+jwt"],
    metadataUrls: [openIdMetadata(issuer)],
    toIdentity(claims) {
      if (claims["typ"] !== "Bearer") throw invalidToken("claim_invalid");
      const ofClients = clients.flatMap((each) => namesIn(memberOf(claims, "resource_access", each, "roles")));
      return foreignIdentity(claims, {
        sessionId: claims["sid"],
        roles: [...namesIn(memberOf(claims, "realm_access", "roles")), ...ofClients],
        scopes: wordsIn(claims["scope"]),
      });
    },
  });
}
