import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { signup } from "./call.ts";
import { freePort, temporaryFolder } from "./launch.ts";
import { ostiary, startOstiary } from "./start-ostiary.ts";

/** A folder that was in use, with the secret its keys were sealed under. */
let used: string;
beforeAll(async () => {
  const server = await startOstiary();
  await signup(server.issuer, "ada@example.com");
  await server.stop();
  used = server.folder;
});

describe("a server that cannot start says why in one sentence, with what to do, and ends with 1", () => {
  it.each(["127.0.0.1", "::"])("where its port is taken at %s", async (host) => {
    const port = await freePort();
    const other = createServer().listen(port, host);
    try {
      const said = await refusal({ env: { OSTIARY_PORT: String(port) } });
      expect(said).toBe(`Port ${port} is taken: stop what uses it, or choose another with OSTIARY_PORT.`);
    } finally {
      other.close();
    }
  });

  it("where the data folder cannot be made", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const said = await refusal({ folder, env: { OSTIARY_DATA_DIR: "file/data" } });
    expect(said).toMatch(/^The data folder file\/data cannot be made \(ENOTDIR: .*\): choose another with OSTIARY_DATA_DIR\.$/);
  });

  it("where the database is a folder", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".ostiary/ostiary.db"), { recursive: true });
    const said = await refusal({ folder });
    expect(said).toMatch(/^The database \.ostiary\/ostiary\.db cannot be opened \(.*\): check the path and its permissions\.$/);
  });

  it("where there is no Redis at the URL", async () => {
    const said = await refusal({ env: { OSTIARY_REDIS_URL: "redis://127.0.0.1:1" } });
    expect(said).toMatch(/^The Redis at 127\.0\.0\.1:1 cannot be used \(.*ECONNREFUSED.*\): check OSTIARY_REDIS_URL\.$/);
  });

  it.each([
    ["is not one", () => Buffer.from("This is not a database, and long enough to be taken for one.".repeat(99))],
    ["is cut off", (database: Buffer) => database.subarray(0, 5000)],
    ["has a page of nonsense", (database: Buffer) => database.fill("nonsense", 100, 4096)],
  ])("where the database %s", async (_, corrupt) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".ostiary"));
    writeFileSync(join(folder, ".ostiary/ostiary.db"), corrupt(readFileSync(join(used, ".ostiary/ostiary.db"))));
    const said = await refusal({ folder });
    expect(said).toMatch(
      /^The database \.ostiary\/ostiary\.db cannot be opened \(.*\): restore it from a backup, or move it away to start anew\.$/,
    );
  });

  it("where the secret is not the one the keys were sealed under", async () => {
    const secret = "another secret that is long enough 0123456789";
    const said = await refusal({ folder: used, env: { OSTIARY_SECRET: secret } });
    expect(said).toMatch(/encrypted under another secret: start with the OSTIARY_SECRET they were made with\.$/);
    expect(said).not.toContain(secret);
  });

  it("where its configuration file cannot be read", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "ostiary.config.ts"), "export default {");
    expect(await refusal({ folder })).toMatch(/^ostiary\.config\.ts cannot be loaded: /);
    writeFileSync(join(folder, "ostiary.config.ts"), "export const port = 4000;");
    expect(await refusal({ folder })).toMatch(/^ostiary\.config\.ts must have a default export: /);
  });
});

describe("a server with a wrong configuration", () => {
  it("names every problem at once, each with its mend", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "ostiary.config.ts"), 'export default { sessionTtl: "a while", colour: "blue" };');
    const env = { OSTIARY_PORT: "99999", OSTIARY_ISSUER: "localhost:4000", OSTIARY_ACCESS_TOKEN_TTL: "2d", OSTIARY_PROT: "1" };
    const said = await refusal({ folder, env });
    expect(said).toMatch(/^The configuration cannot be used:\n(?: {2}- .+\n?){6}$/);
    expect(said).toContain("\n  - OSTIARY_PORT: must be a whole number from 1 to 65535");
    expect(said).toContain("\n  - OSTIARY_ISSUER: must be an http or https URL");
    expect(said).toContain("\n  - OSTIARY_ACCESS_TOKEN_TTL: must be");
    expect(said).toContain("\n  - sessionTtl: must be");
    expect(said).toContain("\n  - colour is not a setting");
    expect(said).toContain("\n  - OSTIARY_PROT is not a setting");
  });

  it("does not start in production with what is only good for trying out", async () => {
    const folder = temporaryFolder();
    const said = await refusal({ folder, env: { NODE_ENV: "production", OSTIARY_LIMITS: "off" } });
    expect(said).toMatch(/^The configuration cannot be used:\n(?: {2}- OSTIARY_(?:SECRET|ISSUER|LIMITS)\b.+\n?){3}$/);
  });
});

/** What it printed on standard error; nothing else may have happened. */
async function refusal({ folder = temporaryFolder(), env = {} }: { folder?: string; env?: Record<string, string> }) {
  const OSTIARY_PORT = String(await freePort());
  const process = ostiary(["start"], { folder, env: { OSTIARY_PORT, ...env } });
  expect(await process.ended).toEqual({ code: 1, signal: null });
  expect(process.stdout).toBe("");
  expect(process.stderr).not.toMatch(/^\s+at |node:internal|Error:/m);
  return process.stderr.trimEnd();
}
