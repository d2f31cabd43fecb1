import { expect, test } from "vitest";
import { createReplayMemory, redisReplays, replayEntry, type RedisLike } from "./replay-memory.ts";

test("a key is used once, until it is forgotten", () => {
  let now = 1000;
  const memory = createReplayMemory({ clock: () => now });
  expect([memory.use("a", 2000), memory.use("a", 2000), memory.use("b", 2000), memory.use("a", 9000)]).toEqual([true, false, true, false]);
  now = 1999;
  expect(memory.use("a", 2000)).toBe(false);
  now = 2000;
  expect(memory.use("a", 3000)).toBe(true);
});

test("a memory that is full lets nothing pass, and has room again when time has passed", () => {
  let now = 0;
  const memory = createReplayMemory({ clock: () => now, maxEntries: 3 });
  for (const key of ["a", "b", "c"]) expect(memory.use(key, 1000)).toBe(true);
  expect(() => memory.use("d", 1000)).toThrow("More than 3");
  expect(memory.use("a", 1000)).toBe(false);
  now = 1000;
  expect(memory.use("d", 2000)).toBe(true);
});

test("an entry is kept for as long as the proof could be good, and is another for another key or jti", () => {
  const proof = { thumbprint: "t", jti: "j", issuedAt: 100, nonce: null };
  const { key, expiresAt } = replayEntry(proof, 60);
  expect(expiresAt).toBe(165_000);
  expect(key).toMatch(/^dpop [\w-]{43}$/);
  const keys = [proof, { ...proof, thumbprint: "t2" }, { ...proof, jti: "j2" }, { ...proof, nonce: "n", issuedAt: 101 }].map((each) => replayEntry(each, 60).key);
  expect([new Set(keys).size, keys[3]]).toEqual([3, key]);
});

test("in Redis the first who sets the key has used it, by either client", async () => {
  const kept = new Map<string, string[]>();
  function execute(words: string[]): Promise<unknown> {
    const [command, key = "", ...rest] = words;
    expect([command, rest]).toEqual(["SET", ["1", "NX", "PX", "34000"]]);
    if (kept.has(key)) return Promise.resolve(null);
    kept.set(key, rest);
    return Promise.resolve("OK");
  }
  const ioredis = { call: (...words: string[]) => execute(words), sendCommand: () => Promise.reject(new Error("not this one")) };
  for (const client of [{ sendCommand: execute }, ioredis] as RedisLike[]) {
    kept.clear();
    const replays = redisReplays(client, { clock: () => 1000 });
    expect([await replays.use("k", 5000), await replays.use("k", 5000), await replays.use("l", 5000)]).toEqual([true, false, true]);
    expect([...kept.keys()]).toEqual(["ostiary:k", "ostiary:l"]);
  }
  const down = redisReplays({ sendCommand: () => Promise.reject(new Error("down")) });
  await expect(down.use("k", 5000)).rejects.toThrow("down");
});
