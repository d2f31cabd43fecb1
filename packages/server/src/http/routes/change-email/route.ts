import { requestEmailChange } from "../../../users/change-email.ts";
import { readBody } from "../../body.ts";
import { ownIdentity } from "../../current-user.ts";
import { askerOf, mailFlowDeps } from "../../mail-flow.ts";
import { changeEmailRequest } from "../../mail-fields.ts";
import { jsonBody, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const changeEmailRoute: Route = {
  method: "post",
  path: "/email",
  operation: {
    summary: "Ask for another e-mail address",
    description:
      "Nothing changes until the link that is mailed to the new address was followed. Whether somebody has it is not told.",
    security: security("bearer"),
    requestBody: jsonBody(changeEmailRequest),
    responses: {
      202: { description: "A mail to the new address is on its way." },
      ...refusals({
        400: "`invalid_request`",
        401: "`missing_token`, `invalid_token`, or `invalid_credentials` if the current password is wrong",
        404: "`not_found`: not offered here",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    const { subject, sessionId } = await ownIdentity(c, deps);
    const flow = mailFlowDeps(deps, "addresses");
    const change = await readBody(c, changeEmailRequest);
    await requestEmailChange(flow, { userId: subject, sessionId, ...change }, askerOf(c), c.req.raw.signal);
    return c.body(null, 202);
  },
};
