import { signUp } from "../../begin-session.ts";
import { readBody } from "../../body.ts";
import { signupRequest, tokenResponse } from "../../fields.ts";
import { jsonAnswer, jsonBody, refusals } from "../../operation.ts";
import { refuseForeignOrigin } from "../../origin-check.ts";
import type { Route } from "../../route.ts";
import { respondWithTokens } from "../../token-response.ts";

export const createAccountRoute: Route = {
  method: "post",
  path: "/signup",
  operation: {
    summary: "Sign up, and sign in",
    requestBody: jsonBody(signupRequest),
    responses: {
      201: jsonAnswer("The account and its first session.", tokenResponse),
      ...refusals({ 400: "`invalid_request`", 403: "`csrf_failed`", 409: "`email_taken`", 429: "`too_many_attempts`" }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const { remember = false, delivery = "cookie", ...newUser } = await readBody(c, signupRequest);
    const { issued, device } = await signUp(c, deps, newUser, { remember, delivery });
    return respondWithTokens(c, deps, issued, { delivery, device, status: 201 });
  },
};
