import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { sessionHistory } from "./history.ts";
import type { SessionHistory } from "./history.ts";
import { sessionLineage } from "./lineage.ts";
import type { Lineage, LineageDeps } from "./lineage.ts";
import { revokeToken } from "../revocation/revoke-token.ts";
import type { TokenRevocationDeps } from "../revocation/revoke-token.ts";
import { revokeAllSessions, revokeSession } from "./revoke.ts";
import type { SessionDeps } from "./session-deps.ts";
import { summaryOf } from "./session-summary.ts";
import type { SessionSummary } from "./session-summary.ts";

/** Sessions, for the application that embeds the server, and for the CLI. */
export interface Sessions {
  /** The user's live sessions, newest first; with `ended` also those that ended within the last week. */
  list(userId: string, query?: { ended?: boolean }): Promise<SessionSummary[]>;
  /** Null if there is no such session, or it ended more than a week ago. */
  find(id: string): Promise<SessionSummary | null>;
  /** How many live sessions there are, about, counted up to `atMost`. */
  countLive(atMost: number): Promise<number>;
  /**
   * A session's login, rotations, repeats, theft and end, as the audit has them: of many, the last. Null if nothing is
   * known of it.
   */
  history(id: string): Promise<SessionHistory | null>;
  /** The same, told in steps: what recurs is one step, and the end names who ended it. */
  lineage(id: string): Promise<Lineage | null>;
  /** Signs one device out, at once. False if there is no such session. */
  revoke(id: string): Promise<boolean>;
  /** Signs a user out everywhere, at once. False if there is no such user. */
  revokeAll(userId: string): Promise<boolean>;
  /**
   * Makes a single access token worthless, at once, by its `jti`; its session goes on and can be refreshed.
   * Throws `invalid_request` for what cannot be the identifier of a token.
   */
  revokeToken(jti: string): Promise<void>;
}

/** `origin` is who does it, for the audit. */
export function createSessions(
  deps: LineageDeps & Pick<SessionDeps, "revocations" | "clock"> & { log: TokenRevocationDeps["log"] },
  origin: Origin = LOCAL_ORIGIN,
): Sessions {
  const { store, clock } = deps;
  return {
    async list(userId, { ended = false } = {}) {
      const now = clock();
      const rows = ended ? await store.listKept(userId) : await store.listLive(userId, now);
      return rows.map((row) => summaryOf(row, now));
    },
    async find(id) {
      const row = await store.find(id);
      return row && summaryOf(row, clock());
    },
    countLive: (atMost) => store.countLive(clock(), atMost),
    history: (id) => sessionHistory(deps, id, clock()),
    lineage: (id) => sessionLineage(deps, id, clock()),
    async revoke(id) {
      const session = await store.find(id);
      return session !== null && (await revokeSession(deps, session, "session_deleted", origin));
    },
    revokeAll: (userId) => revokeAllSessions(deps, userId, null, origin),
    revokeToken: (jti) => revokeToken(deps, { jti }, origin),
  };
}
