import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MAIN, runCliProcess as runCli, temporaryFolder } from "../../test/run-cli.ts";
import { createOstiary } from "../server.ts";

/** Only the script of util-linux takes a command to run in a terminal. */
const hasTerminal = /util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "");

describe("the password of a new user", () => {
  it("is not waited for where there is no terminal", async () => {
    const folder = await folderWithDatabase();
    const { code, stderr } = await runCli(["users", "create", "ada@example.com"], { folder });
    expect([code, stderr]).toEqual([1, "There is no terminal to ask for a password: use --password-stdin.\n"]);
  });

  it.runIf(hasTerminal)("is asked for twice in a terminal, and never shown", async () => {
    const { screen, code, stdout } = await inTerminal(["first horse battery", "first horse battery"]);
    expect(code).toBe(0);
    expect(screen).toContain("The same again");
    expect(screen).not.toContain("horse");
    expect(JSON.parse(stdout)).toMatchObject({ email: "ada@example.com" });
  });

  it.runIf(hasTerminal)("is refused if the two differ, or if the question is cancelled", async () => {
    const differing = await inTerminal(["first horse battery", "second horse battery"]);
    expect([differing.code, differing.stdout]).toEqual([1, ""]);
    expect(differing.screen).toContain("The two passwords differ.");
    const cancelled = await inTerminal(["\u0003"]);
    expect([cancelled.code, cancelled.stdout]).toEqual([1, ""]);
    expect(cancelled.screen).toContain("Cancelled.");
  });
});

/** `users create` with a person at the keyboard; what was asked for goes to a file. */
async function inTerminal(typed: readonly string[]) {
  const folder = await folderWithDatabase();
  const command = `stty cols 100 rows 30; '${process.execPath}' '${MAIN}' users create ada@example.com --json > out.json`;
  const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: folder });
  const answers = [
    { question: "Password", answer: typed[0] },
    { question: "The same again", answer: typed[1] },
  ];
  let screen = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    const [next] = answers;
    if (next === undefined || !screen.includes(next.question)) return;
    answers.shift();
    child.stdin.write(`${next.answer}\r`);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { screen, code, stdout: readFileSync(join(folder, "out.json"), "utf8") };
}

async function folderWithDatabase(): Promise<string> {
  const folder = temporaryFolder();
  const server = await createOstiary({ dataDir: join(folder, ".ostiary") });
  await server.close();
  return folder;
}
