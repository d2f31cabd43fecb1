import { adminRoute, noSuch } from "../../../administer.ts";
import { adminUserWithWaysResponse, toAdminFactors, toAdminIdentity, toAdminUser } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const getUserRoute = adminRoute({
  method: "get",
  path: "/admin/users/{id}",
  operation: {
    summary: "One user",
    requestParams: idInPath,
    responses: {
      200: jsonAnswer("The user, and what lets them in beside a password.", adminUserWithWaysResponse),
      ...refusals({ 404: "`not_found`" }),
    },
  },
  async handle(c, { users }) {
    const user = await users.find(idOf(c));
    if (user === null) throw noSuch("user");
    const identities = (await users.identities(user.id)).map(toAdminIdentity);
    return c.json({ user: toAdminUser(user), identities, secondFactors: toAdminFactors(await users.secondFactors(user.id)) });
  },
});
