import { createClient } from "redis";
import { inject, onTestFinished } from "vitest";

/** What somebody with their hands on Redis can do to a session's key: a restored snapshot, an eviction, a flush. */
export interface RawRedis {
  read(sessionId: string): Promise<string>;
  /** Puts back what was read before; null takes the key away. */
  restore(sessionId: string, value: string | null): Promise<void>;
  ttlMs(sessionId: string): Promise<number>;
}

/** Closed when the test is over. */
export async function openRawRedis(): Promise<RawRedis> {
  const client = await createClient({ url: inject("redisUrl") }).connect();
  onTestFinished(() => client.destroy());
  const key = (sessionId: string): string => `ostiary:session:${sessionId}`;
  return {
    async read(sessionId) {
      const value = await client.get(key(sessionId));
      if (value === null) throw new Error("The session has no key.");
      return value;
    },
    async restore(sessionId, value) {
      await (value === null ? client.del(key(sessionId)) : client.set(key(sessionId), value));
    },
    ttlMs: (sessionId) => client.pTTL(key(sessionId)),
  };
}
