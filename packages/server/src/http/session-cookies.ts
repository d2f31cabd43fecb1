import { OstiaryError } from "../errors.ts";
import { hashOf } from "../sessions/hash-of.ts";
import type { Session } from "../sessions/session.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

/** Clears the browser's cookies if they are of the session that has just ended; another session's stay. */
export function clearCookiesOf(c: HttpContext, deps: HttpDeps, sessionId: string): void {
  const cookie = deps.cookies.readRefreshToken(c);
  if (cookie !== null && sessionIdOf(cookie, deps) === sessionId) deps.cookies.clearSession(c);
}

/**
 * Whether this is the browser that the session is in. Whoever has copied a refresh token, and no other cookie, may get
 * tokens by it until the theft is found, but no cookie that opens the pages.
 */
export function isItsBrowser(c: HttpContext, { cookies, browserTokens }: HttpDeps, session: Session): boolean {
  const signin = cookies.readSignin(c);
  if (signin !== null && browserTokens.isSignin(signin, session)) return true;
  const device = cookies.readDevice(c);
  return device !== null && session.deviceHash === hashOf(device);
}

/** The session whose refresh token it is; null if it is none of ours. */
export function sessionIdOf(refreshToken: string, { sessions }: HttpDeps): string | null {
  try {
    return sessions.refreshTokens.read(refreshToken).sessionId;
  } catch (error) {
    if (error instanceof OstiaryError) return null; // Not a token of ours: no session's cookie.
    throw error;
  }
}
