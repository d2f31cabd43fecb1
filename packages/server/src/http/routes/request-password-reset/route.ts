import { requestReset } from "../../../users/reset-password.ts";
import { hashOf } from "../../../sessions/hash-of.ts";
import { readBody } from "../../body.ts";
import { askerOf, mailFlowDeps } from "../../mail-flow.ts";
import { forgotPasswordRequest } from "../../mail-fields.ts";
import { jsonBody, refusals } from "../../operation.ts";
import { refuseForeignOrigin } from "../../origin-check.ts";
import type { Route } from "../../route.ts";

export const requestPasswordResetRoute: Route = {
  method: "post",
  path: "/password/forgot",
  operation: {
    summary: "Have a link to a new password mailed",
    description: "The same answer, after the same work, whether anybody has the address or not.",
    requestBody: jsonBody(forgotPasswordRequest),
    responses: {
      202: { description: "If there is such an account, a mail is on its way." },
      ...refusals({
        400: "`invalid_request`",
        403: "`csrf_failed`",
        404: "`not_found`: no mail is configured",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const flow = mailFlowDeps(deps, "passwords");
    const { email } = await readBody(c, forgotPasswordRequest);
    const device = deps.cookies.readDevice(c);
    await requestReset(flow, { email, deviceHash: device === null ? null : hashOf(device) }, askerOf(c));
    return c.body(null, 202);
  },
};
