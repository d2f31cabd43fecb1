import { decode, JwtError } from "@ostiary/jwt";
import type { RecentOptions } from "../../requirements.ts";
import type { Site } from "./find-token.ts";

/** What the issuer takes back. Longer ones lose their query. */
const MAX_RETURN = 2000;

/**
 * The address at the issuer where a session is refreshed and the request sent back to `returnTo`. It is told which token
 * was refused, and which cookie is read: one that it has only just made would be refused for ever, or never be seen.
 */
export function continueAddress(issuer: string, { cookieName }: Site, returnTo: string, refused: string | null): string {
  const jti = refused === null ? null : tokenId(refused);
  const query = new URLSearchParams({ return_to: fitting(returnTo), cookie: cookieName, ...(jti === null ? {} : { refused: jti }) });
  return `${issuer}/continue?${query.toString()}`;
}

/** The address at the issuer where whoever is signed in does so anew, or by more, and is sent back to `returnTo`. */
export function stepUpAddress(issuer: string, { maxAgeSeconds, methods }: RecentOptions, returnTo: string): string {
  const query = new URLSearchParams({
    max_age: String(maxAgeSeconds),
    ...(methods === undefined ? {} : { methods: methods.join(" ") }),
    return_to: fitting(returnTo),
  });
  return `${issuer}/step-up?${query.toString()}`;
}

function fitting(path: string): string {
  return path.length > MAX_RETURN ? (path.split("?", 1)[0] ?? "/") : path;
}

function tokenId(token: string): string | null {
  try {
    const { jti } = decode(token).claims;
    return typeof jti === "string" && jti.length <= 100 ? jti : null;
  } catch (error) {
    if (error instanceof JwtError) return null;
    throw error;
  }
}
