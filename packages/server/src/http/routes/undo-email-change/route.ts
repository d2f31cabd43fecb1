import { undoEmail } from "../../../users/change-email.ts";
import { readBody } from "../../body.ts";
import { deviceOf } from "../../device.ts";
import { mailFlowDeps } from "../../mail-flow.ts";
import { mailTokenRequest } from "../../mail-fields.ts";
import { jsonBody, noContent, refusals } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const undoEmailChangeRoute: Route = {
  method: "post",
  path: "/email/undo",
  operation: {
    summary: "Take a change of the e-mail address back by the link that was mailed to the one of before",
    description: "All sessions end, and the password is good no more: it is to be reset by mail.",
    requestBody: jsonBody(mailTokenRequest),
    responses: {
      204: noContent,
      ...refusals({
        400: "`invalid_link` or `invalid_request`",
        404: "`not_found`: not offered here",
        409: "`email_taken`: somebody has taken the address of before meanwhile",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    const flow = mailFlowDeps(deps, "addresses");
    const { token } = await readBody(c, mailTokenRequest);
    await undoEmail(flow, token, deviceOf(c));
    return c.body(null, 204);
  },
};
