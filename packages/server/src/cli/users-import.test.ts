import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { runCli, runCliProcess, temporaryFolder } from "../../test/run-cli.ts";
import { TestClient } from "../../test/test-server.ts";
import { createOstiary } from "../server.ts";
import type { Ostiary } from "../ostiary.ts";

const BCRYPT = "$2b$04$abcdefghijklmnopqrstuuzSqlACeHrMC5949SFrwZqnnPJwimoCO";
const PBKDF2 = "pbkdf2_sha256$1000$AbCdEf$CnVREXoOO2DEF+YayNVXwXePhzs0IOtUrCFYijXy8Uo=";
const PASSWORD = "pässword of elsewhere";

let folder: string;
beforeEach(async () => {
  folder = temporaryFolder();
  await withServer(async () => {});
});

async function withServer<Result>(work: (server: Ostiary) => Promise<Result>): Promise<Result> {
  const server = await createOstiary({ dataDir: join(folder, ".ostiary") });
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

const cli = (args: readonly string[]) => runCli(["users", ...args], { folder });
const file = (name: string, text: string): string => (writeFileSync(join(folder, name), text), name);
const count = () => withServer(async ({ users }) => (await users.list()).length);
const login = (email: string) =>
  withServer(async (server) => (await new TestClient(server).call("POST", "/login", { body: { email, password: PASSWORD } })).status);

const CSV = `email,name,roles,passwordHash,legacy_id
ada@example.com,"Lovelace, Ada",user|admin,${BCRYPT},1
grace@example.com,,,${PBKDF2},2

broken,,,${BCRYPT},3
md5@example.com,,,5f4dcc3b5aa765d61d8327deb882cf99,4
ADA@example.com,,,${BCRYPT},5
`;

describe("ostiary users import", () => {
  it("creates whom it can from CSV, tells each row it refuses, and they sign in with their passwords", async () => {
    const { code, stdout, stderr } = await cli(["import", file("users.csv", CSV), "--report", "refused.jsonl"]);
    expect(stdout).toBe(
      "2 created, 1 there already, 2 refused.\n" +
        "  line 5 (broken): email is no e-mail address\n" +
        "  line 6 (md5@example.com): passwordHash is of no known form, or too costly to check\n",
    );
    expect([code, stderr]).toEqual([1, "2 rows were refused.\n"]);
    const report = readFileSync(join(folder, "refused.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as object);
    expect(report).toEqual([
      { line: 5, email: "broken", why: "email is no e-mail address" },
      { line: 6, email: "md5@example.com", why: "passwordHash is of no known form, or too costly to check" },
    ]);
    expect(await login("ada@example.com")).toBe(200);
    expect(await login("grace@example.com")).toBe(200);
    const ada = await withServer(({ users }) => users.findByEmail("ada@example.com"));
    expect(ada).toMatchObject({ name: "Lovelace, Ada", roles: ["user", "admin"] });
  });

  it("takes JSON lines, with ids, times and flags", async () => {
    const rows = [
      { email: "ada@example.com", passwordHash: BCRYPT, id: "auth0|123", roles: ["admin"], emailVerified: "t", createdAt: "2020-02-02T00:00:00Z" },
      { email: "off@example.com", passwordHash: BCRYPT, disabled: true },
    ];
    const { code, stdout } = await cli(["import", file("users.jsonl", `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`), "--json"]);
    expect([code, JSON.parse(stdout)]).toEqual([0, { dryRun: false, created: 2, existing: 0, refused: [] }]);
    const ada = await withServer(({ users }) => users.find("auth0|123"));
    expect(ada).toMatchObject({ emailVerified: true, roles: ["admin"], createdAt: Date.parse("2020-02-02T00:00:00Z") });
    expect(await login("off@example.com")).toBe(401);
  });

  it("goes on where it broke off: a second run creates nobody twice, and changes nobody", async () => {
    const lines = Array.from({ length: 1200 }, (_, i) => JSON.stringify({ email: `user${i}@example.com`, passwordHash: BCRYPT }));
    await cli(["import", file("some.jsonl", lines.slice(0, 700).join("\n"))]);
    const { stdout } = await cli(["import", file("all.jsonl", lines.join("\n"))]);
    expect(stdout).toBe("500 created, 700 there already, 0 refused.\n");
  });

  it("--dry-run says the same and writes nothing", async () => {
    const { stdout } = await cli(["import", file("users.csv", CSV), "--dry-run"]);
    expect(stdout).toMatch(/^2 would be created, 1 there already, 2 refused\.\n/);
    expect(await count()).toBe(0);
  });

  it("--dry-run says the same of rows that are far from each other in the file", async () => {
    const row = (id: string | undefined, email: string) => JSON.stringify({ id, email, passwordHash: BCRYPT });
    const many = (name: string) => Array.from({ length: 500 }, (_, i) => row(undefined, `${name}${i}@example.com`));
    const again = [row("7", "A@example.com"), row("8", "a@example.com"), row(undefined, "X3@example.com")];
    const lines = [row("7", "a@example.com"), ...many("x"), ...again, ...many("y"), row("7", "b@example.com"), row("8", "c@example.com")];
    const path = file("users.jsonl", lines.join("\n"));
    const rehearsed = await cli(["import", path, "--dry-run", "--json"]);
    const done = await cli(["import", path, "--json"]);
    const tally = { created: 1002, existing: 3, refused: [{ line: 1005, why: "id is another user's" }] };
    expect(JSON.parse(done.stdout)).toMatchObject({ dryRun: false, ...tally });
    expect(JSON.parse(rehearsed.stdout)).toEqual({ ...(JSON.parse(done.stdout) as object), dryRun: true });
  });

  it.each([
    ["a file that is not there", "nowhere.csv", null, /^nowhere\.csv cannot be read \(ENOENT/],
    ["what is no CSV", "x.csv", 'email,passwordHash\n"open', /^The file is no CSV: /],
  ])("%s is one sentence", async (_, name, text, expected) => {
    if (text !== null) file(name, text);
    const { code, stderr } = await cli(["import", name]);
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
    expect(stderr.trimEnd()).not.toContain("\n");
  });

  it("lines that are no users are refused one by one", async () => {
    const path = file("x.jsonl", `{"email":"a@example.com"}\nnonsense\n[]\n{"email":1,"passwordHash":"${BCRYPT}"}\n`);
    const { stdout } = await cli(["import", path, "--json"]);
    expect((JSON.parse(stdout) as { refused: object[] }).refused).toEqual([
      { line: 1, email: null, why: "passwordHash is missing" },
      { line: 2, email: null, why: "no JSON" },
      { line: 3, email: null, why: "no object" },
      { line: 4, email: null, why: "email has the wrong type" },
    ]);
  });
});

describe("ostiary users export", () => {
  it.each(["csv", "jsonl"])("%s: what it writes can be imported, and nothing is lost", async (format) => {
    await cli(["import", file("users.csv", CSV)]);
    const path = `out.${format}`;
    const exported = await cli(["export", "--format", format, "--with-hashes", "--output", path]);
    expect([exported.code, exported.stdout, exported.stderr]).toEqual([0, "", ""]);
    expect(statSync(join(folder, path)).mode & 0o777).toBe(0o600);
    const before = await withServer(({ users }) => users.export());
    const text = readFileSync(join(folder, path), "utf8");
    folder = temporaryFolder();
    await withServer(async () => {});
    expect((await cli(["import", file(path, text), "--json"])).stdout).toContain('"created":2');
    expect(await withServer(({ users }) => users.export())).toEqual(before);
  });

  it("without --with-hashes there is none in it, and no file is written over", async () => {
    await cli(["import", file("users.csv", CSV)]);
    const { code: exitCode, stdout, stderr: said } = await runCliProcess(["users", "export"], { folder });
    expect([exitCode, stdout, said]).toEqual([0, (await cli(["export"])).stdout, ""]);
    expect(stdout).not.toContain("$2b$");
    const { code, stderr } = await cli(["export", "--output", "users.csv"]);
    expect([code, existsSync(join(folder, "users.csv"))]).toEqual([1, true]);
    expect(stderr).toMatch(/^users\.csv cannot be written \(EEXIST/);
  });

  it("a name that a spreadsheet would take for a formula is text there", async () => {
    const name = "=HYPERLINK(1)";
    await cli(["import", file("x.jsonl", JSON.stringify({ email: "+x@example.com", name, passwordHash: BCRYPT }))]);
    const { stdout } = await cli(["export", "--format", "csv", "--with-hashes"]);
    expect(stdout).toContain(",'=HYPERLINK(1),");
    folder = temporaryFolder();
    await withServer(async () => {});
    await cli(["import", file("back.csv", stdout)]);
    expect(await withServer(({ users }) => users.findByEmail("+x@example.com"))).toMatchObject({ name });
  });
});
