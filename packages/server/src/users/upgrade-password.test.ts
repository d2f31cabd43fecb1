import { describe, expect, it } from "vitest";
import { PASSWORD, START, refusal, startTestServer, temporaryFile, TestClient } from "../../test/test-server.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { systemRandom } from "../random.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";

const BCRYPT = "$2b$04$abcdefghijklmnopqrstuuzSqlACeHrMC5949SFrwZqnnPJwimoCO";
const FOREIGN_PASSWORD = "pässword of elsewhere";
const [PEPPER, NEXT_PEPPER] = ["first-pepper-of-the-tests-0123456789", "second-pepper-of-the-tests-0123456789"];

/** Ada, with a hash that was made elsewhere, and a way to look at it. */
async function withHash(passwordHash: string) {
  const path = temporaryFile();
  const store = await openSqlite(path);
  const ada = {
    id: systemRandom.uuid(),
    email: "ada@example.com",
    emailVerified: true,
    name: null,
    roles: ["user"],
    passwordHash,
    tokenVersion: 1,
    disabledAt: null,
    createdAt: START,
  };
  await store.users.create(ada, auditEvent("user_created", START, LOCAL_ORIGIN, { userId: ada.id }));
  await store.close();
  return { path, hashOf: () => storedHash(path) };
}

async function storedHash(path: string): Promise<string> {
  const store = await openSqlite(path);
  const user = await store.users.findByEmail("ada@example.com");
  await store.close();
  return user?.passwordHash ?? "";
}

async function statusOf(path: string, password: string, config: OstiaryConfig = {}): Promise<number> {
  const server = await startTestServer({ databaseUrl: `sqlite:${path}`, ...config });
  const { status } = await new TestClient(server).call("POST", "/login", { body: { email: "ada@example.com", password } });
  await server.close();
  return status;
}

describe("a hash from elsewhere", () => {
  it("lets its owner in, and is ours from then on", async () => {
    const { path, hashOf } = await withHash(BCRYPT);
    expect(await statusOf(path, "wrong")).toBe(401);
    expect(await hashOf()).toBe(BCRYPT);
    expect(await statusOf(path, FOREIGN_PASSWORD)).toBe(200);
    const upgraded = await hashOf();
    expect(upgraded).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await statusOf(path, FOREIGN_PASSWORD)).toBe(200);
    expect(await hashOf()).toBe(upgraded);
  });

  it("lets its owner in when they come several times at once", async () => {
    const { path } = await withHash(BCRYPT);
    const server = await startTestServer({ databaseUrl: `sqlite:${path}` });
    const body = { email: "ada@example.com", password: FOREIGN_PASSWORD };
    const answers = await Promise.all(Array.from({ length: 4 }, () => new TestClient(server).call("POST", "/login", { body })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const upgrades = (await server.audit.list({ limit: 100 })).filter(({ type }) => type === "password_hash_upgraded");
    expect(upgrades).toHaveLength(1);
  });
});

describe("the pepper", () => {
  it("is needed to check a hash that was made with it, and is not in it", async () => {
    const { path, hashOf } = await withHash(BCRYPT);
    await statusOf(path, FOREIGN_PASSWORD, { passwordPepper: PEPPER });
    const peppered = await hashOf();
    expect(peppered).toMatch(/^\$pepper=[\w-]{8}\$argon2id\$/);
    expect(peppered).not.toContain("of-the-tests");
    expect(await statusOf(path, FOREIGN_PASSWORD, { passwordPepper: PEPPER })).toBe(200);
    expect(await statusOf(path, FOREIGN_PASSWORD, { passwordPepper: NEXT_PEPPER })).toBe(401);
    expect(await statusOf(path, FOREIGN_PASSWORD)).toBe(401);
    const bare = await withHash(peppered.replace(/^\$pepper=[\w-]{8}/, ""));
    expect(await statusOf(bare.path, FOREIGN_PASSWORD)).toBe(401);
  });

  it("is rotated login by login, while the one of before stands behind it", async () => {
    const { path, hashOf } = await withHash(BCRYPT);
    await statusOf(path, FOREIGN_PASSWORD, { passwordPepper: PEPPER });
    const before = await hashOf();
    expect(await statusOf(path, FOREIGN_PASSWORD, { passwordPepper: [NEXT_PEPPER, PEPPER] })).toBe(200);
    expect((await hashOf()).slice(0, 16)).not.toBe(before.slice(0, 16));
    expect(await statusOf(path, FOREIGN_PASSWORD, { passwordPepper: NEXT_PEPPER })).toBe(200);
  });

  it("that is missing is told to the operator, not to whoever signs in", async () => {
    const { path } = await withHash(
      "$pepper=AAAAAAAA$argon2id$v=19$m=19456,t=2,p=1$fAQkeeEO3ffz/stVvgZcyg$8KkMdR31z7I1GAMB+wwz0IcomdtmzIXXX65Qwf7+/7w",
    );
    const server = await startTestServer({ databaseUrl: `sqlite:${path}` });
    const login = (email: string) => new TestClient(server).call("POST", "/login", { body: { email, password: PASSWORD } });
    expect((await login("ada@example.com")).body).toEqual((await login("nobody@example.com")).body);
    expect(server.reported.map(String)).toEqual([expect.stringContaining("needs the pepper AAAAAAAA")]);
  });
});

describe("a new password", () => {
  it.each([
    ["that everybody tries", "password1"],
    ["that is the e-mail", "new@example.com"],
    ["that is the product's name", "Ostiary123"],
  ])("%s is refused, at sign-up and at a change", async (_, password) => {
    const server = await startTestServer();
    const client = new TestClient(server);
    const refused = await client.call("POST", "/signup", { body: { email: "new@example.com", password } });
    expect(refusal(refused)).toEqual({ status: 400, error: "invalid_request", reason: "invalid_field", field: "password" });
    const { accessToken: bearer } = await client.signup("new@example.com");
    const change = await client.call("POST", "/password", { bearer, body: { currentPassword: PASSWORD, newPassword: password } });
    expect(refusal(change)).toEqual({ status: 400, error: "invalid_request", reason: "invalid_field", field: "newPassword" });
  });
});
