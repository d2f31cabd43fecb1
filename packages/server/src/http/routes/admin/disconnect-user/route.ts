import { z } from "zod";
import { adminRoute, noSuch } from "../../../administer.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, noContent, refusals } from "../../../operation.ts";
import { readQuery } from "../../../query.ts";

const query = z.strictObject({ issuer: z.string("is required"), subject: z.string("is required") });

export const disconnectUserRoute = adminRoute({
  method: "delete",
  path: "/admin/users/{id}/identities",
  operation: {
    summary: "Take away an account elsewhere that lets a user in",
    description: "Signs them out everywhere. It may be the last way in: they have none then until they get a password.",
    requestParams: { ...idInPath, query },
    responses: { 204: noContent, ...refusals({ 400: "`invalid_request`", 404: "`not_found`" }) },
  },
  async handle(c, { users }) {
    const id = idOf(c);
    if ((await users.find(id)) === null) throw noSuch("user");
    if (!(await users.disconnect(id, readQuery(c, query)))) throw noSuch("identity of the user");
    return c.body(null, 204);
  },
});
