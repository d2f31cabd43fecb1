import { z } from "zod";
import { adminRoute } from "../../../administer.ts";
import { adminClientsResponse, toAdminClient } from "../../../admin-fields.ts";
import { jsonAnswer, refusals } from "../../../operation.ts";
import { pageQuery, readQuery } from "../../../query.ts";

const query = z.strictObject(pageQuery);

export const listClientsRoute = adminRoute({
  method: "get",
  path: "/admin/clients",
  operation: {
    summary: "Programs with credentials of their own, oldest first",
    requestParams: { query },
    responses: { 200: jsonAnswer("A page of clients.", adminClientsResponse), ...refusals({ 400: "`invalid_request`" }) },
  },
  async handle(c, { clients }) {
    const { after, limit } = readQuery(c, query);
    const found = await clients.list({ limit: limit + 1, ...(after === undefined ? {} : { after }) });
    const shown = found.slice(0, limit);
    const next = found.length > limit ? (shown.at(-1)?.clientId ?? null) : null;
    return c.json({ clients: shown.map(toAdminClient), next });
  },
});
