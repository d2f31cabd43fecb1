/**
 * The form of a token: JWS Compact Serialization (RFC 7515 §7.1), of which exactly one text is accepted.
 *
 * Owns everything that can be said about a token without a key. Nothing that comes from here has been verified.
 */
import { decodeBase64url } from "./base64url.ts";
import { malformed } from "./errors.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";

/** Longer tokens are refused unread; HTTP servers refuse headers of a quarter of this. */
export const MAX_TOKEN_LENGTH = 65_536;

/** The protected header (RFC 7515 §4). */
export interface JwtHeader {
  readonly alg: string;
  readonly typ?: string;
  readonly kid?: string;
  readonly cty?: string;
  readonly [name: string]: unknown;
}

/** A token's claims (RFC 7519 §4). Times in seconds since the epoch. */
export interface JwtClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
  readonly [name: string]: unknown;
}

/** A token taken apart. */
export interface TokenParts {
  readonly headerText: string;
  /** Header and payload as they were signed; ASCII. */
  readonly signingInput: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
}

/**
 * Reads a token WITHOUT verifying it: anybody can have written what this returns. For logs and inspectors, and for
 * finding out which key to verify with; never for deciding what a caller may do.
 * @throws JwtError `token_malformed`.
 */
export function decode(token: string): { header: JwtHeader; claims: JwtClaims } {
  const parts = takeApart(token);
  return { header: parseHeader(parts.headerText), claims: parseJsonObject(parts.payload, "payload") };
}

/** Takes a token apart; throws a JwtError `token_malformed` unless each part is there, in its one canonical text. */
export function takeApart(token: unknown): TokenParts {
  if (typeof token !== "string") throw malformed("The token is not a text.");
  if (token.length > MAX_TOKEN_LENGTH) throw malformed("The token is too long.");
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 1 || second < 0 || token.indexOf(".", second + 1) >= 0) {
    throw malformed("The token does not have three parts.");
  }
  const payload = decodeBase64url(token.slice(first + 1, second));
  const signature = decodeBase64url(token.slice(second + 1));
  if (!payload || !signature) throw malformed("A part of the token is not base64url.");
  if (signature.length === 0) throw malformed("The token has no signature.");
  return { headerText: token.slice(0, first), signingInput: token.slice(0, second), payload, signature };
}

/**
 * Makes a `parseHeader` that remembers the last header: an issuer's tokens mostly share theirs, character by character.
 */
export function headerReader(): (text: string) => JwtHeader {
  let last: { text: string; header: JwtHeader } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, header: parseHeader(text) };
    return last.header;
  };
}

/** The header as an object with a usable `alg`; throws a JwtError `token_malformed`. */
export function parseHeader(text: string): JwtHeader {
  const bytes = decodeBase64url(text);
  if (!bytes) throw malformed("A part of the token is not base64url.");
  const header: JsonObject = parseJsonObject(bytes, "header");
  if (typeof header.alg !== "string") throw malformed("The header has no alg.");
  for (const name of ["typ", "kid", "cty"]) {
    if (header[name] !== undefined && typeof header[name] !== "string") throw malformed(`The header's ${name} is not a text.`);
  }
  return header as JwtHeader;
}

/**
 * Header parameters that would have us take a key from the token, change what was signed, or promise to understand
 * something (RFC 7515 §4.1.2 to §4.1.6 and §4.1.11, RFC 7797, RFC 7516 §4.1.3).
 */
export const REFUSED_PARAMETERS = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"] as const;

/** Throws a JwtError `token_malformed` if the header has a parameter that is refused. */
export function refuseParameters(header: JwtHeader, allowed?: "jwk"): void {
  for (const name of REFUSED_PARAMETERS) {
    if (name !== allowed && Object.hasOwn(header, name)) throw malformed(`The header has ${name}, which is refused.`);
  }
}
