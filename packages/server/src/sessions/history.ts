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
  /** Oldest first. What ended all of the user's sessions at once is an event of the user, and not among them. */
  readonly events: readonly RecordedEvent[];
}

const PAGE = 1000;
const ENDINGS: readonly AuditEventType[] = ["logout", "logout_all", "session_revoked", "refresh_token_reused"];

/** Null if nothing is known of such a session. */
export async function sessionHistory(
  { store, audit }: { store: SessionStore; audit: Pick<AuditStore, "list"> },
  id: string,
  now: number,
): Promise<SessionHistory | null> {
  const row = await store.find(id);
  const events = await eventsOf(audit, id);
  if (row === null && events.length === 0) return null;
  const session = row && summaryOf(row, now);
  return { session, end: session === null ? endOf(events) : endOfRow(session), events };
}

async function eventsOf(audit: Pick<AuditStore, "list">, sessionId: string): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let after = 0; ; ) {
    const page = await audit.list({ sessionId, after, limit: PAGE });
    events.push(...page);
    if (page.length < PAGE) return events;
    after = page.at(-1)?.id ?? after;
  }
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
