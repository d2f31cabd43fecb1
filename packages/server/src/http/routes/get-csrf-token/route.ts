import { OstiaryError } from "../../../errors.ts";
import { sessionOfToken } from "../../../sessions/find.ts";
import { isLive } from "../../../sessions/session.ts";
import { csrfResponse } from "../../fields.ts";
import { jsonAnswer, refusals, security } from "../../operation.ts";
import { refuseForeignOrigin } from "../../origin-check.ts";
import type { Route } from "../../route.ts";

export const getCsrfTokenRoute: Route = {
  method: "get",
  path: "/csrf",
  operation: {
    summary: "The CSRF token of the cookie's session",
    description: "For apps on an allowed origin that cannot read the `ostiary_csrf` cookie.",
    security: security("refreshCookie"),
    responses: {
      200: jsonAnswer("For the header X-CSRF-Token.", csrfResponse),
      ...refusals({ 401: "`missing_token` or `invalid_token`", 403: "`csrf_failed`" }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const cookie = deps.cookies.readOnlyRefreshToken(c);
    if (cookie === null) throw new OstiaryError("missing_token", "There is no session cookie.");
    const session = await sessionOfToken(deps.sessions, deps.sessions.refreshTokens.read(cookie));
    if (session === null || !isLive(session, deps.sessions.clock())) {
      const wasRevoked = session !== null && session.revokedAt !== null;
      const reason = wasRevoked ? "session_revoked" : "session_expired";
      throw new OstiaryError("invalid_token", "The session has ended. Sign in again.", { reason });
    }
    return c.json({ csrfToken: deps.browserTokens.csrf(session.id) });
  },
};
