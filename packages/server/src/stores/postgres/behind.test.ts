import { expect, onTestFinished, test } from "vitest";
import { startFaultProxy } from "../../../test/fault-proxy.ts";
import { openFeed } from "../../../test/feed-reader.ts";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { startTestServer } from "../../../test/test-server.ts";

test("a server that is cut off from its database says so with each heartbeat, and no longer once it is back", async () => {
  const url = new URL(await makePostgresDatabase());
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  onTestFinished(() => proxy.close());
  url.port = String(proxy.port);
  const server = await startTestServer({ databaseUrl: url.href });
  const reader = await openFeed(server, await server.clients.create({ name: "API", guard: true }));
  const behind = (seconds: number | undefined) =>
    reader.until((each) => each.event === "heartbeat" && each.data.behind === seconds);

  await behind(undefined);
  proxy.set("refuse");
  server.time.now += 7000;
  await behind(7);
  proxy.set("pass");
  await behind(undefined);
  expect(server.feed.followers).toBe(1);
});
