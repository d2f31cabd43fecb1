import { z } from "zod";
import { adminRoute } from "../../../administer.ts";
import { adminUsersResponse, toAdminUser } from "../../../admin-fields.ts";
import { jsonAnswer, refusals } from "../../../operation.ts";
import { pageQuery, readQuery } from "../../../query.ts";

const query = z.strictObject({
  text: z
    .string()
    .max(256, "must have at most 256 characters")
    .meta({ description: "Beginnings of words of e-mail and name, or an id." })
    .optional(),
  role: z.string().max(64, "is none").optional(),
  disabled: z.literal("true", 'must be "true"').meta({ description: "Only those who cannot sign in." }).optional(),
  ...pageQuery,
});

export const listUsersRoute = adminRoute({
  method: "get",
  path: "/admin/users",
  operation: {
    summary: "Find users",
    description: "All users, newest first; or those that were asked for, in the order of what they were found by.",
    requestParams: { query },
    responses: { 200: jsonAnswer("A page of users.", adminUsersResponse), ...refusals({ 400: "`invalid_request`" }) },
  },
  async handle(c, { users }) {
    const { disabled, ...rest } = readQuery(c, query);
    const page = await users.search({ ...rest, disabled: disabled === "true" });
    return c.json({ users: page.users.map(toAdminUser), next: page.next });
  },
});
