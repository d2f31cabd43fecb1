import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "../../test/run-cli.ts";
import { openStore } from "../stores/open-store.ts";
import type { Finding } from "../doctor/finding.ts";

async function makeDatabase() {
  const path = `${temporaryFolder()}/ostiary.db`;
  await (await openStore({ databaseUrl: `sqlite:${path}` })).close();
  return { path, env: { OSTIARY_DATABASE_URL: `sqlite:${path}` } };
}

function findingsIn(stdout: string): Finding[] {
  return stdout.trim().split("\n").map((line) => JSON.parse(line) as Finding);
}

test("a store in order: every question is answered with ok, and the exit code is 0", async () => {
  const { env } = await makeDatabase();
  const { code, stdout } = await runCli(["doctor", "--store", "--json"], { env });
  const findings = findingsIn(stdout);
  expect(findings.map(({ id }) => id)).toEqual(
    ["database.reachable", "database.migrations", "sqlite.journal", "sqlite.synchronous", "sqlite.permissions"],
  );
  for (const { level, mend } of findings) expect({ level, mend }).toEqual({ level: "ok", mend: null });
  expect(code).toBe(0);
});

test("a warning says how to mend it, and is no failure", async () => {
  const { env, path } = await makeDatabase();
  chmodSync(path, 0o644);
  const { code, stdout } = await runCli(["doctor"], { env });
  expect(stdout).toMatch(/warning {2}sqlite\.permissions: Others may open the file \(mode 644\).*\n +To mend it: chmod 600 it\./);
  expect(code).toBe(0);
});

test("an error ends with 1: no database, which is not made for being looked at, and no Redis", async () => {
  const folder = temporaryFolder();
  const env = { OSTIARY_DATABASE_URL: `sqlite:${folder}/none.db`, OSTIARY_REDIS_URL: "redis://:hunter2hunter2@127.0.0.1:1" };
  for (let times = 0; times < 2; times++) {
    const { code, stdout, stderr } = await runCli(["doctor", "--json"], { env });
    expect(findingsIn(stdout)).toMatchObject([
      { id: "database.reachable", level: "error", mend: expect.stringMatching(/start the server once/) as string },
      { id: "redis.reachable", level: "error", mend: "check OSTIARY_REDIS_URL" },
    ]);
    expect(stderr).toBe("2 errors found.\n");
    expect(stdout).not.toContain("hunter2");
    expect(code).toBe(1);
  }
});
