import { adminRoute, noSuch } from "../../../administer.ts";
import { clientSecretResponse, toAdminClient } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const rotateClientSecretRoute = adminRoute({
  method: "post",
  path: "/admin/clients/{id}/secret",
  operation: {
    summary: "Give a client another secret",
    description: "The old one is refused at once, and feeds that were opened with it end within a second.",
    requestParams: idInPath,
    responses: { 200: jsonAnswer("The client and its secret.", clientSecretResponse), ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { clients }) {
    const changed = await clients.rotateSecret(idOf(c));
    if (changed === null) throw noSuch("client");
    const { clientSecret, ...client } = changed;
    return c.json({ client: toAdminClient(client), clientSecret });
  },
});
