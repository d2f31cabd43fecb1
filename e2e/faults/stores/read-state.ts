import { openStore } from "../../../packages/server/src/stores/open-store.ts";
import type { Store } from "../../../packages/server/src/stores/store.ts";
import type { SessionState, StoreState, TheftEvent } from "../history/evidence.ts";
import type { FaultDatabase } from "./fault-store.ts";

const ENTRIES_A_READ = 1000;

/** What is left once the servers have gone. */
export async function readState({ env }: FaultDatabase, sessions: Iterable<string>): Promise<StoreState> {
  const store = await openStore(env["OSTIARY_DATABASE_URL"] ?? "");
  try {
    const rows = new Map<string, SessionState>();
    const thefts = new Map<string, TheftEvent[]>();
    for (const id of sessions) {
      const row = await store.sessions.find(id);
      if (row === null) continue;
      rows.set(id, row);
      if (row.revokedAt !== null) thefts.set(id, await theftsOf(store, id));
    }
    return { rows, thefts, revoked: await revokedSessions(store) };
  } finally {
    await store.close();
  }
}

async function theftsOf(store: Store, sessionId: string): Promise<TheftEvent[]> {
  const events = await store.audit.list({ sessionId, limit: 1000 });
  return events
    .filter(({ type }) => type === "refresh_token_reused")
    .map(({ detail }) => ({ presentedBy: userAgentOf(detail["presentedBy"]), lastRotatedBy: userAgentOf(detail["lastRotatedBy"]) }));
}

function userAgentOf(device: unknown): string | null {
  return (device as { userAgent?: string | null } | undefined)?.userAgent ?? null;
}

async function revokedSessions(store: Store): Promise<Set<string>> {
  const revoked = new Set<string>();
  for (let seq = 0; ; ) {
    const entries = await store.revocations.entriesAfter(seq, ENTRIES_A_READ);
    for (const entry of entries) if (entry.kind === "session") revoked.add(entry.value);
    seq = entries.at(-1)?.seq ?? seq;
    if (entries.length < ENTRIES_A_READ) return revoked;
  }
}
