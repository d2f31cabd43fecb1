import { adminRoute, noSuch } from "../../../administer.ts";
import { adminUserResponse, toAdminUser } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const unlockUserRoute = adminRoute({
  method: "post",
  path: "/admin/users/{id}/unlock",
  operation: {
    summary: "Forget the wrong passwords and codes that were tried for a user",
    description: "Whoever knows the right ones can sign in at once.",
    requestParams: idInPath,
    responses: { 200: jsonAnswer("The user.", adminUserResponse), ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { users }) {
    const user = await users.unlock(idOf(c));
    if (user === null) throw noSuch("user");
    return c.json({ user: toAdminUser(user) });
  },
});
