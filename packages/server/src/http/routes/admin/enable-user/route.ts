import { adminRoute, noSuch } from "../../../administer.ts";
import { adminUserResponse, toAdminUser } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const enableUserRoute = adminRoute({
  method: "post",
  path: "/admin/users/{id}/enable",
  operation: {
    summary: "Let a disabled user sign in again",
    description: "Sessions and tokens of before stay ended.",
    requestParams: idInPath,
    responses: { 200: jsonAnswer("The user.", adminUserResponse), ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { users }) {
    const user = await users.enable(idOf(c));
    if (user === null) throw noSuch("user");
    return c.json({ user: toAdminUser(user) });
  },
});
