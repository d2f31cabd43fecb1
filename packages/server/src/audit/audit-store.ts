import type { AuditEvent } from "./audit-event.ts";

export interface AuditStore {
  append(event: AuditEvent): Promise<void>;
  /** Newest first. `before` is the `id` of the last event of the page before. */
  list(query: AuditQuery): Promise<RecordedEvent[]>;
}

export interface AuditQuery {
  readonly userId?: string;
  readonly sessionId?: string;
  readonly before?: number;
  /** 1 to 1,000; default 100. */
  readonly limit?: number;
}

export interface RecordedEvent extends AuditEvent {
  readonly id: number;
}
