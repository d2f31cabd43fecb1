import { createSession } from "../../../sessions/create.ts";
import { endReplacedSession } from "../../../sessions/replace.ts";
import { createUser } from "../../../users/create-user.ts";
import { readBody } from "../../body.ts";
import { deviceOf } from "../../device.ts";
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
    const device = deviceOf(c);
    await deps.users.limits.signup(device.ip);
    const user = await createUser({ ...deps.users, random: deps.sessions.random }, newUser, device, c.req.raw.signal);
    const deviceCookie = delivery === "cookie" ? (deps.cookies.readDevice(c) ?? deps.cookies.newDevice()) : null;
    const issued = await createSession(deps.sessions, user, { remember, deviceCookie, device, audit: "signup" });
    if (delivery === "cookie") await endReplacedSession(deps.sessions, deps.cookies.readRefreshToken(c), issued.session);
    return respondWithTokens(c, deps, issued, { delivery, device: deviceCookie, status: 201 });
  },
};
