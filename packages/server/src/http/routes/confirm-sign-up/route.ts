import { confirmSignUp } from "../../../users/sign-up-by-mail.ts";
import { readBody } from "../../body.ts";
import { deviceOf } from "../../device.ts";
import { mailFlowDeps } from "../../mail-flow.ts";
import { confirmSignUpRequest } from "../../mail-fields.ts";
import { jsonBody, noContent, refusals } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const confirmSignUpRoute: Route = {
  method: "post",
  path: "/signup/confirm",
  operation: {
    summary: "Make the account that somebody signed up for, by the link that was mailed and the password that was chosen",
    description: "Where `signup.concealExisting` is on. Nobody is signed in by it. A wrong password does not use the link up.",
    requestBody: jsonBody(confirmSignUpRequest),
    responses: {
      204: noContent,
      ...refusals({
        400: "`invalid_link` or `invalid_request`",
        401: "`invalid_credentials`: not the password of this sign-up",
        404: "`not_found`: not offered here",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    const flow = mailFlowDeps(deps, "addresses");
    await confirmSignUp(flow, await readBody(c, confirmSignUpRequest), deviceOf(c), c.req.raw.signal);
    return c.body(null, 204);
  },
};
