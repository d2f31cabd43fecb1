import { adminRoute, noSuch } from "../../../administer.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, noContent, refusals } from "../../../operation.ts";

export const signUserOutRoute = adminRoute({
  method: "post",
  path: "/admin/users/{id}/sign-out",
  operation: {
    summary: "Sign a user out everywhere, at once",
    requestParams: idInPath,
    responses: { 204: noContent, ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { sessions }) {
    if (!(await sessions.revokeAll(idOf(c)))) throw noSuch("user");
    return c.body(null, 204);
  },
});
