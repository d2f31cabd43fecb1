import { createSession } from "../../../sessions/create.ts";
import { endReplacedSession } from "../../../sessions/replace.ts";
import { hashOf } from "../../../sessions/hash-of.ts";
import { authenticateUser } from "../../../users/authenticate.ts";
import { readBody } from "../../body.ts";
import { deviceOf } from "../../device.ts";
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
    const device = deviceOf(c);
    const known = deps.cookies.readDevice(c);
    const deviceHash = known === null ? null : hashOf(known);
    const user = await authenticateUser(deps.users, { ...credentials, deviceHash }, device, c.req.raw.signal);
    const deviceCookie = delivery === "cookie" ? (known ?? deps.cookies.newDevice()) : null;
    const issued = await createSession(deps.sessions, user, { remember, deviceCookie, device, audit: "login" });
    if (delivery === "cookie") await endReplacedSession(deps.sessions, deps.cookies.readRefreshToken(c), issued.session);
    return respondWithTokens(c, deps, issued, { delivery, device: deviceCookie, status: 200 });
  },
};
