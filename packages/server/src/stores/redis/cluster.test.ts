import { expect, onTestFinished, test } from "vitest";
import { startRedisCluster } from "../../../test/redis-cluster.ts";
import { event, HASH, NOW, newSession, newUser, presenting, sessionRevocation } from "../conformance/fixtures.ts";
import { openStore } from "../open-store.ts";
import { readRedisFacts } from "./read-facts.ts";

/** Enough that each primary has some. */
const SESSIONS = 30;
const FAILS_OVER_WITHIN_MS = 30_000;

test("on a cluster that loses a primary, sessions go on, and what was ended stays ended", async () => {
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.close());
  // Only one node is named: the others are found through it, and it is the one that dies.
  const store = await openStore({ databaseUrl: "sqlite::memory:", redisUrl: cluster.primaries[0]?.url });
  onTestFinished(() => store.close());
  const { sessions, users } = store;
  const user = newUser();
  await users.create(user, event("user_created"));
  const all = Array.from({ length: SESSIONS }, () => newSession(user.id));
  await Promise.all(all.map((session) => sessions.create(session, HASH, event("login"))));

  const rotateAll = (generation: number, now: number) =>
    Promise.all(all.map(async ({ id }) => (await sessions.rotate(id, presenting(generation, now)))?.outcome.outcome));
  expect(new Set(await rotateAll(0, NOW))).toEqual(new Set(["rotate"]));
  expect(await sessions.listLive(user.id, NOW)).toHaveLength(SESSIONS);

  const [ended] = all;
  if (ended === undefined) throw new Error("There is no session.");
  await sessions.revoke(ended.id, { at: NOW, reason: "logout", entry: sessionRevocation(ended.id), audit: event("logout") });
  await cluster.primaries[0]?.stop();

  await expect
    .poll(async () => (await Promise.allSettled(all.map(({ id }) => sessions.find(id)))).every(isFulfilled), {
      timeout: FAILS_OVER_WITHIN_MS,
    })
    .toBe(true);
  const facts = await readRedisFacts(cluster.primaries.map(({ url }) => url).join(","));
  expect(facts.cluster).toEqual({ isWhole: true, missing: [`127.0.0.1:${cluster.primaries[0]?.port}`] });
  expect(facts.servers.map(({ replicas }) => replicas).toSorted((a, b) => a - b)).toEqual([0, 1, 1]);

  const outcomes = await rotateAll(1, NOW + 60_000);
  expect(outcomes[0]).toBe("refuse");
  expect(new Set(outcomes.slice(1))).toEqual(new Set(["rotate"]));
  expect(await sessions.listLive(user.id, NOW)).toHaveLength(SESSIONS - 1);

  const named = [...cluster.primaries, ...cluster.replicas].map(({ url }) => url).join(",");
  const another = await openStore({ databaseUrl: "sqlite::memory:", redisUrl: named });
  onTestFinished(() => another.close());
  await expect(another.check()).resolves.toBeUndefined();
}, 90_000);

function isFulfilled({ status }: PromiseSettledResult<unknown>): boolean {
  return status === "fulfilled";
}
