/** Many sessions revoked one by one, as fast as the server can: when does the last guard know of the last one? */
import { createOstiary } from "ostiary";
import { insertSessions, insertUsers } from "../../databases/seed-server.ts";
import { seededSession, seededUser, userCount } from "../../databases/seed.ts";
import type { AuthServer } from "./auth-server.ts";
import { type Happened, moment } from "./messages.ts";

const AT_ONCE = 256;

export interface MassTimes {
  readonly sessions: number;
  readonly guards: number;
  /** Seconds from the first to the last answer. */
  readonly revoking: number;
  /** Milliseconds from the last answer until every guard knew of all. */
  readonly lag: number;
}

/** Revoked by another process on the same database, as by a second replica. */
export async function measureMass(server: AuthServer, folder: string, sessions: number, guards: number): Promise<MassTimes> {
  const now = Date.now();
  await insertUsers(server.databaseUrl, userCount(sessions), seededUser);
  await insertSessions(server.databaseUrl, sessions, (i) => seededSession(i, sessions, "none", now));
  const children = await Promise.all(Array.from({ length: guards }, () => server.startGuard()));
  const replica = await createOstiary({ issuer: server.issuer, databaseUrl: server.databaseUrl, dataDir: folder });
  const started = moment();
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < sessions) {
        const { id } = seededSession(next++, sessions, "none", now);
        if (!(await replica.sessions.revoke(id))) throw new Error(`${id} was not there.`);
      }
    }),
  );
  const revoked = moment();
  const seq = await lastSeq(server.databaseUrl);
  const known = await Promise.all(children.map((guard) => guard.ask<Happened>({ until: "seq", seq })));
  await replica.close();
  await Promise.all(children.map((guard) => guard.stop()));
  const lag = Math.max(...known.map(({ at }) => at)) - revoked;
  return { sessions, guards, revoking: (revoked - started) / 1000, lag };
}

async function lastSeq(databaseUrl: string): Promise<number> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(databaseUrl.slice("sqlite:".length), { readOnly: true });
  const row = database.prepare("SELECT max(seq) AS seq FROM revocations").get() as { seq: number };
  database.close();
  return row.seq;
}
