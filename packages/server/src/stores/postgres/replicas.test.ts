import { createGuard } from "@ostiary/guard";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { openFeed } from "../../../test/feed-reader.ts";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { ISSUER, startTestServer, TestClient } from "../../../test/test-server.ts";

test("two replicas on one database are one server: keys, sessions, rotation and revocation", async () => {
  const databaseUrl = await makePostgresDatabase();
  const [one, two] = await Promise.all([startTestServer({ databaseUrl }), startTestServer({ databaseUrl })]);
  const [atOne, atTwo] = [new TestClient(one), new TestClient(two)];

  const { accessToken, refreshToken } = await atOne.signup("ada@example.com", { delivery: "body" });
  expect((await atTwo.call("GET", "/me", { bearer: accessToken })).status).toBe(200);
  expect((await atOne.call("GET", "/.well-known/jwks.json")).body).toEqual(
    (await atTwo.call("GET", "/.well-known/jwks.json")).body,
  );

  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? atOne : atTwo).refresh(refreshToken)),
  );
  expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));

  expect((await atOne.call("POST", "/logout", { bearer: accessToken })).status).toBe(204);
  await expect.poll(async () => (await atTwo.call("GET", "/me", { bearer: accessToken })).body).toMatchObject({
    reason: "session_revoked",
  });
  // And told to the guards that follow the other one.
  const guard = await one.clients.create({ name: "API", guard: true });
  const feed = await openFeed(two, guard);
  await feed.until(({ event }) => event === "heartbeat");
  await one.sessions.revokeToken("told-at-one");
  const [told] = (await feed.until(({ event }) => event === "entry")).toReversed();
  expect(told?.data).toMatchObject({ kind: "token", value: "told-at-one" });
  expect((await atTwo.refresh(answers[0]?.body.refreshToken)).body).toMatchObject({ reason: "session_revoked" });
});

test("a number that an undone transaction has taken leaves no guard behind", async () => {
  const databaseUrl = await makePostgresDatabase();
  const server = await startTestServer({ databaseUrl });
  const { clientId, clientSecret } = await server.clients.create({ name: "API", guard: true });
  const guard = createGuard({
    issuer: ISSUER,
    audience: ISSUER,
    revocation: { clientId, clientSecret },
    fetch: (url, init) => Promise.resolve(server.fetch(new Request(url, init))),
    clock: () => server.time.now,
  });
  onTestFinished(() => guard.close());
  await guard.ready();
  await server.sessions.revokeToken("before");

  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  await database.query("begin");
  await database.query(
    "insert into revocations (kind, value, effect, expires_at_seconds, reason) values ('token', 'undone', 'revoked', 0, '')",
  );
  await database.query("rollback");
  await database.end();

  await server.sessions.revokeToken("after");
  await expect.poll(() => guard.status(), { timeout: 5000 }).toMatchObject({ connected: true, seq: 3, entries: 2, lastError: null });
});
