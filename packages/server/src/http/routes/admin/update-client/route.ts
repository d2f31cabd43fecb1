import { adminRoute, noSuch } from "../../../administer.ts";
import { adminClientResponse, toAdminClient, updateClientRequest } from "../../../admin-fields.ts";
import { readBody } from "../../../body.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, jsonBody, refusals } from "../../../operation.ts";

export const updateClientRoute = adminRoute({
  method: "patch",
  path: "/admin/clients/{id}",
  operation: {
    summary: "Change a client",
    description: "What is left out stays. How it proves who it is, and what for, cannot be changed: create another client.",
    requestParams: idInPath,
    requestBody: jsonBody(updateClientRequest),
    responses: {
      200: jsonAnswer("The client.", adminClientResponse),
      ...refusals({ 400: "`invalid_request`", 404: "`not_found`" }),
    },
  },
  async handle(c, { clients }) {
    const client = await clients.update(idOf(c), await readBody(c, updateClientRequest));
    if (client === null) throw noSuch("client");
    return c.json({ client: toAdminClient(client) });
  },
});
