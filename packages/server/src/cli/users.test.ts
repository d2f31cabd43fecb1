import { beforeAll, describe, expect, it } from "vitest";
import { CLIENT, startForeignProvider } from "../../test/foreign-provider.ts";
import { runCli as run, runCliProcess, temporaryFolder } from "../../test/run-cli.ts";
import type { CliRun } from "../../test/run-cli.ts";
import { TestClient } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";
import { ADA, Traveller } from "../../test/traveller.ts";
import { enrol, firstStep } from "../../test/two-steps.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { oidc } from "../federation/providers.ts";
import { createOstiary } from "../server.ts";
import type { Ostiary } from "../ostiary.ts";

const PASSWORD = "correct horse battery staple";
const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  await withServer(() => undefined);
});

describe("ostiary users create", () => {
  it("makes a user who can sign in with the password from standard input", async () => {
    const args = ["users", "create", "Ada@example.com", "--name", "Ada Lovelace", "--password-stdin"];
    const { code, stdout, stderr } = await runCliProcess(args, { folder, stdin: `${PASSWORD}\n` });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^[\da-f-]{36} {2}Ada@example\.com \(Ada Lovelace\) {2}\[user\] {2}since \d{4}-\d\d-\d\d\n$/);
    expect(await loginStatus("ada@example.com", PASSWORD)).toBe(200);
  });

  it("takes the password up to the first line break, spaces included", async () => {
    await cli(["create", "spaces@example.com", "--password-stdin"], "  eight spaces \r\nand another line");
    expect(await loginStatus("spaces@example.com", "  eight spaces ")).toBe(200);
  });

  it("gives the roles it is told, each once", async () => {
    const args = ["create", "roles@example.com", "--role", "editor", "admin", "--admin", "--password-stdin", "--json"];
    const { code, stdout } = await cli(args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      id: expect.stringMatching(ID) as unknown,
      email: "roles@example.com",
      emailVerified: false,
      name: null,
      roles: ["editor", "admin"],
      disabled: false,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
    });
  });

  it.each([
    ["someone is there already", ["create", "taken@example.com", "--password-stdin"], "There is a user taken@example.com already."],
    ["it is no address", ["create", "ada", "--password-stdin"], "email must be an e-mail address."],
    ["a role is no name", ["create", "x@example.com", "--role", "a b", "--password-stdin"], "roles must be names"],
    ["nobody can be asked for a password", ["create", "x@example.com"], "There is no terminal to ask for a password: use --password-stdin."],
  ])("makes none if %s", async (_, args, expected) => {
    if (args.includes("taken@example.com")) await cli(args);
    const { code, stdout, stderr } = await cli(args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(expected);
    expect(stderr.trimEnd()).not.toContain("\n");
  });

  it.each(["", "x".repeat(257)])("makes none with the password %j", async (password) => {
    const { code, stdout, stderr } = await cli(["create", "y@example.com", "--password-stdin"], password);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: "password must have 8 to 256 characters.\n" });
  });
});

describe("ostiary users list", () => {
  it("lists nobody where there is nobody", async () => {
    const empty = temporaryFolder();
    await withServer(() => undefined, empty);
    expect((await run(["users", "list"], { folder: empty })).stdout).toBe("There are no users yet.\n");
    expect(await run(["users", "list", "--json"], { folder: empty })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("lists all users in the order they came, a line each", async () => {
    const some = temporaryFolder();
    const emails = ["c@example.com", "a@example.com", "b@example.com"];
    await withServer(async ({ users }) => {
      for (const email of emails) await users.create({ email, password: PASSWORD });
    }, some);
    const people = await run(["users", "list"], { folder: some });
    expect(lines(people).map((line) => line.split("  ")[1])).toEqual(emails);
    const json = await run(["users", "list", "--json"], { folder: some });
    expect(lines(json).map((line) => (JSON.parse(line) as { email: string }).email)).toEqual(emails);
  });

  it("lets nobody's name act on the terminal", async () => {
    const some = temporaryFolder();
    await withServer(({ users }) => users.create({ email: "x@example.com", password: PASSWORD, name: "\u202e\u2066ada" }), some);
    expect((await run(["users", "list"], { folder: some })).stdout).toContain("(\\u202e\\u2066ada)");
  });
});

describe("ostiary users show, disconnect", () => {
  it("tells which accounts elsewhere let somebody in, and takes one away, be it the last", async () => {
    const some = temporaryFolder();
    const provider = await startForeignProvider();
    const signInWith = [oidc({ id: "works", name: "Works", issuer: provider.issuer, ...CLIENT })];
    await withServer((server) => new Traveller(server).signIn(provider, ADA), some, { signInWith });
    const show = await run(["users", "show", ADA.email], { folder: some });
    expect(lines(show)[1]).toMatch(new RegExp(`^  ${provider.issuer}  ${ADA.sub}  \\(${ADA.email}\\)  since `));
    const json = await run(["users", "show", ADA.email, "--json"], { folder: some });
    expect(JSON.parse(json.stdout)).toMatchObject({ email: ADA.email, identities: [{ issuer: provider.issuer, subject: ADA.sub }] });
    const disconnect = () => run(["users", "disconnect", ADA.email, provider.issuer], { folder: some });
    expect(await disconnect()).toMatchObject({ code: 0, stdout: expect.stringContaining(`${ADA.email} is not let in any more by ${provider.issuer}`) as unknown });
    expect(await disconnect()).toMatchObject({ code: 1, stderr: `No account of ${provider.issuer} lets ${ADA.email} in.\n` });
    await withServer(async ({ users, sessions, audit }) => {
      const { id = "" } = (await users.findByEmail(ADA.email)) ?? {};
      expect([await users.identities(id), await sessions.list(id)]).toEqual([[], []]);
      const [event] = await audit.list({ types: ["identity_unlinked"], userId: id });
      expect(event?.detail).toEqual({ issuer: provider.issuer, subject: ADA.sub });
    }, some);
  });
});

describe("ostiary users set-role", () => {
  it("replaces the roles of who is named by e-mail, however it is written, or by id", async () => {
    const { stdout } = await cli(["create", "change@example.com", "--password-stdin", "--json"]);
    const { id } = JSON.parse(stdout) as { id: string };
    const byEmail = await cli(["set-role", "CHANGE@example.com", "admin", "admin", "support", "--json"]);
    expect(JSON.parse(byEmail.stdout)).toMatchObject({ id, roles: ["admin", "support"] });
    const byId = await cli(["set-role", id, "user"]);
    expect(byId.stdout).toContain(`${id}  change@example.com  [user]`);
  });

  it.each([
    ["nobody@example.com", "admin", "There is no user nobody@example.com."],
    ["01890000-0000-7000-8000-000000000000", "admin", "There is no user 01890000-0000-7000-8000-000000000000."],
    ["ada@example.com", "a,b", "roles must be names of 1 to 64 characters, without spaces and commas."],
    ["ada@example.com", "", "roles must be names of 1 to 64 characters, without spaces and commas."],
  ])("%s %j ends with 1", async (who, role, expected) => {
    expect(await cli(["set-role", who, role])).toEqual({ code: 1, stdout: "", stderr: `${expected}\n` });
  });
});

describe("ostiary users disable", () => {
  it("keeps the user out, and says so again if asked again", async () => {
    await cli(["create", "bad@example.com", "--password-stdin"]);
    for (let times = 1; times <= 2; times += 1) {
      const { code, stdout } = await cli(["disable", "bad@example.com"]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[\da-f-]{36} {2}bad@example\.com {2}\[user\] {2}since [\d-]+ {2}disabled\n$/);
    }
    const { stdout } = await cli(["disable", "bad@example.com", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ email: "bad@example.com", disabled: true });
    expect(await loginStatus("bad@example.com", PASSWORD)).toBe(401);
  });

  it("ends with 1 where there is nobody", async () => {
    const { code, stdout, stderr } = await cli(["disable", "nobody@example.com"]);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: "There is no user nobody@example.com.\n" });
  });
});

describe("ostiary users enable", () => {
  it("lets in again who was disabled", async () => {
    await cli(["create", "back@example.com", "--password-stdin"]);
    await cli(["disable", "back@example.com"]);
    expect(await loginStatus("back@example.com", PASSWORD)).toBe(401);
    const { code, stdout } = await cli(["enable", "back@example.com", "--json"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { email: "back@example.com", disabled: false }]);
    expect(await loginStatus("back@example.com", PASSWORD)).toBe(200);
  });
});

describe("ostiary users unlock", () => {
  it("takes the right password again where wrong ones have closed the account", async () => {
    await cli(["create", "shut@example.com", "--password-stdin"]);
    for (let i = 0; i < 5; i++) await loginStatus("shut@example.com", "wrong");
    expect(await loginStatus("shut@example.com", PASSWORD)).toBe(429);
    const { code, stdout } = await cli(["unlock", "shut@example.com"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("shut@example.com")]);
    expect(await loginStatus("shut@example.com", PASSWORD)).toBe(200);
    const nobody = await cli(["unlock", "nobody@example.com"]);
    expect(nobody).toEqual({ code: 1, stdout: "", stderr: "There is no user nobody@example.com.\n" });
  });
});

describe("ostiary users reset-factors", () => {
  it("lets in by the password alone again who has lost their second factors, and ends with 1 where there is nobody", async () => {
    await cli(["create", "lost@example.com", "--password-stdin"]);
    const now = Date.now();
    const status = async (client: TestClient) => (await firstStep(client, "lost@example.com")).status;
    const inServer = (work: (server: TestServer, client: TestClient) => Promise<void>) =>
      withServer((server) => work({ ...server, time: { now }, reported: [] }, new TestClient(server)), folder, { clock: () => now });
    await inServer(async (server, client) => {
      await enrol(server, client, (await client.login("lost@example.com")).accessToken);
      expect(await status(client)).toBe(401);
    });
    const { code, stdout } = await cli(["reset-factors", "lost@example.com"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("lost@example.com")]);
    await inServer(async (server, client) => {
      expect(await status(client)).toBe(200);
      const reset = (await server.audit.list({ limit: 1000 })).filter(({ type }) => type === "second_factors_reset");
      expect(reset).toMatchObject([{ userId: (await server.users.findByEmail("lost@example.com"))?.id }]);
    });
    expect((await cli(["reset-factors", "lost@example.com"])).code).toBe(0);
    expect(await cli(["reset-factors", "nobody@example.com"])).toEqual({ code: 1, stdout: "", stderr: "There is no user nobody@example.com.\n" });
  });
});

describe("ostiary users delete", () => {
  it("takes the user out, and ends with 1 where there is nobody", async () => {
    await cli(["create", "gone@example.com", "--password-stdin"]);
    const { code, stdout } = await cli(["delete", "gone@example.com"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("gone@example.com")]);
    expect(await loginStatus("gone@example.com", PASSWORD)).toBe(401);
    const again = await cli(["delete", "gone@example.com"]);
    expect(again).toEqual({ code: 1, stdout: "", stderr: "There is no user gone@example.com.\n" });
  });
});

function cli(args: readonly string[], stdin = `${PASSWORD}\n`): Promise<CliRun> {
  return run(["users", ...args], { folder, stdin });
}

function lines({ stdout }: CliRun): string[] {
  return stdout.trimEnd().split("\n");
}

async function loginStatus(email: string, password: string): Promise<number> {
  let status = 0;
  await withServer(async ({ fetch, issuer }) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ email, password });
    ({ status } = await fetch(new Request(`${issuer}/login`, { method: "POST", headers, body })));
  });
  return status;
}

/** A server on the folder's data, as `ostiary start` would be. */
async function withServer(work: (server: Ostiary) => unknown, where = folder, config: OstiaryConfig = {}): Promise<void> {
  const server = await createOstiary({ dataDir: `${where}/.ostiary`, ...config });
  try {
    await work(server);
  } finally {
    await server.close();
  }
}
