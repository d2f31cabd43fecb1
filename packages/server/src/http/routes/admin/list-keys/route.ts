import { z } from "zod";
import { adminRoute } from "../../../administer.ts";
import { adminKeysResponse, toAdminKey } from "../../../admin-fields.ts";
import { jsonAnswer, refusals } from "../../../operation.ts";
import { pageOf, pageQuery, readQuery } from "../../../query.ts";

const query = z.strictObject({
  gone: z.literal("true", 'must be "true"').meta({ description: "Also those that are gone." }).optional(),
  ...pageQuery,
});

export const listKeysRoute = adminRoute({
  method: "get",
  path: "/admin/keys",
  operation: {
    summary: "The key ring, newest first",
    requestParams: { query },
    responses: {
      200: jsonAnswer("A page of keys, without their private parts.", adminKeysResponse),
      ...refusals({ 400: "`invalid_request`" }),
    },
  },
  async handle(c, { keys }) {
    const { gone, ...page } = readQuery(c, query);
    const all = await keys.list({ gone: gone === "true" });
    const { items, next } = pageOf(all, page);
    return c.json({ keys: items.map(toAdminKey), next });
  },
});
