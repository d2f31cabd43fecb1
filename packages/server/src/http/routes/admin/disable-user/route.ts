import { adminRoute, noSuch, refuseOneself } from "../../../administer.ts";
import { adminUserResponse, toAdminUser } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const disableUserRoute = adminRoute({
  method: "post",
  path: "/admin/users/{id}/disable",
  operation: {
    summary: "Sign a user out everywhere and keep them out",
    requestParams: idInPath,
    responses: {
      200: jsonAnswer("The user.", adminUserResponse),
      ...refusals({ 400: "`invalid_request`: it is oneself, or the last administrator", 404: "`not_found`" }),
    },
  },
  async handle(c, { users, user: admin }) {
    const id = idOf(c);
    refuseOneself(admin, id, "disable");
    const user = await users.disable(id);
    if (user === null) throw noSuch("user");
    return c.json({ user: toAdminUser(user) });
  },
});
