import type { Session as SessionBody } from "@ostiary/protocol";
import { sessionExpiresAt } from "../../../sessions/session.ts";
import type { Session } from "../../../sessions/session.ts";
import { ownIdentity } from "../../current-user.ts";
import { sessionsResponse } from "../../fields.ts";
import { jsonAnswer, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const listSessionsRoute: Route = {
  method: "get",
  path: "/sessions",
  operation: {
    summary: "The devices one is signed in on",
    security: security("bearer"),
    responses: {
      200: jsonAnswer("Live sessions.", sessionsResponse),
      ...refusals({ 401: "`missing_token` or `invalid_token`" }),
    },
  },
  async handle(c, deps) {
    const { subject, sessionId } = await ownIdentity(c, deps);
    const sessions = await deps.sessions.store.listLive(subject, deps.sessions.clock());
    return c.json({ sessions: sessions.map((session) => toSessionBody(session, sessionId)) });
  },
};

function toSessionBody(session: Session, currentId: string): SessionBody {
  return {
    id: session.id,
    current: session.id === currentId,
    device: session.device.label,
    ip: session.device.ip,
    userAgent: session.device.userAgent,
    createdAt: new Date(session.createdAt).toISOString(),
    lastUsedAt: new Date(session.rotatedAt).toISOString(),
    expiresAt: new Date(sessionExpiresAt(session)).toISOString(),
    remember: session.remember,
  };
}
