import { adminRoute, noSuch } from "../../../administer.ts";
import { apiKeySecretResponse, rotateApiKeyRequest, toAdminApiKey } from "../../../api-key-fields.ts";
import { readOptionalBody } from "../../../body.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, jsonBody, refusals } from "../../../operation.ts";

export const rotateApiKeyRoute = adminRoute({
  method: "post",
  path: "/admin/api-keys/{id}/rotate",
  operation: {
    summary: "Give an API key another secret",
    description: "The key is told this once. The old one is refused at once, unless an overlap is asked for.",
    requestParams: idInPath,
    requestBody: jsonBody(rotateApiKeyRequest, { required: false }),
    responses: {
      200: jsonAnswer("The key.", apiKeySecretResponse),
      ...refusals({ 400: "`invalid_request`: also of a key that is over", 404: "`not_found`" }),
    },
  },
  async handle(c, { apiKeys }) {
    const rotated = await apiKeys.rotate(idOf(c), await readOptionalBody(c, rotateApiKeyRequest));
    if (rotated === null) throw noSuch("API key");
    const { key, ...apiKey } = rotated;
    return c.json({ apiKey: toAdminApiKey(apiKey), key });
  },
});
