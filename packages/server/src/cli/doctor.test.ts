import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { startListening } from "../../test/listening-server.ts";
import { runCli, runCliProcess, temporaryFolder } from "../../test/run-cli.ts";
import type { CliOptions } from "../../test/run-cli.ts";
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
    ["database.reachable", "database.migrations", "keys.secret", "sqlite.journal", "sqlite.synchronous", "sqlite.permissions"],
  );
  for (const { level, mend } of findings) expect({ level, mend }).toEqual({ level: "ok", mend: null });
  expect(code).toBe(0);
});

test("a warning says how to mend it, and is no failure", async () => {
  const { env, path } = await makeDatabase();
  chmodSync(path, 0o644);
  const { code, stdout } = await runCli(["doctor"], { env: { ...env, OSTIARY_PORT: "1" } });
  expect(stdout).toContain("ok       configuration.https: ");
  expect(stdout).toContain("warning  server.reachable: Nothing answers at http://localhost:1/auth");
  expect(stdout).toMatch(/warning {2}sqlite\.permissions: Others may open the file \(mode 644\).*\n +To mend it: chmod 600 it\./);
  expect(code).toBe(0);
});

test("an error ends with 1: no database, which is not made for being looked at, and no Redis", async () => {
  const folder = temporaryFolder();
  const env = { OSTIARY_DATABASE_URL: `sqlite:${folder}/none.db`, OSTIARY_REDIS_URL: "redis://:hunter2hunter2@127.0.0.1:1" };
  for (let times = 0; times < 2; times++) {
    const { code, stdout, stderr } = await runCli(["doctor", "--store", "--json"], { env });
    expect(findingsIn(stdout)).toMatchObject([
      { id: "database.reachable", level: "error", mend: expect.stringMatching(/start the server once/) as string },
      { id: "redis.reachable", level: "error", mend: "check OSTIARY_REDIS_URL" },
    ]);
    expect(stderr).toBe("2 errors found.\n");
    expect(stdout).not.toContain("hunter2");
    expect(code).toBe(1);
  }
});

test("settings that no server would start with are findings, a mend for each", async () => {
  const env = { NODE_ENV: "production", OSTIARY_SECRET: "hunter2hunter2", OSTIARY_NONSENSE: "1" };
  const { code, stdout } = await runCli(["doctor", "--json"], { env });
  const findings = findingsIn(stdout);
  expect(findings).toMatchObject([
    { id: "configuration.valid", message: "OSTIARY_SECRET: is too short to be safe.", mend: "set it to the output of `npx ostiary secret`" },
    { id: "configuration.valid", message: "OSTIARY_NONSENSE is not a setting of this version." },
  ]);
  expect(findings.every(({ level, mend }) => level === "error" && mend !== null)).toBe(true);
  expect(stdout).not.toContain("hunter2");
  expect(code).toBe(1);
});

test("a running server, from its own machine and from another one, its feed included", async () => {
  const server = await startListening({ clock: Date.now });
  const guard = await server.clients.create({ name: "doctor", guard: true });
  const seen = async (args: string[], options: CliOptions) => {
    const { code, stdout } = await runCliProcess(["doctor", "--json", ...args], options);
    return { code, stdout, findings: findingsIn(stdout) };
  };
  const remote = await seen(["--url", `${server.issuer}/`, "--guard", "-"], { stdin: JSON.stringify(guard) });
  expect(remote.findings.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(remote.findings.map(({ id }) => id.split(".")[0])).not.toContain("database");
  expect(remote.findings.at(-1)?.message).toMatch(/^A guard follows/);
  expect(remote.stdout).not.toContain(guard.clientSecret);
  expect(remote.code).toBe(0);

  const { env } = await makeDatabase();
  const own = await seen([], { env: { ...env, OSTIARY_ISSUER: server.issuer } });
  expect(own.findings.map(({ id }) => id)).toEqual(expect.arrayContaining(["configuration.https", "database.migrations", "jwks.keys"]));

  const nobody = await seen(["--url", "http://127.0.0.1:1/auth"], {});
  expect(nobody.findings.at(-1)).toMatchObject({ id: "server.reachable", level: "error" });
  expect(nobody.code).toBe(1);
});

test.each([["--url", "ftp://x"], ["--store", "--url", "http://localhost:1"]])("wrong use ends with 2: %s %s", async (...args) => {
  expect((await runCli(["doctor", ...args])).code).toBe(2);
});
