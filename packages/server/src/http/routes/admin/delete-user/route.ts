import { adminRoute, noSuch, refuseOneself } from "../../../administer.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, noContent, refusals } from "../../../operation.ts";

export const deleteUserRoute = adminRoute({
  method: "delete",
  path: "/admin/users/{id}",
  operation: {
    summary: "Delete a user",
    description: "Signs them out everywhere first. The audit keeps what happened under their id.",
    requestParams: idInPath,
    responses: {
      204: noContent,
      ...refusals({ 400: "`invalid_request`: it is oneself, or the last administrator", 404: "`not_found`" }),
    },
  },
  async handle(c, { users, user: admin }) {
    const id = idOf(c);
    refuseOneself(admin, id, "delete");
    if ((await users.delete(id)) === null) throw noSuch("user");
    return c.body(null, 204);
  },
});
