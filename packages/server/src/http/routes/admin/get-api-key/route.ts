import { adminRoute, noSuch } from "../../../administer.ts";
import { adminApiKeyResponse, toAdminApiKey } from "../../../api-key-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const getApiKeyRoute = adminRoute({
  method: "get",
  path: "/admin/api-keys/{id}",
  operation: {
    summary: "One API key",
    requestParams: idInPath,
    responses: { 200: jsonAnswer("The API key.", adminApiKeyResponse), ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { apiKeys }) {
    const apiKey = await apiKeys.find(idOf(c));
    if (apiKey === null) throw noSuch("API key");
    return c.json({ apiKey: toAdminApiKey(apiKey) });
  },
});
