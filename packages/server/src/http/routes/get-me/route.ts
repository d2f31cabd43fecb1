import { currentUser } from "../../current-user.ts";
import { userResponse } from "../../fields.ts";
import { jsonAnswer, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";
import { toUserBody } from "../../user-body.ts";

export const getMeRoute: Route = {
  method: "get",
  path: "/me",
  operation: {
    summary: "Who is signed in",
    security: security("bearer"),
    responses: {
      200: jsonAnswer("The user.", userResponse),
      ...refusals({ 401: "`missing_token` or `invalid_token`" }),
    },
  },
  async handle(c, deps) {
    const { user } = await currentUser(c, deps);
    return c.json({ user: toUserBody(user) });
  },
};
