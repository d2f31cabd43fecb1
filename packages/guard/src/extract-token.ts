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

/**
 * Throws a `GuardError`: 401 `missing_token` without bearer credentials, 401 `invalid_token` when they are not
 * `Bearer`, one space and at most 16,384 characters, 400 when there are two (RFC 6750 §2). That the rest is a token68
 * is not looked at: a JWT has fewer characters still, the verifier knows them, and what it has cached needs no look.
 */
export function extractToken(request: GuardedRequest): string {
  const header = request.headers.get("authorization");
  if (header === null || !isBearer(header)) {
    if (header !== null && /,[ \t]*bearer[ \t]/i.test(header)) throw repeatedToken();
    throw missingToken();
  }
  const token = header.slice("Bearer ".length);
  if (token.length > MAX_TOKEN_LENGTH) throw invalidToken("token_malformed");
  // A token68 has no comma: one means that a second header was joined on.
  if (header.includes(",")) throw repeatedToken();
  if (header[6] !== " ") throw invalidToken("token_malformed");
  if (hasQueryToken(request.url)) throw repeatedToken();
  return token;
}

function isBearer(header: string): boolean {
  const boundary = header.length === 6 || header[6] === " " || header[6] === "\t" || header[6] === ",";
  return boundary && header.slice(0, 6).toLowerCase() === "bearer";
}

function hasQueryToken(url: string): boolean {
  // Parsing is left for the rare address that mentions the parameter at all.
  if (!url.includes("access_token=")) return false;
  const query = url.slice(url.indexOf("?") + 1).split("#")[0];
  return url.includes("?") && new URLSearchParams(query).has("access_token");
}
