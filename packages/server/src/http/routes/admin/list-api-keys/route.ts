import { adminRoute } from "../../../administer.ts";
import { adminApiKeysResponse, listApiKeysQuery, ownerIn, toAdminApiKey } from "../../../api-key-fields.ts";
import { jsonAnswer, refusals } from "../../../operation.ts";
import { readQuery } from "../../../query.ts";

export const listApiKeysRoute = adminRoute({
  method: "get",
  path: "/admin/api-keys",
  operation: {
    summary: "API keys, oldest first: of one user or service account, or all",
    description: "Also those that are over, until a month after.",
    requestParams: { query: listApiKeysQuery },
    responses: { 200: jsonAnswer("A page of API keys.", adminApiKeysResponse), ...refusals({ 400: "`invalid_request`" }) },
  },
  async handle(c, { apiKeys }) {
    const { after, limit, ...whose } = readQuery(c, listApiKeysQuery);
    const found = await apiKeys.list({ owner: ownerIn(whose) ?? undefined, after, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const next = found.length > limit ? (shown.at(-1)?.id ?? null) : null;
    return c.json({ apiKeys: shown.map(toAdminApiKey), next });
  },
});
