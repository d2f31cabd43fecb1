import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFile } from "../../../test/test-server.ts";
import { expectUpgraded } from "../../../test/upgrade/expect-upgraded.ts";
import { keptDatabases } from "../../../test/upgrade/kept.ts";
import { newSession, newUser, NOW } from "../conformance/fixtures.ts";
import { first } from "../sql/migrations/001-first.ts";
import { clients } from "../sql/migrations/002-clients.ts";
import { keyRing } from "../sql/migrations/003-key-ring.ts";
import { limits } from "../sql/migrations/005-limits.ts";
import { admin } from "../sql/migrations/006-admin.ts";
import { oauth } from "../sql/migrations/007-oauth.ts";
import { toSessionRow } from "../sql/session-row.ts";
import { toUserRow } from "../sql/user-row.ts";
import { nodeSqliteDialect } from "./node-sqlite-dialect.ts";
import { COLUMNS, openSqlite } from "./open-sqlite.ts";

const RELEASED = { "001-first": first, "002-clients": clients, "003-key-ring": keyRing, "005-limits": limits, "006-admin": admin, "007-oauth": oauth };

/** As a version before DPoP, pushed requests, devices, self-registered clients, other issuers and API keys has left it. */
async function filledBefore(path: string) {
  const database = new DatabaseSync(path);
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(database) });
  const migrations = Object.fromEntries(Object.entries(RELEASED).map(([name, make]) => [name, make(COLUMNS)]));
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
  if (error !== undefined) throw new Error("A migration failed.", { cause: error });
  const insert = (table: string, row: object): void => {
    const names = Object.keys(row);
    database.prepare(`insert into ${table} (${names.join()}) values (${names.map(() => "?").join()})`).run(...(Object.values(row) as (string | number | null)[]));
  };

  const user = newUser({ email: "ada@example.com" });
  insert("users", toUserRow(user));
  const session = newSession(user.id, { clientId: "shop", scope: "openid", deviceHash: "device" });
  const { proof_key: _, ...sessionRow } = toSessionRow(session);
  insert("sessions", sessionRow);
  const registration = {
    redirectUris: ["https://shop.example/callback"],
    postLogoutRedirectUris: [],
    grantTypes: ["authorization_code", "refresh_token"],
    tokenEndpointAuthMethod: "client_secret_basic",
    scopes: ["openid"],
    firstParty: false,
    jwks: null,
    backchannelLogoutUri: null,
  };
  const secretHash = new Uint8Array(32).fill(7);
  insert("clients", { id: "shop", name: "Shop", guard: 0, secret_hash: secretHash, created_at: NOW, registration: JSON.stringify(registration) });
  insert("clients", { id: "guard", name: "API", guard: 1, secret_hash: secretHash, created_at: NOW, registration: null });
  const code = { hash: "code", user_id: user.id, client_id: "shop", sign_on_id: "sign-on", session_id: "session", jti: "jti", redirect_uri: registration.redirectUris[0], code_challenge: "challenge", scope: "openid", resources: "", nonce: "n", created_at: NOW, expires_at: NOW + 60_000, redeemed_at: null, replayed_at: null };
  insert("authorization_codes", code);
  insert("consents", { user_id: user.id, client_id: "shop", scope: "openid", at: NOW });
  database.close();
  return { user, session, registration, secretHash };
}

it("a database of a version before is brought up to date with all that is in it", async () => {
  const path = temporaryFile();
  const { user, session, registration, secretHash } = await filledBefore(path);
  const store = await openSqlite(path);
  onTestFinished(() => store.close());
  await store.check();

  expect(await store.users.find(user.id)).toEqual(user);
  expect(await store.sessions.find(session.id)).toEqual(session);
  const shop = { id: "shop", name: "Shop", guard: false, secretHash, createdAt: NOW, tokenVersion: 1 };
  const defaults = { roles: [], dpopBoundAccessTokens: false, requirePushedAuthorizationRequests: false };
  expect(await store.clients.find("shop")).toEqual({ ...shop, registration: { ...registration, ...defaults } });
  expect(await store.clients.find("guard")).toEqual({ ...shop, id: "guard", name: "API", guard: true, registration: null });
  expect(await store.oauth.codes.find("code")).toMatchObject({ userId: user.id, clientId: "shop", scopes: ["openid"], resources: [], nonce: "n", proofKey: null, redeemedAt: null });
  expect(await store.oauth.consents.find(user.id, "shop")).toEqual(["openid"]);
});

describe("a database that an earlier version left behind", () => {
  const databases = keptDatabases("sqlite");
  it("is there", () => expect(databases).not.toHaveLength(0));

  it.each(databases)("$name: whoever was signed in still is, and what was ended stays ended", async ({ sql, kept }) => {
    const path = temporaryFile();
    withStatements(path, sql);
    await expectUpgraded(`sqlite:${path}`, kept);
  });
});

it("a database of a later version is refused, with what to do, and left as it is", async () => {
  const path = temporaryFile();
  await (await openSqlite(path)).close();
  withStatements(path, "insert into kysely_migration (name, timestamp) values ('999-later', '2030-01-01')");
  const opening = openSqlite(path);
  await expect(opening).rejects.toMatchObject({ name: "StartError" });
  await expect(opening).rejects.toThrow(/newer version of Ostiary, which added 999-later.*: run that version/);
});

function withStatements(path: string, statements: string): void {
  const database = new DatabaseSync(path);
  database.exec(statements);
  database.close();
}
