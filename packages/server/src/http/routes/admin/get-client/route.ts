import { adminRoute, noSuch } from "../../../administer.ts";
import { adminClientResponse, toAdminClient } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const getClientRoute = adminRoute({
  method: "get",
  path: "/admin/clients/{id}",
  operation: {
    summary: "One client",
    requestParams: idInPath,
    responses: { 200: jsonAnswer("The client.", adminClientResponse), ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { clients }) {
    const client = await clients.find(idOf(c));
    if (client === null) throw noSuch("client");
    return c.json({ client: toAdminClient(client) });
  },
});
