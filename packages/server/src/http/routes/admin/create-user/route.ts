import { adminRoute } from "../../../administer.ts";
import { adminUserResponse, createUserRequest, toAdminUser } from "../../../admin-fields.ts";
import { readBody } from "../../../body.ts";
import { jsonAnswer, jsonBody, refusals } from "../../../operation.ts";

export const createUserRoute = adminRoute({
  method: "post",
  path: "/admin/users",
  operation: {
    summary: "Create a user",
    requestBody: jsonBody(createUserRequest),
    responses: {
      201: jsonAnswer("The user.", adminUserResponse),
      ...refusals({ 400: "`invalid_request`", 409: "`email_taken`" }),
    },
  },
  async handle(c, { users }) {
    const user = await users.create(await readBody(c, createUserRequest));
    return c.json({ user: toAdminUser(user) }, 201);
  },
});
