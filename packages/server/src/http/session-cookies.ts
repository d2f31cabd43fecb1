import { OstiaryError } from "../errors.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

/** Clears the browser's cookies if they are of the session that has just ended; another session's stay. */
export function clearCookiesOf(c: HttpContext, deps: HttpDeps, sessionId: string): void {
  const cookie = deps.cookies.readRefreshToken(c);
  if (cookie !== null && sessionIdOf(cookie, deps) === sessionId) deps.cookies.clearSession(c);
}

function sessionIdOf(refreshToken: string, { sessions }: HttpDeps): string | null {
  try {
    return sessions.refreshTokens.read(refreshToken).sessionId;
  } catch (error) {
    if (error instanceof OstiaryError) return null; // Not a token of ours: no session's cookie.
    throw error;
  }
}
