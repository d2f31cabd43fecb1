import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, runCliProcess, temporaryFolder } from "../../test/run-cli.ts";

const PASSWORD = "correct horse battery staple\n";

describe.concurrent("a process of its own prints and ends with the same as one in which the command is called", () => {
  it.each([
    [["--help"]],
    [["--version"]],
    [["strat"]],
    [["users", "list"]],
    [["inspect", "eyJhbGciOiJub25lIn0.e30."]],
    [["inspect", "-"]],
  ])("%j", async (args) => {
    const stdin = "no token";
    expect(await runCliProcess(args, { stdin })).toEqual(await runCli(args, { stdin }));
  });
});

describe("help", () => {
  it.each([[["--help"]], [["help"]]])("of everything is printed for %j", async (args) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: ostiary \[options\] \[command\]\n/);
    for (const command of ["start", "users", "sessions", "clients", "inspect", "secret"]) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
  });

  it.each([
    [["start", "--help"], "OSTIARY_PORT"],
    [["users", "--help"], "set-role"],
    [["help", "users"], "set-role"],
    [["users", "create", "--help"], "--password-stdin"],
    [["users", "set-role", "-h"], "all roles they are to have"],
    [["users", "disable", "-h"], "e-mail or id"],
    [["clients", "create", "--help"], "--guard"],
    [["inspect", "--help"], "--issuer <url>"],
    [["secret", "--help"], "Nothing is stored"],
  ])("of one command is printed for %j", async (args, expected) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(expected);
  });

  it("has the version of the package", async () => {
    const manifest = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
    const { version } = JSON.parse(manifest) as { version: string };
    expect(await runCli(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("wrong use ends with 2, and says on standard error what is wrong and how it is used", () => {
  it.each([
    [[], "Usage: ostiary"],
    [["users"], "Usage: ostiary users"],
    [["strat"], "error: unknown command 'strat'\n(Did you mean start?)"],
    [["users", "erase"], "error: unknown command 'erase'"],
    [["--loud"], "error: unknown option '--loud'"],
    [["start", "--port", "80"], "error: unknown option '--port'"],
    [["users", "list", "ada"], "error: too many arguments"],
    [["users", "create"], "error: missing required argument 'email'"],
    [["users", "create", "ada@example.com", "--name"], "error: option '--name <name>' argument missing"],
    [["users", "set-role", "ada@example.com"], "error: missing required argument 'roles'"],
    [["users", "disable"], "error: missing required argument 'user'"],
    [["clients", "create", "api"], "Say what it may do: --redirect-uri <uri>, --device, --service, or --guard."],
    [["inspect"], "error: missing required argument 'token'"],
  ])("%j", async (args, expected) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(expected);
    expect(stderr).toContain("Usage: ostiary");
  });
});

describe("without a database", () => {
  it.each([
    [["users", "list"]],
    [["users", "create", "ada@example.com", "--password-stdin"]],
    [["users", "set-role", "ada@example.com", "admin"]],
    [["users", "disable", "ada@example.com"]],
    [["clients", "create", "api", "--guard"]],
    [["sessions", "revoke-token", "x"]],
  ])("%j says so, ends with 1, and makes none", async (args) => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await runCli(args, { folder, stdin: PASSWORD });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "There is no database at .ostiary/ostiary.db: start the server once, or name another with OSTIARY_DATA_DIR.\n",
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([[["secret"]], [["inspect", "eyJhbGciOiJub25lIn0.e30."]], [["--help"]]])("%j works, and makes none", async (args) => {
    const folder = temporaryFolder();
    const { code } = await runCli(args, { folder });
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a wrong configuration", () => {
  it("is refused by commands that need one, with 1 and without a stack", async () => {
    const env = { OSTIARY_PORT: "none", OSTIARY_PROT: "1" };
    const { code, stdout, stderr } = await runCli(["users", "list"], { env });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "The configuration cannot be used:\n" +
        "  - OSTIARY_PORT: must be a whole number from 1 to 65535\n" +
        "  - OSTIARY_PROT is not a setting of this version.\n",
    );
  });
});
