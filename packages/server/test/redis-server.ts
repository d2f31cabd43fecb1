/** A real Redis or Valkey for the tests of one run: `TEST_REDIS_URL`, else one of our own on a free port. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    redisUrl: string;
  }
}

const BINARIES = ["redis-server", "valkey-server"];
const STARTS_WITHIN_MS = 20_000;
const isCi = process.env["CI"] === "true";

/** Whether there is a Redis to test with. In CI there has to be: there the tests fail without one. */
export function hasRedis(): boolean {
  return isCi || process.env["TEST_REDIS_URL"] !== undefined || redisBinary() !== undefined;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["TEST_REDIS_URL"];
  if (isCi && redisBinary() === undefined && process.getuid?.() === 0) {
    const options = { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } } as const;
    spawnSync("apt-get", ["update", "-qq"], options);
    spawnSync("apt-get", ["install", "-y", "-qq", "redis-server"], options);
  }
  if (given !== undefined) {
    project.provide("redisUrl", given);
    return async () => {};
  }
  const server = await startRedisServer();
  project.provide("redisUrl", server.url);
  return () => server.stop();
}

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server that keeps nothing on disk, with more options if asked: `["--cluster-enabled", "yes"]`. */
export async function startRedisServer(options: readonly string[] = []): Promise<RedisServer> {
  const binary = redisBinary();
  if (binary === undefined) throw new Error("There is no redis-server: install it, or set TEST_REDIS_URL.");
  const folder = await mkdtemp(join(tmpdir(), "ostiary-redis-"));
  const port = await freePort();
  const where = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
  const child = spawn(binary, [...where, "--save", "", "--appendonly", "no", ...options], { stdio: "ignore" });
  const exited = once(child, "exit");
  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    const ended = exited.then(() => Promise.reject(new Error("redis-server ended at once.")));
    await Promise.race([accepting(port), ended]);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** What a Redis or Valkey server is called here, if there is one. */
export function redisBinary(): string | undefined {
  return BINARIES.find((name) => spawnSync(name, ["--version"]).status === 0);
}

async function accepting(port: number): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS;
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    } finally {
      socket.destroy();
    }
    await sleep(20);
  }
}

/** With its second port, of a cluster, 10,000 above: both below the range that outgoing connections use. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    try {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
      return port;
    } catch {
      // Taken: another one.
    } finally {
      server.close();
    }
  }
}
