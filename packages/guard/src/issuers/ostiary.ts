import { ACCESS_TOKEN_TYPE } from "@ostiary/protocol";
import { checkNames } from "../check-options.ts";
import { checkRevocation, type RevocationOptions } from "../followed-revocations.ts";
import { toIdentity, type Identity } from "../identity.ts";
import { checkIssuer, openIdMetadata } from "./issuer-address.ts";
import { readOptions, trust, type IssuerDefinition, type IssuerOptions, type TrustedIssuer } from "./trusted-issuer.ts";

export interface OstiaryOptions extends IssuerOptions {
  /** URL of the auth server, exactly as in the tokens' `iss`: https, or http on a loopback address. */
  readonly issuer: string;
  /** Lets the guard see what is revoked, by the auth server's feed. Without it a token is good until it expires. */
  readonly revocation?: RevocationOptions;
}

/** An Ostiary auth server. Throws a TypeError when an option is missing, unknown or out of range. */
export function ostiary(options: OstiaryOptions): TrustedIssuer {
  checkNames("ostiary", options, ["issuer", "audience", "algorithms", "keys", "revocation"]);
  return trust(defineOstiary(options));
}

export function defineOstiary<Claims extends object>(options: OstiaryOptions): IssuerDefinition<Identity<Claims>> {
  const issuer = checkIssuer("issuer", options.issuer);
  return {
    issuer,
    ...readOptions(options),
    types: [ACCESS_TOKEN_TYPE],
    metadataUrls: [openIdMetadata(issuer)],
    revocation: options.revocation === undefined ? undefined : checkRevocation(options.revocation),
    toIdentity: (claims) => toIdentity<Claims>(claims),
  };
}
