/**
 * The SQL that the guide for moving prints, run as it stands there: on tables as other libraries make them, imported by
 * `ostiary users import`, and signed in to with the old password. Sessions are taken out of theirs once.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { makePostgresDatabase } from "../../../packages/server/test/postgres-database.ts";
import { call } from "../../call.ts";
import type { Tokens } from "../../call.ts";
import { REPOSITORY } from "../../launch.ts";
import { fencedBlocks } from "../../printed-blocks.ts";
import { runOstiary, startOstiary } from "../../start-ostiary.ts";
import type { RunningServer } from "../../start-ostiary.ts";
import { copyOut } from "../copy-out.ts";
import { AUTH_JS, BETTER_AUTH, BETTER_AUTH_ON_SQLITE, OWN_TABLE, SUPABASE } from "../other-tables.ts";

const guide = readFileSync(join(REPOSITORY, "docs/migration/from-other-libraries.md"), "utf8");
const [ownCopy = "", betterAuthCopy = "", supabaseCopy = "", ...otherCopies] = fencedBlocks(guide, "sql");
const deletes = Array.from(guide.matchAll(/`(DELETE FROM [^`]+)`/g), ([, sql = ""]) => sql);
const [takeBetterAuth = "", takeAuthJs = "", takeSupabase = ""] = deletes;

const OLD_PASSWORD = "pässword of elsewhere";
const BCRYPT = "$2b$04$abcdefghijklmnopqrstuuzSqlACeHrMC5949SFrwZqnnPJwimoCO";
const SCRYPT =
  "f50e263a0d455d4ebffafca016610f61:f9d0ad5038889f2661ed2a53d052ad7782581d38694079f47a14cc98740afa911b16dce61a27d6d199f524801bcdb6dc9ccdd1c61d560077b437858272379cc4";

let server: RunningServer;
let client: pg.Client;
beforeAll(async () => {
  server = await startOstiary();
});

async function onPostgres(tables: string): Promise<void> {
  client = new pg.Client({ connectionString: await makePostgresDatabase() });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(tables);
}

/** Imports what `psql` or `sqlite3` would have written. */
async function importCsv(csv: string): Promise<void> {
  writeFileSync(join(server.folder, "users.csv"), csv);
  await runOstiary(["users", "import", "users.csv"], { folder: server.folder });
}

async function signInAs(email: string, password = OLD_PASSWORD) {
  const { status, body } = await call<Tokens>("POST", `${server.issuer}/login`, { body: { email, password, delivery: "body" } });
  return { status, user: body.user };
}

/** The `SELECT` in a `COPY`, as CSV. */
function selectCsv(database: DatabaseSync, copy: string): string {
  const [, select = ""] = /^COPY \(([\s\S]*)\)\s+TO STDOUT/.exec(copy) ?? [];
  const rows = database.prepare(select).all();
  const quoted = (value: string | number) => `"${String(value).replaceAll('"', '""')}"`;
  const cells = rows.map((row) => Object.values(row) as (string | number)[]);
  return [Object.keys(rows[0] ?? {}), ...cells].map((row) => row.map(quoted).join(",")).join("\n");
}

it("the guide prints three exports, and takes sessions out of three kinds of tables", () => {
  expect(otherCopies).toEqual([]);
  for (const sql of [ownCopy, betterAuthCopy, supabaseCopy]) expect(sql).toMatch(/^COPY /);
  for (const sql of [takeBetterAuth, takeAuthJs, takeSupabase]) expect(sql).toContain("RETURNING");
});

describe("users of a table of one's own", () => {
  const expected = {
    id: "17",
    email: "grace@own.example",
    name: 'Grace "Amazing" Hopper, Ph.D.',
    roles: ["admin"],
    emailVerified: false,
  };

  it("on PostgreSQL", async () => {
    await onPostgres(OWN_TABLE);
    await client.query("INSERT INTO users VALUES (17, $1, $2, $3, 'admin'), (18, 'plain@own.example', $2, NULL, 'user')", [
      expected.email,
      BCRYPT,
      expected.name,
    ]);
    await importCsv(await copyOut(client, ownCopy));
    expect(await signInAs(expected.email)).toEqual({ status: 200, user: expect.objectContaining(expected) as unknown });
    expect(await signInAs("plain@own.example")).toMatchObject({ status: 200, user: { name: null, roles: ["user"] } });
    expect((await signInAs(expected.email, "another")).status).toBe(401);
  });

  it("on SQLite", async () => {
    const database = new DatabaseSync(":memory:");
    database.exec(OWN_TABLE);
    database.prepare("INSERT INTO users VALUES (27, ?, ?, ?, 'admin')").run("lite@own.example", BCRYPT, expected.name);
    await importCsv(selectCsv(database, ownCopy));
    const lite = { ...expected, id: "27", email: "lite@own.example" };
    expect(await signInAs(lite.email)).toEqual({ status: 200, user: expect.objectContaining(lite) as unknown });
  });
});

describe("users of better-auth", () => {
  const id = randomBytes(16).toString("hex");
  const createdAt = "2025-03-04T05:06:07.000Z";

  it("on PostgreSQL; whoever has no password of its own there is left out", async () => {
    await onPostgres(BETTER_AUTH);
    await client.query('INSERT INTO "user" VALUES ($1, $2, $3, true, NULL, $4, $4)', [
      id,
      "Ada",
      "ada@better.example",
      createdAt,
    ]);
    await client.query(`INSERT INTO "user" VALUES ('x', 'Social', 'social@better.example', true, NULL, now(), now())`);
    const account = 'INSERT INTO account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")';
    await client.query(
      `${account} VALUES ('a', $1, 'credential', $1, $2, now(), now()), ('b', '9', 'github', $1, NULL, now(), now())`,
      [id, SCRYPT],
    );
    await client.query(`${account} VALUES ('c', '8', 'github', 'x', NULL, now(), now())`);
    await importCsv(await copyOut(client, betterAuthCopy));
    const user = { id, email: "ada@better.example", name: "Ada", emailVerified: true, createdAt };
    expect(await signInAs("ada@better.example")).toEqual({ status: 200, user: expect.objectContaining(user) as unknown });
    expect(await runOstiary(["users", "list"], { folder: server.folder })).not.toContain("social@better.example");
  });

  it("on SQLite", async () => {
    const database = new DatabaseSync(":memory:");
    database.exec(BETTER_AUTH_ON_SQLITE);
    database
      .prepare('INSERT INTO "user" VALUES (?, ?, ?, 0, NULL, ?, ?)')
      .run("lite", "Lite", "lite@better.example", createdAt, createdAt);
    const account = 'INSERT INTO account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")';
    database.prepare(`${account} VALUES ('a', 'lite', 'credential', 'lite', ?, ?, ?)`).run(SCRYPT, createdAt, createdAt);
    await importCsv(selectCsv(database, betterAuthCopy));
    const user = { id: "lite", emailVerified: false, createdAt };
    expect(await signInAs("lite@better.example")).toEqual({ status: 200, user: expect.objectContaining(user) as unknown });
  });
});

it("users of Supabase: banned ones stay out, and those without e-mail or password, or deleted, are left out", async () => {
  await onPostgres(SUPABASE);
  const insert =
    "INSERT INTO auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data, banned_until, " +
    "deleted_at, created_at)";
  const ada = randomUUID();
  const values: unknown[][] = [
    [ada, "ada@supa.example", BCRYPT, "2025-01-01", { name: "Ada" }, null, null, "2025-01-01T01:02:03Z"],
    [randomUUID(), "banned@supa.example", BCRYPT, null, {}, "2999-01-01", null, "2025-01-01"],
    [randomUUID(), "back@supa.example", BCRYPT, null, {}, "2020-01-01", null, "2025-01-01"],
    [randomUUID(), "link@supa.example", "", "2025-01-01", {}, null, null, "2025-01-01"],
    [randomUUID(), "oauth@supa.example", null, "2025-01-01", {}, null, null, "2025-01-01"],
    [randomUUID(), null, BCRYPT, null, {}, null, null, "2025-01-01"],
    [randomUUID(), "gone@supa.example", BCRYPT, null, {}, null, "2025-02-02", "2025-01-01"],
  ];
  for (const row of values) await client.query(`${insert} VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, row);
  await importCsv(await copyOut(client, supabaseCopy));
  const user = { id: ada, name: "Ada", emailVerified: true, createdAt: "2025-01-01T01:02:03.000Z" };
  expect(await signInAs("ada@supa.example")).toEqual({ status: 200, user: expect.objectContaining(user) as unknown });
  const statuses = await Promise.all(["back", "banned", "link", "oauth", "gone"].map((name) => signInAs(`${name}@supa.example`)));
  expect(statuses.map(({ status }) => status)).toEqual([200, 401, 401, 401, 401]);
});

describe("a live session is taken out once, and an ended one never", () => {
  const [live, over] = ["the live one", "the old one"];
  const [future, past] = ["2999-01-01T00:00:00Z", "2020-01-01T00:00:00Z"];

  async function expectTakenOnce(sql: string, column: string, userId: unknown): Promise<void> {
    const taken = [];
    for (const token of [live, over, live]) taken.push((await client.query(sql, [token])).rows);
    expect(taken).toEqual([[{ [column]: userId }], [], []]);
  }

  it("better-auth", async () => {
    await onPostgres(BETTER_AUTH);
    await client.query(`INSERT INTO "user" VALUES ('ada', 'Ada', 'ada@better.example', true, NULL, now(), now())`);
    const insert = `INSERT INTO session VALUES ($1, $2, $3, now(), now(), NULL, NULL, 'ada')`;
    for (const row of [["1", future, live], ["2", past, over]]) await client.query(insert, row);
    await expectTakenOnce(takeBetterAuth, "userId", "ada");
  });

  it("Auth.js", async () => {
    await onPostgres(AUTH_JS);
    const insert = 'INSERT INTO sessions ("userId", expires, "sessionToken") VALUES (7, $1, $2)';
    for (const row of [[future, live], [past, over]]) await client.query(insert, row);
    await expectTakenOnce(takeAuthJs, "userId", 7);
  });

  it("Supabase, whose tokens of before and sessions signed out are worth nothing", async () => {
    await onPostgres(SUPABASE);
    const [user, session] = [randomUUID(), randomUUID()];
    await client.query("INSERT INTO auth.users (id, email) VALUES ($1, 'ada@supa.example')", [user]);
    await client.query("INSERT INTO auth.sessions (id, user_id) VALUES ($1, $2)", [session, user]);
    const insert = "INSERT INTO auth.refresh_tokens (token, user_id, revoked, session_id) VALUES ($1, $2, $3, $4)";
    for (const row of [[over, user, true, session], [live, user, false, session]]) await client.query(insert, row);
    await expectTakenOnce(takeSupabase, "user_id", user);
    expect((await client.query("SELECT * FROM auth.refresh_tokens")).rows).toEqual([]);
  });
});
