import { adminRoute, noSuch, refuseOneself } from "../../../administer.ts";
import { adminUserResponse, setRolesRequest, toAdminUser } from "../../../admin-fields.ts";
import { readBody } from "../../../body.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, jsonBody, refusals } from "../../../operation.ts";
import { ADMIN_ROLE } from "../../../../users/roles.ts";

export const setRolesRoute = adminRoute({
  method: "patch",
  path: "/admin/users/{id}",
  operation: {
    summary: "Replace a user's roles",
    description: "Access tokens with the old ones are refused everywhere at once; sessions go on.",
    requestParams: idInPath,
    requestBody: jsonBody(setRolesRequest),
    responses: {
      200: jsonAnswer("The user.", adminUserResponse),
      ...refusals({
        400: "`invalid_request`: also for taking the role `admin` from oneself, or from the last who can sign in with it",
        404: "`not_found`",
      }),
    },
  },
  async handle(c, { users, user: admin }) {
    const id = idOf(c);
    const { roles } = await readBody(c, setRolesRequest);
    if (!roles.includes(ADMIN_ROLE)) refuseOneself(admin, id, `take the role ${ADMIN_ROLE} from`);
    const user = await users.setRoles(id, roles);
    if (user === null) throw noSuch("user");
    return c.json({ user: toAdminUser(user) });
  },
});
