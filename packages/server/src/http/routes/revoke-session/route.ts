import { z } from "zod";
import { OstiaryError } from "../../../errors.ts";
import { revokeSession } from "../../../sessions/revoke.ts";
import { ownIdentity } from "../../current-user.ts";
import { deviceOf } from "../../device.ts";
import { idOf } from "../../id-of.ts";
import { noContent, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";
import { clearCookiesOf } from "../../session-cookies.ts";

export const revokeSessionRoute: Route = {
  method: "delete",
  path: "/sessions/{id}",
  operation: {
    summary: "Sign out of one device",
    security: security("bearer"),
    requestParams: { path: z.object({ id: z.string() }) },
    responses: {
      204: noContent,
      ...refusals({ 401: "`missing_token` or `invalid_token`", 404: "`not_found`: no such session of this user" }),
    },
  },
  async handle(c, deps) {
    const { subject } = await ownIdentity(c, deps);
    const session = await deps.sessions.store.find(idOf(c));
    if (session === null || session.userId !== subject) {
      throw new OstiaryError("not_found", "You have no session with this id.");
    }
    await revokeSession(deps.sessions, session, "session_deleted", deviceOf(c));
    clearCookiesOf(c, deps, session.id);
    return c.body(null, 204);
  },
};
