import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { revokeAllSessions, revokeSession } from "./revoke.ts";
import type { SessionDeps } from "./session-deps.ts";
import { sessionExpiresAt } from "./session.ts";
import type { Device, Session } from "./session.ts";

/** A session as the application sees it: without what its tokens are made from. Times in milliseconds. */
export interface SessionSummary {
  readonly id: string;
  readonly userId: string;
  readonly device: Device;
  readonly remember: boolean;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
}

/** Sessions, for the application that embeds the server, and for the CLI. */
export interface Sessions {
  /** The user's live sessions, newest first. */
  list(userId: string): Promise<SessionSummary[]>;
  /** Signs one device out, at once. False if there is no such session. */
  revoke(id: string): Promise<boolean>;
  /** Signs a user out everywhere, at once. False if there is no such user. */
  revokeAll(userId: string): Promise<boolean>;
}

export function createSessions(deps: Pick<SessionDeps, "store" | "revocations" | "clock">): Sessions {
  return {
    list: async (userId) => (await deps.store.listLive(userId, deps.clock())).map(summaryOf),
    async revoke(id) {
      const session = await deps.store.find(id);
      return session !== null && (await revokeSession(deps, session, "session_deleted", LOCAL_ORIGIN));
    },
    revokeAll: (userId) => revokeAllSessions(deps, userId, null, LOCAL_ORIGIN),
  };
}

function summaryOf(session: Session): SessionSummary {
  return {
    id: session.id,
    userId: session.userId,
    device: session.device,
    remember: session.remember,
    createdAt: session.createdAt,
    lastUsedAt: session.rotatedAt,
    expiresAt: sessionExpiresAt(session),
  };
}
