/** Remembers which proofs were used (RFC 9449 §11.1): in this process, or in a Redis that several processes share. */
import { createHash } from "node:crypto";
import { PROOF_CLOCK_TOLERANCE_SECONDS, type DpopProof } from "./dpop-proof.ts";

/** Where it is kept what was used. */
export interface ReplayStore {
  /**
   * True for exactly one caller with this key; what was used may be forgotten at `expiresAt`, in milliseconds since the
   * epoch. Throws, or rejects, when it cannot be told.
   */
  use(key: string, expiresAt: number): boolean | Promise<boolean>;
}

/** Under which key a proof is remembered, and until when: as long as any process, its clock a little late, would take it. */
export function replayEntry({ thumbprint, jti, issuedAt }: DpopProof, maxAgeSeconds: number): { key: string; expiresAt: number } {
  const key = createHash("sha256").update(`${thumbprint} ${jti}`).digest("base64url");
  return { key: `dpop ${key}`, expiresAt: Math.ceil((issuedAt + maxAgeSeconds + PROOF_CLOCK_TOLERANCE_SECONDS) * 1000) };
}

export interface ReplayMemoryOptions {
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly clock?: () => number;
  /** Of about 150 bytes each. Default 200,000: some 3,000 a second with proofs of a minute. */
  readonly maxEntries?: number;
}

/** A memory for one process. When it is full of what may not be forgotten yet, it throws: nothing passes unseen. */
export function createReplayMemory({ clock = Date.now, maxEntries = 200_000 }: ReplayMemoryOptions = {}): ReplayStore {
  const used = new Map<string, number>();

  /** They come nearly in the order in which they expire: one that came too early is forgotten a little late. */
  function forget(now: number): void {
    for (const [key, expiresAt] of used) {
      if (expiresAt > now) return;
      used.delete(key);
    }
  }

  return {
    use(key, expiresAt) {
      const now = clock();
      forget(now);
      if (used.has(key)) return false;
      if (used.size >= maxEntries) throw new Error(`More than ${maxEntries} proofs were used within their time`);
      used.set(key, expiresAt);
      return true;
    },
  };
}

/** A connection of the package `redis` (or one like it), or of `ioredis`. */
export type RedisLike =
  | { sendCommand(words: string[]): Promise<unknown> }
  | { call(command: string, ...words: string[]): Promise<unknown> };

export interface RedisReplaysOptions {
  /** Before each key. Default `ostiary:`. */
  readonly prefix?: string;
  /** Milliseconds since the epoch; the guard's. Default: `Date.now`. */
  readonly clock?: () => number;
}

/** In milliseconds: how far the clocks of the processes may be apart beyond what proofs allow. */
const KEPT_LONGER = 30_000;

/**
 * For APIs of several processes: the proofs they have seen, in a Redis or Valkey that all of them reach. What its clock says does
 * not matter; those of the processes may be half a minute apart.
 */
export function redisReplays(client: RedisLike, { prefix = "ostiary:", clock = Date.now }: RedisReplaysOptions = {}): ReplayStore {
  const send = async (command: string, ...words: string[]): Promise<unknown> =>
    // Asked in this order: ioredis has a sendCommand, too, which takes something else.
    "call" in client ? client.call(command, ...words) : client.sendCommand([command, ...words]);
  return {
    async use(key, expiresAt) {
      // For so long, and not until then: to a Redis whose clock is ahead it would be over at once.
      const milliseconds = Math.max(1, Math.ceil(expiresAt - clock())) + KEPT_LONGER;
      const answer = await send("SET", `${prefix}${key}`, "1", "NX", "PX", String(milliseconds));
      return answer !== null && answer !== undefined;
    },
  };
}
