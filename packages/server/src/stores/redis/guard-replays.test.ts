/** The proofs that guards of several processes have seen, in a real Redis. */
import { randomUUID } from "node:crypto";
import { redisReplays } from "@ostiary/guard/embedded";
import { createClient } from "redis";
import { expect, inject, onTestFinished, test } from "vitest";

async function connect() {
  const client = await createClient({ url: inject("redisUrl") }).connect();
  onTestFinished(() => client.destroy());
  return { client, prefix: `${randomUUID()}:` };
}

test.each([
  ["an hour ahead", 3_600_000],
  ["as the guard's", 0],
  ["an hour behind", -3_600_000],
])("a proof is used once, of twenty tries at once, and kept as long as it may be good: with Redis's clock %s", async (_, ahead) => {
  const { client, prefix } = await connect();
  const clock = () => Date.now() - ahead;
  const replays = redisReplays(client, { prefix, clock });
  const expiresAt = clock() + 65_000;
  const answers = await Promise.all(Array.from({ length: 20 }, async () => replays.use("a proof", expiresAt)));
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await replays.use("a proof", expiresAt)).toBe(false);
  expect(await replays.use("another", expiresAt)).toBe(true);
  const left = await client.pTTL(`${prefix}a proof`);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(65_000 + 30_000);
});

test("a proof that is over by the guard's clock is remembered for a moment all the same", async () => {
  const { client, prefix } = await connect();
  const replays = redisReplays(client, { prefix });
  expect([await replays.use("late", Date.now() - 5000), await replays.use("late", Date.now() - 5000)]).toEqual([true, false]);
});
