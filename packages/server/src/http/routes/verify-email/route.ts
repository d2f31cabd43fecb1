import { verifyEmail } from "../../../users/verify-email.ts";
import { readBody } from "../../body.ts";
import { deviceOf } from "../../device.ts";
import { mailFlowDeps } from "../../mail-flow.ts";
import { mailTokenRequest } from "../../mail-fields.ts";
import { jsonBody, noContent, refusals } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const verifyEmailRoute: Route = {
  method: "post",
  path: "/email/verify",
  operation: {
    summary: "Verify an e-mail address by the link that was mailed",
    requestBody: jsonBody(mailTokenRequest),
    responses: {
      204: noContent,
      ...refusals({
        400: "`invalid_link` or `invalid_request`",
        404: "`not_found`: not offered here",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    const flow = mailFlowDeps(deps, "addresses");
    const { token } = await readBody(c, mailTokenRequest);
    await verifyEmail(flow, token, deviceOf(c));
    return c.body(null, 204);
  },
};
