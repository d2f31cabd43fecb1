import { openStore } from "../../../packages/server/src/stores/open-store.ts";
import type { Store } from "../../../packages/server/src/stores/store.ts";
import type { SessionState, StoreState, TheftEvent } from "../history/evidence.ts";
import type { FaultDatabase } from "./fault-store.ts";

const A_PAGE = 1000;

/** What is left once the servers have gone. */
export async function readState({ env }: FaultDatabase, sessions: Iterable<string>): Promise<StoreState> {
  const redisUrl = env["OSTIARY_REDIS_URL"];
  const store = await openStore({ databaseUrl: env["OSTIARY_DATABASE_URL"] ?? "", redisUrl });
  try {
    const rows = new Map<string, SessionState>();
    for (const id of sessions) {
      const row = await store.sessions.find(id);
      if (row !== null) rows.set(id, row);
    }
    const state = { rows, revoked: await revokedSessions(store), ...(await readAudit(store)) };
    // Beside Redis, one that was taken back because the database did not answer may be in the audit all the same.
    return redisUrl === undefined ? state : { ...state, remade: new Set() };
  } finally {
    await store.close();
  }
}

async function readAudit(store: Store): Promise<Pick<StoreState, "thefts" | "healed" | "remade">> {
  const thefts = new Map<string, TheftEvent[]>();
  const [healed, made, remade] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const events = await store.audit.list({ before, limit: A_PAGE });
    for (const { type, sessionId, detail } of events) {
      if (sessionId === null) continue;
      if (type === "refresh_token_reused") thefts.set(sessionId, [...(thefts.get(sessionId) ?? []), theftOf(detail)]);
      if (type !== "refresh") continue;
      if ("healedFrom" in detail) healed.add(sessionId);
      const generation = `${sessionId} ${String(detail["generation"])}`;
      if (made.has(generation)) remade.add(sessionId);
      made.add(generation);
    }
    before = events.at(-1)?.id ?? 0;
    if (events.length < A_PAGE) return { thefts, healed, remade };
  }
}

function theftOf(detail: Readonly<Record<string, unknown>>): TheftEvent {
  return { presentedBy: userAgentOf(detail["presentedBy"]), lastRotatedBy: userAgentOf(detail["lastRotatedBy"]) };
}

function userAgentOf(device: unknown): string | null {
  return (device as { userAgent?: string | null } | null | undefined)?.userAgent ?? null;
}

async function revokedSessions(store: Store): Promise<Set<string>> {
  const revoked = new Set<string>();
  for (let seq = 0; ; ) {
    const entries = await store.revocations.entriesAfter(seq, A_PAGE);
    for (const entry of entries) if (entry.kind === "session") revoked.add(entry.value);
    seq = entries.at(-1)?.seq ?? seq;
    if (entries.length < A_PAGE) return revoked;
  }
}
