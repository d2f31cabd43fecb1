import { z } from "zod";
import { adminRoute } from "../../../administer.ts";
import { activityRange, iso, overviewResponse } from "../../../admin-fields.ts";
import { jsonAnswer, refusals } from "../../../operation.ts";
import { readQuery } from "../../../query.ts";

/** Nobody needs to know it more exactly, and counting takes time. */
const COUNTED = 200_000;

const query = z.strictObject({ range: activityRange.default("day") });

export const getOverviewRoute = adminRoute({
  method: "get",
  path: "/admin/overview",
  operation: {
    summary: "What goes on",
    description: "What happened over time, how many users and live sessions there are, and the guards that follow this server.",
    requestParams: { query },
    responses: { 200: jsonAnswer("As of now.", overviewResponse), ...refusals({ 400: "`invalid_request`" }) },
  },
  async handle(c, { users, sessions }, { admin, feed, revocations }) {
    const { range } = readQuery(c, query);
    const { intervalSeconds, intervals } = await admin.activity.over(range);
    const guards = feed.connections().map(({ client, since, live, silentSeconds, waitingBytes }) => ({
      clientId: client.id,
      name: client.name,
      since: iso(since),
      live,
      silentSeconds,
      waitingBytes,
    }));
    return c.json({
      range,
      intervalSeconds,
      intervals: intervals.map(({ from, counts }) => ({ from: iso(from), counts })),
      users: counted(await users.count(COUNTED)),
      sessions: counted(await sessions.countLive(COUNTED)),
      revocationLog: { seq: revocations.seq, readAt: iso(revocations.readAt) },
      guards,
    });
  },
});

function counted(count: number): { count: number; orMore: boolean } {
  return { count, orMore: count === COUNTED };
}
