import { adminRoute } from "../../../administer.ts";
import { adminKeyResponse, rotateKeysRequest, toAdminKey } from "../../../admin-fields.ts";
import { readOptionalBody } from "../../../body.ts";
import { jsonAnswer, jsonBody, refusals } from "../../../operation.ts";

export const rotateKeysRoute = adminRoute({
  method: "post",
  path: "/admin/keys/rotate",
  operation: {
    summary: "Let the next key sign",
    description: "As soon as every guard can know it; with `now` at once.",
    requestBody: jsonBody(rotateKeysRequest, { required: false }),
    responses: {
      200: jsonAnswer("The next key: `activatesAt` or `activatedAt` says when.", adminKeyResponse),
      ...refusals({ 400: "`invalid_request`: also where the key comes from the settings" }),
    },
  },
  async handle(c, { keys }) {
    return c.json({ key: toAdminKey(await keys.rotate(await readOptionalBody(c, rotateKeysRequest))) });
  },
});
