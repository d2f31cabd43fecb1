import { adminRoute, noSuch } from "../../../administer.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, noContent, refusals } from "../../../operation.ts";

export const deleteClientRoute = adminRoute({
  method: "delete",
  path: "/admin/clients/{id}",
  operation: {
    summary: "Delete a client",
    description:
      "It is refused at once, what users granted it ends, its tokens are worthless, and its feeds end within a second.",
    requestParams: idInPath,
    responses: { 204: noContent, ...refusals({ 404: "`not_found`" }) },
  },
  async handle(c, { clients }) {
    if ((await clients.delete(idOf(c))) === null) throw noSuch("client");
    return c.body(null, 204);
  },
});
