import { changePassword } from "../../../users/change-password.ts";
import { readBody } from "../../body.ts";
import { ownIdentity } from "../../current-user.ts";
import { deviceOf } from "../../device.ts";
import { changePasswordRequest } from "../../fields.ts";
import { jsonBody, noContent, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const changePasswordRoute: Route = {
  method: "post",
  path: "/password",
  operation: {
    summary: "Change one's password",
    description:
      "The user's other sessions end. Access tokens issued before are stale, this session's too: refresh, and go on.",
    security: security("bearer"),
    requestBody: jsonBody(changePasswordRequest),
    responses: {
      204: noContent,
      ...refusals({
        400: "`invalid_request`",
        401: "`missing_token`, `invalid_token`, or `invalid_credentials` if the current password is wrong",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    const { subject, sessionId } = await ownIdentity(c, deps);
    const passwords = await readBody(c, changePasswordRequest);
    const change = { userId: subject, sessionId, ...passwords };
    await changePassword({ ...deps.users, revocations: deps.sessions.revocations }, change, deviceOf(c), c.req.raw.signal);
    return c.body(null, 204);
  },
};
