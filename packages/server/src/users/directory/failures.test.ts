/** A table that fails: nothing is changed, nobody is signed out, no token is issued, and the operator is told. */
import { inspect } from "node:util";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { createOwnTable } from "../../../test/own-table.ts";
import { PASSWORD, refusal, startTestServer, temporaryFile, TestClient } from "../../../test/test-server.ts";
import { checkedDirectory } from "./ask-directory.ts";
import type { DirectoryUser } from "./user-directory.ts";

const EMAIL = "ada@example.com";
const UNAVAILABLE = { status: 503, error: "unavailable", reason: "store_unavailable" };
const down = (): never => {
  throw new Error("connect ECONNREFUSED");
};

async function startSignedIn() {
  const table = createOwnTable();
  const id = table.add(EMAIL, PASSWORD);
  const server = await startTestServer({ users: table.directory });
  const client = new TestClient(server);
  return { table, id, server, client, tokens: await client.login() };
}

describe("a table that does not answer", () => {
  it("during a refresh changes nothing: the same token is good afterwards, and cookies stay", async () => {
    const { table, server, client } = await startSignedIn();
    const jar = new Map(client.jar);
    table.broken.findById = down;
    const answer = await client.refresh();
    expect(refusal(answer)).toEqual(UNAVAILABLE);
    expect([answer.headers.get("retry-after"), answer.headers.getSetCookie()]).toEqual(["1", []]);
    expect(inspect(server.reported)).toContain("ECONNREFUSED");
    delete table.broken.findById;
    expect(client.jar).toEqual(jar);
    expect((await client.refresh()).status).toBe(200);
    expect((await server.audit.list({ types: ["refresh"] })).map(({ detail }) => detail["generation"])).toEqual([1]);
  });

  it("lets nobody in and counts no try", async () => {
    const { table, server } = await startSignedIn();
    table.broken.findByEmail = down;
    const client = new TestClient(server);
    for (let i = 0; i < 7; i++) {
      expect(refusal(await client.call("POST", "/login", { body: { email: EMAIL, password: PASSWORD } }))).toEqual(UNAVAILABLE);
    }
    expect(refusal(await client.call("POST", "/signup", { body: { email: "new@example.com", password: PASSWORD } }))).toEqual(
      UNAVAILABLE,
    );
    delete table.broken.findByEmail;
    expect((await client.login()).accessToken).toBeDefined();
  });

  it("leaves guards alone: they never ask it", async () => {
    const { table, server, tokens } = await startSignedIn();
    Object.assign(table.broken, { findById: down, findByEmail: down });
    expect((await server.guard.verify(tokens.accessToken)).subject).toBe("1");
    expect(refusal(await new TestClient(server).me(tokens.accessToken))).toEqual(UNAVAILABLE);
  });

  it("is waited for a while, and no longer", async () => {
    const directory = checkedDirectory(
      { ...createOwnTable().directory, findById: () => new Promise(() => {}) },
      { isKnown: async () => true, patienceMs: 5 },
    );
    await expect(directory.findById("1")).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
  });
});

describe("a table that answers nonsense", () => {
  const GOOD: DirectoryUser = {
    id: "1",
    email: EMAIL,
    passwordHash: "$2b$04$abcdefghijklmnopqrstuuzSqlACeHrMC5949SFrwZqnnPJwimoCO",
  };
  it.each<[string, unknown]>([
    ["a text", "ada"],
    ["a list", [GOOD]],
    ["an id that is a number", { ...GOOD, id: 1 }],
    ["another user than was asked for", { ...GOOD, id: "2", email: "eve@example.com" }],
    ["no e-mail", { ...GOOD, email: undefined }],
    ["an e-mail that is none", { ...GOOD, email: "ada" }],
    ["no word on a password", { id: "1", email: EMAIL }],
    ["a password that is not hashed", { ...GOOD, passwordHash: "hunter2-secret" }],
    ["a hash that would cost minutes", { ...GOOD, passwordHash: GOOD.passwordHash?.replace("$04$", "$31$") }],
    ["a role for a list of them", { ...GOOD, roles: "admin" }],
    ["roles that are no names", { ...GOOD, roles: ["two words"] }],
    ["disabled as a number", { ...GOOD, disabled: 0 }],
    ["a time that is none", { ...GOOD, createdAt: "yesterday" }],
  ])("lets nobody in and ends no session: %s", async (_, nonsense) => {
    const { table, server, client } = await startSignedIn();
    const answer = (): never => nonsense as never;
    Object.assign(table.broken, { findByEmail: answer, findById: answer });
    expect(refusal(await client.refresh())).toEqual(UNAVAILABLE);
    expect(
      refusal(await new TestClient(server).call("POST", "/login", { body: { email: EMAIL, password: "hunter2-secret" } })),
    ).toEqual(UNAVAILABLE);
    expect(inspect(server.reported, { depth: 9 })).toMatch(/user directory gave/);
    expect(inspect(server.reported, { depth: 9 })).not.toMatch(/hunter2|\$2b\$/);
    Object.assign(table.broken, { findByEmail: undefined, findById: undefined });
    expect((await client.refresh()).status).toBe(200);
  });

  it("is what a database gives that takes é for e: nobody gets in by another's address", async () => {
    const { table, server } = await startSignedIn();
    table.broken.findByEmail = (email) => table.sound.findByEmail(email.normalize("NFD").replace(/\p{M}/gu, ""));
    expect(
      refusal(await new TestClient(server).call("POST", "/login", { body: { email: "adá@example.com", password: PASSWORD } })),
    ).toEqual(UNAVAILABLE);
  });

  it("is not: nothing for null, whole objects with more in them, names with control characters, a date", async () => {
    const { table, server, client } = await startSignedIn();
    table.broken.findById = () => ({
      ...GOOD,
      name: "Ada\tLovelace\u0000",
      roles: null,
      createdAt: new Date(5),
      posts: [],
      toJSON: () => "x",
    });
    expect(await server.users.sync("1")).toMatchObject({ name: "Ada Lovelace", roles: ["user"] });
    table.broken.findById = () => undefined;
    expect((await client.refresh()).status).toBe(401);
  });
});

describe("a sign-up that was cut off between the two tables", () => {
  it("after the application's: who signs in is whole, with one row in each", async () => {
    const path = temporaryFile();
    const table = createOwnTable();
    const server = await startTestServer({ users: table.directory, databaseUrl: `sqlite:${path}` });
    const db = new DatabaseSync(path);
    db.exec("CREATE TRIGGER cut_off BEFORE INSERT ON users BEGIN SELECT RAISE(FAIL, 'disk I/O error'); END");
    const client = new TestClient(server);
    const signup = () => client.call("POST", "/signup", { body: { email: EMAIL, password: PASSWORD } });
    expect((await signup()).status).toBe(500);
    expect(table.hashOf(EMAIL)).not.toBeNull();
    db.exec("DROP TRIGGER cut_off");
    db.close();
    expect(refusal(await signup())).toEqual({ status: 409, error: "email_taken" });
    const { user, accessToken } = await client.login();
    expect((await server.guard.verify(accessToken)).subject).toBe(user.id);
    expect([await server.users.count(9), table.hashOf(EMAIL)]).toEqual([1, expect.any(String)]);
  });

  it("while the application's answered: likewise", async () => {
    const table = createOwnTable();
    const server = await startTestServer({ users: table.directory });
    table.broken.create = (user) => {
      void table.sound.create(user);
      return down();
    };
    const client = new TestClient(server);
    expect(refusal(await client.call("POST", "/signup", { body: { email: EMAIL, password: PASSWORD } }))).toEqual(UNAVAILABLE);
    expect((await client.login()).user.email).toBe(EMAIL);
  });
});
