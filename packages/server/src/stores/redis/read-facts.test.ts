import { expect, onTestFinished, test } from "vitest";
import { startRedisServer } from "../../../test/redis-server.ts";
import { readRedisFacts } from "./read-facts.ts";

test("facts are read as they are", async () => {
  const server = await startRedisServer(["--maxmemory-policy", "allkeys-lru", "--appendfsync", "always"]);
  onTestFinished(() => server.stop());
  const settings = { maxMemoryPolicy: "allkeys-lru", appendOnly: false, appendFsync: "always", minReplicasToWrite: 0 };
  const address = `127.0.0.1:${server.port}`;
  expect(await readRedisFacts(server.url)).toEqual({ cluster: null, servers: [{ address, replicas: 0, settings }] });
});

test("a user who may not see the settings is told so, and a server that does not answer is one clear sentence", async () => {
  const server = await startRedisServer(["--user", "limited", "on", ">secret", "~*", "+@all", "-config"]);
  onTestFinished(() => server.stop());
  const { servers } = await readRedisFacts(`redis://limited:secret@127.0.0.1:${server.port}`);
  expect(servers).toMatchObject([{ settings: null }]);
  await expect(readRedisFacts("redis://:hunter2@127.0.0.1:1")).rejects.toThrow(/^The Redis at 127\.0\.0\.1:1 cannot be used/);
});
