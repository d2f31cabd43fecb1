import { adminRoute, noSuch } from "../../../administer.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, noContent, refusals } from "../../../operation.ts";

export const revokeApiKeyRoute = adminRoute({
  method: "delete",
  path: "/admin/api-keys/{id}",
  operation: {
    summary: "Revoke an API key",
    description: "Every guard refuses it at once. It stays in the list for a month.",
    requestParams: idInPath,
    responses: { 204: noContent, ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { apiKeys }) {
    if ((await apiKeys.revoke(idOf(c))) === null) throw noSuch("API key");
    return c.body(null, 204);
  },
});
