/**
 * Finds the access token of a request: in the Authorization header, and nowhere else (RFC 6750 §2.1).
 * Tokens in the query string are ignored, and bodies are never read. What the token is worth is not judged here.
 */
import { invalidToken, missingToken, repeatedToken } from "./challenge.ts";

/** What a guard looks at in a request. A web `Request` is one. */
export interface GuardedRequest {
  readonly method: string;
  /** Absolute, or a path with its query. */
  readonly url: string;
  /** `get` joins repeated headers with a comma, as a web `Headers` does. */
  readonly headers: { get(name: string): string | null };
}

/** In characters. Node itself stops at 16 KB of headers; a web `Request` does not. */
export const MAX_TOKEN_LENGTH = 16_384;

/** A token that came by the scheme DPoP (RFC 9449 §7.1): good with a proof alone. */
export interface BoundCredentials {
  readonly boundToken: string;
}

/**
 * The token of a request: as it is when it came by `Bearer`. Throws a `GuardError`: 401 `missing_token` without one, 401
 * `invalid_token` when the credentials are not `Bearer` or `DPoP`, one space and at most 16,384 characters, 400 when there
 * are two (RFC 6750 §2). That the rest is a token68 is not looked at: a JWT has fewer characters still, the verifier knows
 * them, and what it has cached needs no look.
 */
export function extractToken(request: GuardedRequest): string | BoundCredentials {
  const header = request.headers.get("authorization");
  if (header !== null && isScheme(header, "bearer")) return readToken(request, header, "bearer");
  if (header !== null && isScheme(header, "dpop")) return { boundToken: readToken(request, header, "dpop") };
  if (header !== null && /,[ \t]*(?:bearer|dpop)[ \t]/i.test(header)) throw repeatedToken();
  throw missingToken();
}

function readToken(request: GuardedRequest, header: string, { length }: string): string {
  const token = header.slice(length + 1);
  if (token.length > MAX_TOKEN_LENGTH) throw invalidToken("token_malformed");
  // A token68 has no comma: one means that a second header was joined on.
  if (header.includes(",")) throw repeatedToken();
  if (header[length] !== " ") throw invalidToken("token_malformed");
  if (hasQueryToken(request.url)) throw repeatedToken();
  return token;
}

function isScheme(header: string, scheme: string): boolean {
  const after = header[scheme.length];
  const boundary = after === undefined || after === " " || after === "\t" || after === ",";
  return boundary && header.slice(0, scheme.length).toLowerCase() === scheme;
}

/** Parsing is left for the rare address that mentions the parameter at all. */
export function mayHaveQueryToken(url: string): boolean {
  return url.includes("access_token=");
}

function hasQueryToken(url: string): boolean {
  if (!mayHaveQueryToken(url)) return false;
  const query = url.slice(url.indexOf("?") + 1).split("#")[0];
  return url.includes("?") && new URLSearchParams(query).has("access_token");
}
