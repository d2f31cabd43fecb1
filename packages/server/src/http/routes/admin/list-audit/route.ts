import { z } from "zod";
import type { AuditEventType } from "../../../../audit/audit-event.ts";
import type { AuditQuery } from "../../../../audit/audit-store.ts";
import { adminRoute } from "../../../administer.ts";
import { auditResponse, toAuditEvent } from "../../../admin-fields.ts";
import { jsonAnswer, refusals } from "../../../operation.ts";
import { pageQuery, readQuery } from "../../../query.ts";

const cursor = z.string().regex(/^\d{1,15}$/, "is no number of an event").transform(Number);
const time = z.iso.datetime("must be a time in ISO 8601, such as 2026-01-01T00:00:00Z").transform((text) => Date.parse(text));
const types = z
  .string()
  .regex(/^[a-z_]{1,40}(?:,[a-z_]{1,40}){0,19}$/, "must be types of events, with commas between")
  .transform((text) => text.split(",") as AuditEventType[]);

const query = z.strictObject({
  user: z.string().max(64, "is none").meta({ description: "The id of a user." }).optional(),
  session: z.string().max(64, "is none").optional(),
  type: types.meta({ description: "One or several, with commas between." }).optional(),
  since: time.optional(),
  until: time.optional(),
  before: cursor.meta({ description: "Older than this event." }).optional(),
  after: cursor.meta({ description: "Newer than this event, oldest first: what has come since. 0 begins at the beginning." }).optional(),
  limit: pageQuery.limit,
});

export const listAuditRoute = adminRoute({
  method: "get",
  path: "/admin/audit",
  operation: {
    summary: "What happened, newest first",
    description: "With `after`, oldest first: ask again with the last event's number to see what comes.",
    requestParams: { query },
    responses: { 200: jsonAnswer("A page of events.", auditResponse), ...refusals({ 400: "`invalid_request`" }) },
  },
  async handle(c, { users }, deps) {
    const { user, session, type, since, until, before, after, limit } = readQuery(c, query);
    const wanted: AuditQuery = { limit: limit + 1, ...given({ userId: user, sessionId: session, types: type, since, until, before, after }) };
    const found = await deps.admin.audit.list(wanted);
    const events = found.slice(0, limit);
    const emails: Record<string, string> = {};
    for (const id of new Set(events.flatMap(({ userId }) => userId ?? []))) {
      const of = await users.find(id);
      if (of !== null) emails[id] = of.email;
    }
    const next = found.length > limit ? String(events.at(-1)?.id) : null;
    return c.json({ events: events.map(toAuditEvent), users: emails, next });
  },
});

type Given<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

function given<Values extends object>(values: Values): Given<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<Values>;
}
