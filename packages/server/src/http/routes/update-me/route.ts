import { auditEvent } from "../../../audit/audit-event.ts";
import { readBody } from "../../body.ts";
import { currentUser } from "../../current-user.ts";
import { deviceOf } from "../../device.ts";
import { updateMeRequest, userResponse } from "../../fields.ts";
import { jsonAnswer, jsonBody, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";
import { toUserBody } from "../../user-body.ts";

export const updateMeRoute: Route = {
  method: "patch",
  path: "/me",
  operation: {
    summary: "Change one's profile",
    security: security("bearer"),
    requestBody: jsonBody(updateMeRequest),
    responses: {
      200: jsonAnswer("The user as changed.", userResponse),
      ...refusals({ 400: "`invalid_request`", 401: "`missing_token` or `invalid_token`" }),
    },
  },
  async handle(c, deps) {
    const { user, identity } = await currentUser(c, deps);
    const { name } = await readBody(c, updateMeRequest);
    if (name === undefined) return c.json({ user: toUserBody(user) });
    const who = { userId: user.id, sessionId: identity.sessionId };
    const audit = auditEvent("profile_updated", deps.users.clock(), deviceOf(c), who, { fields: ["name"] });
    const renamed = await deps.users.store.rename(user.id, name, audit);
    return c.json({ user: toUserBody(renamed ?? user) });
  },
};
