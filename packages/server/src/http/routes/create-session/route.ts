import { signIn } from "../../begin-session.ts";
import { readBody } from "../../body.ts";
import { loginRequest, tokenResponse } from "../../fields.ts";
import { jsonAnswer, jsonBody, refusals } from "../../operation.ts";
import { refuseForeignOrigin } from "../../origin-check.ts";
import type { Route } from "../../route.ts";
import { respondWithTokens } from "../../token-response.ts";

export const createSessionRoute: Route = {
  method: "post",
  path: "/login",
  operation: {
    summary: "Sign in with e-mail and password",
    requestBody: jsonBody(loginRequest),
    responses: {
      200: jsonAnswer("A new session.", tokenResponse),
      ...refusals({ 400: "`invalid_request`", 401: "`invalid_credentials`", 403: "`csrf_failed`", 429: "`too_many_attempts`" }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const { remember = false, delivery = "cookie", ...credentials } = await readBody(c, loginRequest);
    const { issued, device } = await signIn(c, deps, credentials, { remember, delivery });
    return respondWithTokens(c, deps, issued, { delivery, device, status: 200 });
  },
};
