/** What happens to the database between a rotation's write to Redis and its answer. */
import { beforeEach, describe, expect, inject, onTestFinished, test } from "vitest";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { storeUnavailable } from "../../errors.ts";
import { event, HASH, NOW, newSession, newUser, presenting, sessionRevocation } from "../conformance/fixtures.ts";
import type { Session } from "../../sessions/session.ts";
import type { SessionLedger } from "../sql/session-ledger.ts";
import type { SqlStore } from "../sql/sql-store.ts";
import { openPostgres } from "../postgres/open-postgres.ts";
import { openSqlite } from "../sqlite/open-sqlite.ts";
import { createConnection } from "./connection.ts";
import { openClient } from "./open-client.ts";
import { createRedisSessionStore } from "./redis-session-store.ts";

let sql: SqlStore;
let session: Session;

async function begin(open: () => Promise<SqlStore>): Promise<void> {
  sql = await open();
  onTestFinished(() => sql.close());
  const user = newUser();
  session = newSession(user.id);
  await sql.users.create(user, event("user_created"));
  await rotating({}).create(session, HASH, event("login"));
}

/** The store, with other answers from the ledger. */
function rotating(ledger: Partial<SessionLedger>) {
  const connection = createConnection(openClient(inject("redisUrl")));
  onTestFinished(() => connection.close());
  return createRedisSessionStore(connection, { ...sql.ledger, ...ledger });
}

const audited = async () => (await sql.audit.list({ sessionId: session.id })).map(({ type }) => type);

describe.each([
  ["SQLite", () => openSqlite(":memory:")],
  ["Postgres", async () => openPostgres(await makePostgresDatabase())],
])("beside %s, a rotation that was written, but not yet answered", (_, open) => {
  beforeEach(() => begin(open));

  test("is refused if the session is signed out at this moment, and nothing is audited", async () => {
    const sessions = rotating({
      async confirm(id, audit) {
        await sql.sessions.revoke(id, { at: NOW, reason: "logout", entry: sessionRevocation(id), audit: event("logout") });
        return sql.ledger.confirm(id, audit);
      },
    });
    const result = await sessions.rotate(session.id, presenting(0, NOW));
    expect(result).toMatchObject({ outcome: { outcome: "refuse", reason: "session_revoked" } });
    expect(await audited()).not.toContain("refresh");
  });

  test("is taken back if the database fails at this moment: whoever comes again after the outage is no thief", async () => {
    const failing = rotating({ confirm: () => Promise.reject(storeUnavailable(new Error("The database is down."))) });
    await expect(failing.rotate(session.id, presenting(0, NOW))).rejects.toMatchObject({ code: "unavailable" });
    const hourLater = NOW + 3_600_000;
    const result = await rotating({}).rotate(session.id, presenting(0, hourLater));
    expect(result).toMatchObject({ outcome: { outcome: "rotate" }, session: { generation: 1 } });
  });

  test("is not taken back once somebody else has been given its token", async () => {
    const failing = rotating({
      async confirm() {
        expect(await rotating({}).rotate(session.id, presenting(0, NOW + 1000))).toMatchObject({ outcome: { outcome: "repeat" } });
        throw storeUnavailable(new Error("The database is down."));
      },
    });
    await expect(failing.rotate(session.id, presenting(0, NOW))).rejects.toMatchObject({ code: "unavailable" });
    expect(await rotating({}).find(session.id)).toMatchObject({ generation: 1 });
  });

  test("is not taken back over a newer one", async () => {
    const failing = rotating({
      async confirm() {
        await rotating({}).rotate(session.id, presenting(1, NOW + 20_000));
        throw storeUnavailable(new Error("The database is down."));
      },
    });
    await expect(failing.rotate(session.id, presenting(0, NOW))).rejects.toMatchObject({ code: "unavailable" });
    expect(await rotating({}).find(session.id)).toMatchObject({ generation: 2 });
  });
});
