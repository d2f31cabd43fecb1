import { adminRoute } from "../../../administer.ts";
import { clientSecretResponse, createClientRequest, toAdminClient } from "../../../admin-fields.ts";
import { readBody } from "../../../body.ts";
import { jsonAnswer, jsonBody, refusals } from "../../../operation.ts";

export const createClientRoute = adminRoute({
  method: "post",
  path: "/admin/clients",
  operation: {
    summary: "Create a client",
    requestBody: jsonBody(createClientRequest),
    responses: { 201: jsonAnswer("The client and its secret.", clientSecretResponse), ...refusals({ 400: "`invalid_request`" }) },
  },
  async handle(c, { clients }) {
    const { clientSecret, ...client } = await clients.create(await readBody(c, createClientRequest));
    return c.json({ client: toAdminClient(client), clientSecret }, 201);
  },
});
