import { setImmediate as turn } from "node:timers/promises";
import type { AuditEventType } from "../audit/audit-event.ts";
import type { AuditStore, RecordedEvent } from "../audit/audit-store.ts";
import type { SessionStore } from "./session-store.ts";
import { summaryOf } from "./session-summary.ts";
import type { EndReason, SessionSummary } from "./session-summary.ts";

/** What is known of one session, from its login to its end. */
export interface SessionHistory {
  /** Null once its row is no longer kept. */
  readonly session: SessionSummary | null;
  /** Null while it lives; unknown where neither its row nor its events can tell. */
  readonly end: { readonly at: number | null; readonly reason: EndReason | null } | null;
  /**
   * Oldest first: all, or the first and the last 5,000. What ended all of the user's sessions at once is an event of the
   * user, and not among them.
   */
  readonly events: readonly RecordedEvent[];
  /** How many were left out after the first, counted up to some 100,000. */
  readonly omitted: number;
}

export type SessionEvents = Pick<AuditStore, "list" | "countOfSession">;

const PAGE = 1000;
/** Whoever has a session can refresh it as often as they like: how much is read of it is not for them to say. */
const LAST_PAGES = 5;
const MAX_COUNTED = 100_000;
const ENDINGS: readonly AuditEventType[] = ["logout", "logout_all", "session_revoked", "refresh_token_reused"];

/** Null if nothing is known of such a session. */
export async function sessionHistory(
  { store, audit }: { store: SessionStore; audit: SessionEvents },
  id: string,
  now: number,
): Promise<SessionHistory | null> {
  const row = await store.find(id);
  const { events, omitted } = await eventsOf(audit, id);
  if (row === null && events.length === 0) return null;
  const session = row && summaryOf(row, now);
  return { session, end: session === null ? endOf(events) : endOfRow(session), events, omitted };
}

async function eventsOf(audit: SessionEvents, sessionId: string): Promise<Pick<SessionHistory, "events" | "omitted">> {
  const head = await audit.list({ sessionId, after: 0, limit: PAGE });
  const [first, last] = [head[0], head.at(-1)];
  if (first === undefined || last === undefined || head.length < PAGE) return { events: head, omitted: 0 };
  // Newest first.
  const tail: RecordedEvent[] = [];
  for (let i = 0; i < LAST_PAGES; i++) {
    // A store in this process answers without a pause, and others wait to be answered.
    await turn();
    const oldest = tail.at(-1);
    const page = await audit.list({ sessionId, limit: PAGE, ...(oldest === undefined ? {} : { before: oldest.id }) });
    const unread = page.filter(({ id }) => id > last.id);
    tail.push(...unread);
    if (unread.length < PAGE) return { events: [...head, ...tail.toReversed()], omitted: 0 };
  }
  const between = await audit.countOfSession(sessionId, {
    after: last.id,
    before: tail.at(-1)?.id ?? 0,
    atMost: MAX_COUNTED,
  });
  return { events: [first, ...tail.toReversed()], omitted: head.length - 1 + between };
}

function endOfRow({ endedAt, endReason }: SessionSummary): SessionHistory["end"] {
  return endedAt === null ? null : { at: endedAt, reason: endReason };
}

function endOf(events: readonly RecordedEvent[]): SessionHistory["end"] {
  const ending = events.find(({ type }) => ENDINGS.includes(type));
  if (ending === undefined) return { at: null, reason: null };
  const reason = ending.type === "session_revoked" ? ending.detail["reason"] : ending.type;
  return { at: ending.at, reason: reason as EndReason };
}
