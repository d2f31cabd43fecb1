import { onTestFinished, describe, expect, test } from "vitest";
import { startFaultProxy } from "../../../test/fault-proxy.ts";
import type { Fault, FaultProxy } from "../../../test/fault-proxy.ts";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { startTestServer, TestClient } from "../../../test/test-server.ts";
import type { TestServer } from "../../../test/test-server.ts";

/** "Does not hang": the aim is a second, the rest is for slow test machines. */
const ANSWERED_WITHIN_MS = 3000;
const RECOVERS_WITHIN_MS = 5000;

async function startBehindProxy(): Promise<{ proxy: FaultProxy; server: TestServer }> {
  const url = new URL(await makePostgresDatabase());
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  onTestFinished(() => proxy.close());
  url.port = String(proxy.port);
  return { proxy, server: await startTestServer({ databaseUrl: url.href }) };
}

describe.each<[string, Fault]>([
  ["is down", "refuse"],
  ["is cut off without a word", "black-hole"],
  ["takes two seconds for everything", { delayMs: 2000 }],
])("while the database %s", (_, fault) => {
  test("whatever needs it is answered 503, tokens go on being verified, and all is well once it is back", async () => {
    const { proxy, server } = await startBehindProxy();
    const client = new TestClient(server);
    const { accessToken, refreshToken } = await client.signup("ada@example.com", { delivery: "body" });

    proxy.set(fault);
    const started = performance.now();
    const answers = await Promise.all([
      client.call("POST", "/login", { body: { email: "ada@example.com", password: "x".repeat(12) } }),
      client.refresh(refreshToken),
      client.call("POST", "/logout", { bearer: accessToken }),
      client.call("GET", "/sessions", { bearer: accessToken }),
      ...Array.from({ length: 30 }, () => client.refresh(refreshToken)),
    ]);
    expect(performance.now() - started).toBeLessThan(ANSWERED_WITHIN_MS);
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ error: "unavailable", reason: "store_unavailable" });
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    await expect(server.guard.verify(accessToken)).resolves.toMatchObject({ roles: ["user"] });

    proxy.set("pass");
    const deadline = performance.now() + RECOVERS_WITHIN_MS;
    let refreshed = await client.refresh(refreshToken);
    while (refreshed.status === 503 && performance.now() < deadline) refreshed = await client.refresh(refreshToken);
    expect(refreshed.status).toBe(200);
    expect((await client.call("POST", "/logout", { bearer: accessToken })).status).toBe(204);
  });
});

test("a refresh waits no longer for several answers that are all slow than for one that does not come", async () => {
  const { proxy, server } = await startBehindProxy();
  const client = new TestClient(server);
  const { refreshToken } = await client.signup("ada@example.com", { delivery: "body" });
  const first = await client.refresh(refreshToken);
  expect(first.status).toBe(200);

  // There and back: two questions take a second, either of them less than anybody waits.
  proxy.set({ delayMs: 250 });
  expect(await client.refresh(first.body.refreshToken)).toMatchObject({ status: 503, body: { reason: "store_unavailable" } });
  proxy.set("pass");
  const again = async (): Promise<number> => (await client.refresh(first.body.refreshToken)).status;
  await expect.poll(again, { timeout: RECOVERS_WITHIN_MS }).toBe(200);
});
