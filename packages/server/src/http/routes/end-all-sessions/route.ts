import { revokeAllSessions } from "../../../sessions/revoke.ts";
import { ownIdentity } from "../../current-user.ts";
import { deviceOf } from "../../device.ts";
import { noContent, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const endAllSessionsRoute: Route = {
  method: "post",
  path: "/logout-all",
  operation: {
    summary: "Sign out everywhere",
    security: security("bearer"),
    responses: { 204: noContent, ...refusals({ 401: "`missing_token` or `invalid_token`" }) },
  },
  async handle(c, deps) {
    const { subject, sessionId } = await ownIdentity(c, deps);
    await revokeAllSessions(deps.sessions, subject, sessionId, deviceOf(c));
    if (deps.cookies.readRefreshToken(c) !== null) deps.cookies.clearSession(c);
    return c.body(null, 204);
  },
};
