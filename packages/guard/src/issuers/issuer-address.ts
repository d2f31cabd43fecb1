import { checkAddress } from "../address.ts";

/** Checks the address of an issuer. Throws a TypeError that begins with `name`. */
export function checkIssuer(name: string, address: string): string {
  if (checkAddress(name, address).search !== "") throw new TypeError(`${name} must not have a query: ${address}`);
  return address;
}

export function withoutSlash(address: string): string {
  return address.replace(/\/$/, "");
}

/** Below the issuer (OpenID Connect Discovery §4). */
export function openIdMetadata(issuer: string): string {
  return `${withoutSlash(issuer)}/.well-known/openid-configuration`;
}

/** Between host and path (RFC 8414 §3.1). */
export function oauthMetadata(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${withoutSlash(pathname)}`;
}
