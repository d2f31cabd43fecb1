import { adminRoute, noSuch } from "../../../administer.ts";
import { adminUserResponse, toAdminUser } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const resetSecondFactorsRoute = adminRoute({
  method: "delete",
  path: "/admin/users/{id}/second-factors",
  operation: {
    summary: "Take a user's second factors away",
    description: "For who has lost them: their password lets them in alone again. They are written of it. Make sure who asks.",
    requestParams: idInPath,
    responses: { 200: jsonAnswer("The user.", adminUserResponse), ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { users }) {
    const user = await users.resetSecondFactors(idOf(c));
    if (user === null) throw noSuch("user");
    return c.json({ user: toAdminUser(user) });
  },
});
