import { sessionExpiresAt } from "./session.ts";
import type { Device, RevokedReason, Session } from "./session.ts";

/** A session as the application sees it: without what its tokens are made from. Times in milliseconds. */
export interface SessionSummary {
  readonly id: string;
  readonly userId: string;
  readonly device: Device;
  readonly remember: boolean;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** When it ends if it is not used again. */
  readonly expiresAt: number;
  /** Null while it lives. */
  readonly endedAt: number | null;
  readonly endReason: EndReason | null;
}

export type EndReason = RevokedReason | "expired";

export function summaryOf(session: Session, now: number): SessionSummary {
  const { revokedAt, revokedReason } = session;
  const expiresAt = sessionExpiresAt(session);
  const expired = Math.min(now, revokedAt ?? now) >= expiresAt;
  return {
    id: session.id,
    userId: session.userId,
    device: session.device,
    remember: session.remember,
    createdAt: session.createdAt,
    lastUsedAt: session.rotatedAt,
    expiresAt,
    endedAt: expired ? expiresAt : revokedAt,
    endReason: expired ? "expired" : revokedReason,
  };
}
