import { z } from "zod";
import { adminRoute, noSuch } from "../../../administer.ts";
import { adminSessionsResponse, toAdminSession } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";
import { pageOf, pageQuery, readQuery } from "../../../query.ts";

const query = z.strictObject({
  ended: z.literal("true", 'must be "true"').meta({ description: "Also those that ended within a week." }).optional(),
  ...pageQuery,
});

export const listUserSessionsRoute = adminRoute({
  method: "get",
  path: "/admin/users/{id}/sessions",
  operation: {
    summary: "A user's sessions, newest first",
    requestParams: { ...idInPath, query },
    responses: {
      200: jsonAnswer("A page of sessions.", adminSessionsResponse),
      ...refusals({ 400: "`invalid_request`", 404: "`not_found`" }),
    },
  },
  async handle(c, { users, sessions }) {
    const { ended, ...page } = readQuery(c, query);
    const id = idOf(c);
    if ((await users.find(id)) === null) throw noSuch("user");
    const { items, next } = pageOf(await sessions.list(id, { ended: ended === "true" }), page);
    return c.json({ sessions: items.map(toAdminSession), next });
  },
});
