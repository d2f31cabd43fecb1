/** A Redis that lost what it had acknowledged, by a failover, a snapshot or an eviction, logs nobody out. */
import { describe, expect, inject, test } from "vitest";
import { openRawRedis } from "../../../test/raw-redis.ts";
import { DAY, MINUTE, startTestServer, temporaryFile, TestClient } from "../../../test/test-server.ts";
import type { TestServer } from "../../../test/test-server.ts";
import { openStore } from "../open-store.ts";

async function startSignedIn() {
  const server = await startTestServer({ redisUrl: inject("redisUrl") });
  const client = new TestClient(server);
  const { user, refreshToken = "" } = await client.signup("ada@example.com", { delivery: "body" });
  return { server, client, user, refreshToken, sessionId: await sessionOf(server, user.id), redis: await openRawRedis() };
}

async function sessionOf(server: TestServer, userId: string): Promise<string> {
  const [session] = await server.sessions.list(userId);
  if (session === undefined) throw new Error("There is no session.");
  return session.id;
}

/** Rotates so often, outside the grace each time. The tokens, oldest first, the live one last. */
async function rotate(server: TestServer, client: TestClient, refreshToken: string, times: number): Promise<string[]> {
  const tokens = [refreshToken];
  for (let i = 0; i < times; i++) {
    server.time.now += MINUTE;
    const { status, body } = await client.refresh(tokens.at(-1));
    expect(status).toBe(200);
    tokens.push(body.refreshToken ?? "");
  }
  return tokens;
}

describe.each([
  ["the last rotations", (before: string) => before],
  ["everything", () => null],
])("a Redis that lost %s", (_, kept) => {
  test("logs nobody out, and thieves are found from there on", async () => {
    const { server, client, user, refreshToken, sessionId, redis } = await startSignedIn();
    const early = await rotate(server, client, refreshToken, 2);
    const snapshot = await redis.read(sessionId);
    const late = await rotate(server, client, early.at(-1) ?? "", 3);

    await redis.restore(sessionId, kept(snapshot));
    const [live] = await rotate(server, client, late.at(-1) ?? "", 1);
    expect(await server.sessions.list(user.id)).toHaveLength(1);

    server.time.now += MINUTE;
    expect((await client.refresh(late[1])).body).toMatchObject({ reason: "refresh_token_reused" });
    expect((await client.refresh(live)).body).toMatchObject({ reason: "refresh_token_reused" });
  });

  test("still ends a session that was idle for too long", async () => {
    const { server, client, refreshToken, sessionId, redis } = await startSignedIn();
    const [, token] = await rotate(server, client, refreshToken, 1);
    const snapshot = await redis.read(sessionId);
    await redis.restore(sessionId, kept(snapshot));
    server.time.now += 8 * DAY;
    expect((await client.refresh(token)).body).toMatchObject({ reason: "session_expired" });
  });
});

test("a session's key is gone a day after the session could last be refreshed", async () => {
  const { server, client, refreshToken, sessionId, redis } = await startSignedIn();
  await rotate(server, client, refreshToken, 1);
  const ttl = await redis.ttlMs(sessionId);
  expect(ttl).toBeGreaterThan(7 * DAY);
  expect(ttl).toBeLessThanOrEqual(8 * DAY);
});

test("what is in Redis makes no token", async () => {
  const { sessionId, redis } = await startSignedIn();
  expect(Object.keys(JSON.parse(await redis.read(sessionId)) as object)).not.toContain("secret");
});

test("sessions go on when Redis is added to a server, taken away, and added again", async () => {
  const databaseUrl = `sqlite:${temporaryFile()}`;
  const [inDatabase, inRedis] = [{ databaseUrl }, { databaseUrl, redisUrl: inject("redisUrl") }];
  let token = "";
  let now = 0;
  const lives: number[] = [];
  for (const config of [inDatabase, inRedis, inDatabase, inRedis]) {
    const server = await startTestServer(config);
    server.time.now += now;
    const client = new TestClient(server);
    if (token === "") token = (await client.signup("ada@example.com", { delivery: "body" })).refreshToken ?? "";
    token = (await rotate(server, client, token, 2)).at(-1) ?? "";
    lives.push((await server.sessions.list((await server.users.findByEmail("ada@example.com"))?.id ?? "")).length);
    now += 60 * MINUTE;
    await server.close();
  }
  expect(lives).toEqual([1, 1, 1, 1]);
});

test("a key that was left behind while Redis was away counts for nothing", async () => {
  const databaseUrl = `sqlite:${temporaryFile()}`;
  const withRedis = { databaseUrl, redisUrl: inject("redisUrl") };
  const first = await startTestServer(withRedis);
  const { refreshToken = "" } = await new TestClient(first).signup("ada@example.com", { delivery: "body" });
  const [, leftBehind] = await rotate(first, new TestClient(first), refreshToken, 1);
  const second = await startTestServer({ databaseUrl });
  second.time.now = first.time.now;
  await rotate(second, new TestClient(second), leftBehind ?? "", 2);
  const third = await startTestServer(withRedis);
  third.time.now = second.time.now;
  expect((await new TestClient(third).refresh(leftBehind)).body).toMatchObject({ reason: "refresh_token_reused" });
});

test.each([
  ["began in Redis", true],
  ["moved there", false],
])("a session that %s is not swept while it is in use", async (_, fromTheStart) => {
  const redisUrl = inject("redisUrl");
  const databaseUrl = `sqlite:${temporaryFile()}`;
  const before = await startTestServer(fromTheStart ? { databaseUrl, redisUrl } : { databaseUrl });
  const { refreshToken = "", user } = await new TestClient(before).signup("ada@example.com", { delivery: "body" });
  const sessionId = await sessionOf(before, user.id);
  const start = before.time.now;
  await before.close();

  const server = await startTestServer({ databaseUrl, redisUrl });
  const client = new TestClient(server);
  let token = refreshToken;
  for (let day = 5; day <= 25; day += 5) {
    server.time.now = start + day * DAY;
    token = (await client.refresh(token)).body.refreshToken ?? "";
  }
  const store = await openStore({ databaseUrl });
  expect(await store.sessions.dropEnded(start + 20 * DAY, 100)).toBe(0);
  await store.close();
  expect(await server.sessions.list(user.id)).toMatchObject([{ id: sessionId, lastUsedAt: start + 25 * DAY }]);
});
