import { describe, expect, inject, onTestFinished, test } from "vitest";
import { startFaultProxy } from "../../../test/fault-proxy.ts";
import type { Fault, FaultProxy } from "../../../test/fault-proxy.ts";
import { startTestServer, TestClient } from "../../../test/test-server.ts";
import type { TestServer } from "../../../test/test-server.ts";
import { openStore } from "../open-store.ts";
import { openClient } from "./open-client.ts";

/** "Does not hang": the aim is a second, the rest is for slow test machines. */
const ANSWERED_WITHIN_MS = 3000;
const RECOVERS_WITHIN_MS = 5000;

async function startProxy(): Promise<{ proxy: FaultProxy; url: string }> {
  const url = new URL(inject("redisUrl"));
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  onTestFinished(() => proxy.close());
  url.hostname = "127.0.0.1";
  url.port = String(proxy.port);
  return { proxy, url: url.href };
}

describe.each<[string, Fault]>([
  ["is down", "refuse"],
  ["is cut off without a word", "black-hole"],
  ["takes two seconds for everything", { delayMs: 2000 }],
])("while Redis %s", (_, fault) => {
  test("what needs it is answered 503, sign-out and tokens do not, and all is well once it is back", async () => {
    const { proxy, url } = await startProxy();
    const server = await startTestServer({ redisUrl: url });
    const [client, leaving] = [new TestClient(server), new TestClient(server)];
    const { accessToken, refreshToken } = await client.signup("ada@example.com", { delivery: "body" });
    const left = await leaving.login("ada@example.com", { delivery: "body" });

    proxy.set(fault);
    const started = performance.now();
    const answers = await Promise.all([
      client.call("POST", "/login", { body: { email: "ada@example.com", password: "correct horse battery staple" } }),
      client.refresh(refreshToken),
      client.call("GET", "/sessions", { bearer: accessToken }),
      isReady(server),
      ...Array.from({ length: 30 }, () => client.refresh(refreshToken)),
    ]);
    expect(performance.now() - started).toBeLessThan(ANSWERED_WITHIN_MS);
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ error: "unavailable", reason: "store_unavailable" });
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    await expect(server.guard.verify(accessToken)).resolves.toMatchObject({ roles: ["user"] });
    expect((await leaving.call("POST", "/logout", { bearer: left.accessToken })).status).toBe(204);

    proxy.set("pass");
    const deadline = performance.now() + RECOVERS_WITHIN_MS;
    let refreshed = await client.refresh(refreshToken);
    while (refreshed.status === 503 && performance.now() < deadline) refreshed = await client.refresh(refreshToken);
    expect(refreshed.status).toBe(200);
    expect((await leaving.refresh(left.refreshToken)).body).toMatchObject({ reason: "session_revoked" });
  });
});

test("a connection that breaks while nobody uses it is noticed", async () => {
  const { url, proxy } = await startProxy();
  const lost = Promise.withResolvers<string>();
  const client = await openClient(url)(5000, () => lost.resolve("lost"));
  onTestFinished(() => client.destroy());
  proxy.set("refuse");
  expect(await lost.promise).toBe("lost");
});

test("several servers that are no cluster are refused: each would have sessions of its own", async () => {
  const redisUrl = `${inject("redisUrl")},redis://127.0.0.1:1`;
  const opening = openStore({ databaseUrl: "sqlite::memory:", redisUrl });
  await expect(opening).rejects.toThrow(/several servers are named, and they are no cluster/);
});

test("a Redis that is not there is one clear sentence, without its password", async () => {
  const redisUrl = "redis://:hunter2hunter2@127.0.0.1:1";
  const opening = openStore({ databaseUrl: "sqlite::memory:", redisUrl });
  await expect(opening).rejects.toThrow(/^The Redis at 127\.0\.0\.1:1 cannot be used \(.*ECONNREFUSED.*\): check OSTIARY_REDIS_URL\.$/);
  await expect(opening).rejects.not.toThrow("hunter2");
});

async function isReady(server: TestServer): Promise<{ status: number; headers: Headers; body: unknown }> {
  const response = await server.fetch(new Request(new URL("/readyz", server.issuer)));
  return { status: response.status, headers: response.headers, body: await response.json() };
}
