import { adminUserResponse, firstAdminRequest, toAdminUser } from "../../../admin-fields.ts";
import { readBody } from "../../../body.ts";
import { deviceOf } from "../../../device.ts";
import { jsonAnswer, jsonBody, refusals } from "../../../operation.ts";
import { refuseForeignOrigin } from "../../../origin-check.ts";
import type { Route } from "../../../route.ts";

export const claimFirstAdminRoute: Route = {
  method: "post",
  path: "/admin/first",
  operation: {
    summary: "Become the first administrator",
    description: "With the token of the link that the server prints when it starts and there is none.",
    tags: ["admin"],
    requestBody: jsonBody(firstAdminRequest),
    responses: {
      201: jsonAnswer("The administrator.", adminUserResponse),
      ...refusals({
        400: "`invalid_request`",
        403: "`csrf_failed`",
        404: "`not_found`: the link was used, is older than an hour, or there is an administrator, or was one",
        409: "`email_taken`",
      }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const { token, ...newUser } = await readBody(c, firstAdminRequest);
    const user = await deps.admin.firstAdmin.claim(token, newUser, deviceOf(c));
    return c.json({ user: toAdminUser(user) }, 201);
  },
};
