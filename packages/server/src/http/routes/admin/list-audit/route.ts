import { z } from "zod";
import type { AuditEventType } from "../../../../audit/audit-event.ts";
import type { AuditQuery, AuditStore, RecordedEvent } from "../../../../audit/audit-store.ts";
import { adminRoute } from "../../../administer.ts";
import { auditResponse, toAuditEvent } from "../../../admin-fields.ts";
import { jsonAnswer, refusals } from "../../../operation.ts";
import { pageQuery, readQuery } from "../../../query.ts";

const cursor = z.string().regex(/^\d{1,15}$/, "is no number of an event").transform(Number);
const time = z.iso.datetime("must be a time in ISO 8601, such as 2026-01-01T00:00:00Z").transform((text) => Date.parse(text));
const types = z
  .string()
  .regex(/^[a-z_]{1,40}(?:,[a-z_]{1,40}){0,39}$/, "must be types of events, with commas between")
  .transform((text) => text.split(",") as AuditEventType[]);

const query = z.strictObject({
  user: z.string().max(64, "is none").meta({ description: "The id of a user." }).optional(),
  session: z.string().max(64, "is none").optional(),
  ip: z.string().max(64, "is none").meta({ description: "The address it came from, as the audit has it." }).optional(),
  type: types.meta({ description: "One or several, with commas between." }).optional(),
  since: time.optional(),
  until: time.optional(),
  before: cursor.meta({ description: "Older than this event." }).optional(),
  after: cursor
    .meta({ description: "Newer than this event, oldest first: what has come since. 0 begins at the beginning." })
    .optional(),
  limit: pageQuery.limit,
});

export const listAuditRoute = adminRoute({
  method: "get",
  path: "/admin/audit",
  operation: {
    summary: "What happened, newest first",
    description:
      "With `after`, oldest first: ask again with `next`, or else with `last`, to see what comes. With `ip`, and neither " +
      "user nor session, a page looks through a million events at most: it may have few events, or none, and a `next`.",
    requestParams: { query },
    responses: { 200: jsonAnswer("A page of events.", auditResponse), ...refusals({ 400: "`invalid_request`" }) },
  },
  async handle(c, { users }, deps) {
    const { user, session, ip, type, since, until, before, after, limit } = readQuery(c, query);
    const where = given({ userId: user, sessionId: session, ip, types: type, since, until, before, after });
    // Before the page: what comes in between is asked for again, not passed over.
    const [newest] = await deps.admin.audit.list({ limit: 1 });
    const { events, next } = await page(deps.admin.audit, where, limit);
    const last = Math.max(newest?.id ?? 0, ...events.map(({ id }) => id));
    const emails: Record<string, string> = {};
    for (const id of new Set(events.flatMap(({ userId }) => userId ?? []))) {
      const of = await users.find(id);
      if (of !== null) emails[id] = of.email;
    }
    return c.json({ events: events.map(toAuditEvent), users: emails, next: next === null ? null : String(next), last });
  },
});

async function page(
  audit: Pick<AuditStore, "list" | "listFrom">,
  where: AuditQuery,
  limit: number,
): Promise<{ events: RecordedEvent[]; next: number | null }> {
  const { userId, sessionId, ip, ...rest } = where;
  if (ip !== undefined && userId === undefined && sessionId === undefined) return audit.listFrom({ ip, limit, ...rest });
  // One more tells whether there is another page.
  const found = await audit.list({ ...where, limit: limit + 1 });
  const events = found.slice(0, limit);
  return { events, next: found.length > limit ? (events.at(-1)?.id ?? null) : null };
}

type Given<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

function given<Values extends object>(values: Values): Given<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<Values>;
}
