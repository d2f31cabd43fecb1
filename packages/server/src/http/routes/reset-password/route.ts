import { resetPassword } from "../../../users/reset-password.ts";
import { readBody } from "../../body.ts";
import { deviceOf } from "../../device.ts";
import { mailFlowDeps } from "../../mail-flow.ts";
import { resetPasswordRequest } from "../../mail-fields.ts";
import { jsonBody, noContent, refusals } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const resetPasswordRoute: Route = {
  method: "post",
  path: "/password/reset",
  operation: {
    summary: "Set a new password by the link that was mailed",
    description: "All sessions end, and nobody is signed in by it. A password that is refused does not use the link up.",
    requestBody: jsonBody(resetPasswordRequest),
    responses: {
      204: noContent,
      ...refusals({
        400: "`invalid_link` or `invalid_request`",
        404: "`not_found`: no mail is configured",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    const flow = mailFlowDeps(deps, "passwords");
    await resetPassword(flow, await readBody(c, resetPasswordRequest), deviceOf(c), c.req.raw.signal);
    return c.body(null, 204);
  },
};
