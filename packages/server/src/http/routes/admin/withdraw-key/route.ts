import { adminRoute, noSuch } from "../../../administer.ts";
import { adminKeyResponse, toAdminKey } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const withdrawKeyRoute = adminRoute({
  method: "post",
  path: "/admin/keys/{id}/withdraw",
  operation: {
    summary: "Take out a key that somebody else may have, at once",
    description:
      "Whatever it signed is refused from now on: access tokens by every guard that follows, refresh tokens by this " +
      "server. If it was the one that signs, the next one does.",
    requestParams: idInPath,
    responses: {
      200: jsonAnswer("The key, gone.", adminKeyResponse),
      ...refusals({ 400: "`invalid_request`: it comes from the settings", 404: "`not_found`" }),
    },
  },
  async handle(c, { keys }) {
    const [key] = await keys.withdraw({ id: idOf(c) });
    if (key === undefined) throw noSuch("key");
    return c.json({ key: toAdminKey(key) });
  },
});
