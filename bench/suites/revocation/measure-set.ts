/** What the set of revocations costs: a check, and the memory of an entry. */
import { createRevocationSet } from "@ostiary/guard/embedded";
import type { RevocationEntry } from "@ostiary/protocol";

export interface SetCost {
  readonly entries: number;
  /** CPU time, of each round; of a token that is not revoked, among many of them. */
  readonly checkNanoseconds: readonly number[];
  /** Bytes of heap an entry; of a few, what else the heap does is more. */
  readonly entryBytes: number;
}

const TOKENS = 1000;
const CHECKS = 1_000_000;
const ROUNDS = 9;

export function measureSet(entries: number): SetCost {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const set = createRevocationSet();
  const expiresAt = Math.floor(Date.now() / 1000) + 900;
  for (let seq = 1; seq <= entries; seq++) {
    const entry = { seq, kind: "session", value: idOf("session", seq), effect: "revoked", expiresAt, reason: "logout" };
    // As it comes from the feed: texts that are whole, and nobody else's.
    set.apply(JSON.parse(JSON.stringify(entry)) as RevocationEntry);
  }
  globalThis.gc?.();
  const entryBytes = (process.memoryUsage().heapUsed - before) / entries;
  const tokens = Array.from({ length: TOKENS }, (_, i) => ({
    jti: idOf("token", i),
    kid: "key",
    sid: idOf("alive", i),
    sub: idOf("user", i),
    ver: 1,
  }));
  const samples: number[] = [];
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.cpuUsage();
    for (let i = 0; i < CHECKS; i++) if (set.check(tokens[i % TOKENS]!) !== undefined) refused++;
    const { user, system } = process.cpuUsage(started);
    samples.push(((user + system) * 1000) / CHECKS);
  }
  if (refused > 0) throw new Error("A token was refused that nobody had revoked.");
  return { entries, checkNanoseconds: samples, entryBytes };
}

/** In the form of real ids, each a string of its own. */
function idOf(kind: string, i: number): string {
  const hex = Buffer.from(`${kind}${i}`.padEnd(16, "-")).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
