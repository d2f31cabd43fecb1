import { adminRoute, noSuch } from "../../../administer.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, noContent, refusals } from "../../../operation.ts";

export const endAnySessionRoute = adminRoute({
  method: "delete",
  path: "/admin/sessions/{id}",
  operation: {
    summary: "End a session, at once",
    requestParams: idInPath,
    responses: { 204: noContent, ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { sessions }) {
    if (!(await sessions.revoke(idOf(c)))) throw noSuch("session");
    return c.body(null, 204);
  },
});
