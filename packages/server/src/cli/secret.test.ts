import { describe, expect, it } from "vitest";
import { runCli } from "../../test/run-cli.ts";

describe("ostiary secret", () => {
  it("prints 256 random bits, and nothing else", async () => {
    const [one, other] = await Promise.all([runCli(["secret"]), runCli(["secret"])]);
    expect(one).toEqual({ code: 0, stdout: expect.stringMatching(/^[\w-]{43}\n$/) as unknown, stderr: "" });
    expect(one.stdout).not.toBe(other.stdout);
  });

  it("prints it as JSON", async () => {
    const { stdout } = await runCli(["secret", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ secret: expect.stringMatching(/^[\w-]{43}$/) as unknown });
  });

  it("prints as many bytes as are asked for", async () => {
    const { stdout } = await runCli(["secret", "--bytes", "64"]);
    expect(stdout).toMatch(/^[\w-]{86}\n$/);
    for (const bytes of ["31", "129", "x", "-1", "6e1"]) expect((await runCli(["secret", `--bytes=${bytes}`])).code).toBe(2);
  });

  it("prints what the server takes for a secret", async () => {
    const { stdout } = await runCli(["secret"]);
    const { stderr } = await runCli(["users", "list"], { env: { OSTIARY_SECRET: stdout.trim() } });
    expect(stderr).toContain("There is no database");
  });
});
