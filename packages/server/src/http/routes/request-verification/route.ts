import { requestVerification } from "../../../users/verify-email.ts";
import { currentUser } from "../../current-user.ts";
import { askerOf, mailFlowDeps } from "../../mail-flow.ts";
import { refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const requestVerificationRoute: Route = {
  method: "post",
  path: "/email/verification",
  operation: {
    summary: "Have the mail that verifies one's address sent once more",
    security: security("bearer"),
    responses: {
      202: { description: "A mail is on its way, unless the address is verified, or was written to too often." },
      ...refusals({
        401: "`missing_token` or `invalid_token`",
        404: "`not_found`: not offered here",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    const { user } = await currentUser(c, deps);
    await requestVerification(mailFlowDeps(deps, "addresses"), user, askerOf(c));
    return c.body(null, 202);
  },
};
