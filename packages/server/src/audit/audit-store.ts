import type { AuditEvent, AuditEventType } from "./audit-event.ts";

export interface AuditStore {
  append(event: AuditEvent): Promise<void>;
  /** Drops those before `before`, oldest first, up to `limit`. Tells how many. Nothing else ever leaves the audit. */
  dropOlder(before: number, limit: number): Promise<number>;
  /** Newest first, unless `after` is given. */
  list(query: AuditQuery): Promise<RecordedEvent[]>;
  /**
   * What came from an address, in the same order. It looks through a bounded part of the audit: `next`, the `before` or
   * `after` of the next page, can come with few events, or none; null if there is no more to look through.
   */
  listFrom(query: AddressQuery): Promise<{ events: RecordedEvent[]; next: number | null }>;
  /** How many events of a session there are after one and before another, by their ids, counted up to `atMost`. */
  countOfSession(sessionId: string, between: { after: number; before: number; atMost: number }): Promise<number>;
  /**
   * How many events of each of these types there were from each of these times, which rise, to before the next: one less
   * than there are times. Only what there was is named.
   */
  count(types: readonly AuditEventType[], times: readonly number[]): Promise<readonly ReadonlyMap<AuditEventType, number>[]>;
}

export interface AuditQuery {
  readonly userId?: string;
  readonly sessionId?: string;
  /** Beside a user or a session; for an address alone there is `listFrom`. */
  readonly ip?: string;
  /** One of these. */
  readonly types?: readonly AuditEventType[];
  /** Not before this time, in milliseconds. Events are numbered by their commit, which may be a moment later. */
  readonly since?: number;
  /** Before this time, in milliseconds. */
  readonly until?: number;
  /** Older than this: the `id` of the last event of the page before. */
  readonly before?: number;
  /** Newer than this, oldest first: the `id` of the last event of the page before, 0 for the first page. */
  readonly after?: number;
  /** 1 to 1,000; default 100. */
  readonly limit?: number;
}

export interface AddressQuery extends Omit<AuditQuery, "userId" | "sessionId"> {
  /** As the audit has it. */
  readonly ip: string;
}

export interface RecordedEvent extends AuditEvent {
  readonly id: number;
}
