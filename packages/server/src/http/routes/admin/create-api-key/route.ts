import { invalidField } from "../../../../api-keys/api-key.ts";
import { adminRoute } from "../../../administer.ts";
import { apiKeySecretResponse, createApiKeyRequest, ownerIn, toAdminApiKey } from "../../../api-key-fields.ts";
import { readBody } from "../../../body.ts";
import { jsonAnswer, jsonBody, refusals } from "../../../operation.ts";

export const createApiKeyRoute = adminRoute({
  method: "post",
  path: "/admin/api-keys",
  operation: {
    summary: "Make an API key",
    description: "Of a user or of a service account: `userId` or `clientId`. The key is told this once.",
    requestBody: jsonBody(createApiKeyRequest),
    responses: { 201: jsonAnswer("The key.", apiKeySecretResponse), ...refusals({ 400: "`invalid_request`" }) },
  },
  async handle(c, { apiKeys }) {
    const { userId, clientId, ...asked } = await readBody(c, createApiKeyRequest);
    const owner = ownerIn({ userId, clientId });
    if (owner === null) throw invalidField("userId", "or clientId is required");
    const { key, ...apiKey } = await apiKeys.create({ owner, ...asked });
    return c.json({ apiKey: toAdminApiKey(apiKey), key }, 201);
  },
});
