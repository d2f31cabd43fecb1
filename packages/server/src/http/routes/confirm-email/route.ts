import { confirmEmail } from "../../../users/change-email.ts";
import { readBody } from "../../body.ts";
import { deviceOf } from "../../device.ts";
import { mailFlowDeps } from "../../mail-flow.ts";
import { mailTokenRequest } from "../../mail-fields.ts";
import { jsonBody, noContent, refusals } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const confirmEmailRoute: Route = {
  method: "post",
  path: "/email/confirm",
  operation: {
    summary: "Take another e-mail address by the link that was mailed there",
    description: "Older access tokens are stale: refresh, and go on. The address of before is written to, with a way back.",
    requestBody: jsonBody(mailTokenRequest),
    responses: {
      204: noContent,
      ...refusals({
        400: "`invalid_link` or `invalid_request`",
        404: "`not_found`: not offered here",
        409: "`email_taken`: somebody has taken it meanwhile",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    const flow = mailFlowDeps(deps, "addresses");
    const { token } = await readBody(c, mailTokenRequest);
    await confirmEmail(flow, token, deviceOf(c));
    return c.body(null, 204);
  },
};
