import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ostiary, ostiaryJson } from "../../test/command.ts";
import { ISSUER, START, TestClient, startTestServer, temporaryFile } from "../../test/test-server.ts";
import { codeAt, enrol, pendingOf, secondStep } from "../../test/two-steps.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { newSecret, replaceSecret } from "../data-dir.ts";
import { systemRandom } from "../random.ts";

const [FIRST, SECOND, THIRD] = [newSecret(systemRandom), newSecret(systemRandom), newSecret(systemRandom)];
const OTHER_SECRET = /encrypted under another secret: start with the OSTIARY_SECRET they were made with\.$/;

let path: string;
let databaseUrl: string;
beforeEach(() => {
  path = temporaryFile();
  databaseUrl = `sqlite:${path}`;
  vi.stubEnv("OSTIARY_DATABASE_URL", databaseUrl);
  vi.stubEnv("OSTIARY_ISSUER", ISSUER);
  return () => vi.unstubAllEnvs();
});

/** Starts on the database, signs Ada up or in, and refreshes with a token of before if there is one. */
async function start(config: OstiaryConfig) {
  const server = await startTestServer({ databaseUrl, clock: Date.now, ...config });
  const client = new TestClient(server);
  const signup = await client.signup("ada@example.com", { delivery: "body" });
  const tokens = signup.refreshToken === undefined ? await client.login("ada@example.com", { delivery: "body" }) : signup;
  return { server, client, tokens };
}

const sealed = () => {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare("select id, sealed from keys order by id").all() as { id: string; sealed: Uint8Array }[];
  database.close();
  return rows;
};

describe("ostiary secret rotate, where the secret is configured", () => {
  it("encrypts everything under the new one; tokens and sessions go on, and the one before opens nothing", async () => {
    const before = await start({ secret: FIRST });
    await before.server.close();
    const rows = sealed();
    vi.stubEnv("OSTIARY_SECRET", SECOND);
    vi.stubEnv("OSTIARY_PREVIOUS_SECRET", FIRST);
    const { out } = await ostiary("secret", "rotate");
    expect(out).toBe("5 keys are encrypted under the new secret.\nOSTIARY_PREVIOUS_SECRET is not needed any more: remove it.\n");
    for (const [i, { sealed: bytes }] of sealed().entries()) expect(bytes).not.toEqual(rows[i]?.sealed);

    await expect(start({ secret: FIRST })).rejects.toThrow(OTHER_SECRET);
    const { client } = await start({ secret: SECOND });
    expect((await client.me(before.tokens.accessToken)).status).toBe(200);
    expect((await client.refresh(before.tokens.refreshToken)).status).toBe(200);
    // Once more changes nothing.
    expect(await ostiaryJson("secret", "rotate")).toEqual([{ keys: 0 }]);
  });

  it("codes of authenticator apps are taken as before", async () => {
    const clock = () => START;
    const before = await start({ secret: FIRST, clock });
    const { secret } = await enrol(before.server, before.client, before.tokens.accessToken);
    await before.server.close();
    vi.stubEnv("OSTIARY_SECRET", SECOND);
    vi.stubEnv("OSTIARY_PREVIOUS_SECRET", FIRST);
    expect((await ostiary("secret", "rotate")).code).toBe(0);
    const { server, client } = await start({ secret: SECOND, clock });
    const step = { mfaToken: await pendingOf(client), code: codeAt(server, secret) };
    expect((await secondStep(client, step)).status).toBe(200);
  });

  it("servers with either order of the two start before and after, and make keys that the others can open", async () => {
    await (await start({ secret: FIRST })).server.close();
    const onlyFirst = await start({ secret: FIRST });
    const both = await start({ secret: SECOND, previousSecret: FIRST });
    // Until everything is encrypted anew, new keys are sealed for those who know only the secret of before.
    await both.server.keys.rotate();
    await onlyFirst.server.keys.rotate({ now: true });
    const { accessToken } = await onlyFirst.client.login();
    await expect.poll(async () => (await both.client.me(accessToken)).status, { timeout: 5000 }).toBe(200);
  });

  it("beside a server that knows only the secret of before: it goes on, but changes no keys, and says so", async () => {
    const { server, client, tokens } = await start({ secret: FIRST });
    vi.stubEnv("OSTIARY_SECRET", SECOND);
    vi.stubEnv("OSTIARY_PREVIOUS_SECRET", FIRST);
    expect((await ostiary("secret", "rotate")).code).toBe(0);
    const rows = sealed();
    await expect(server.keys.rotate()).rejects.toThrow(OTHER_SECRET);
    expect(sealed()).toEqual(rows);
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });

  it("without the secret of before says how it goes, and with a wrong one that it is wrong; nothing is changed", async () => {
    await (await start({ secret: FIRST })).server.close();
    const rows = sealed();
    vi.stubEnv("OSTIARY_SECRET", FIRST);
    const howTo = await ostiary("secret", "rotate");
    expect(howTo).toMatchObject({ code: 1, out: "" });
    expect(howTo.err).toMatch(/^To change the secret: set OSTIARY_SECRET .* OSTIARY_PREVIOUS_SECRET .* run this again\.\n$/);
    vi.stubEnv("OSTIARY_SECRET", SECOND);
    vi.stubEnv("OSTIARY_PREVIOUS_SECRET", THIRD);
    const wrong = await ostiary("secret", "rotate");
    expect(wrong).toMatchObject({ code: 1, out: "" });
    expect(wrong.err.trimEnd()).toMatch(OTHER_SECRET);
    expect(sealed()).toEqual(rows);
  });
});

describe("ostiary secret rotate, where the secret is in the data folder", () => {
  const dataDir = () => dirname(path);
  const secretFile = () => readFileSync(join(dataDir(), "secret"), "utf8");
  const previousFile = () => join(dataDir(), "secret.previous");
  const inFolder = () => start({ secret: undefined, dataDir: dataDir() });
  beforeEach(() => vi.stubEnv("OSTIARY_DATA_DIR", dataDir()) && undefined);

  it("makes a new one beside a running server, which goes on making keys", async () => {
    const { server, client, tokens } = await inFolder();
    const before = secretFile();
    expect(await ostiaryJson("secret", "rotate")).toEqual([{ keys: 5 }]);
    expect(secretFile()).not.toBe(before);
    expect(existsSync(previousFile())).toBe(false);
    await server.keys.rotate();
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
    await server.close();
    const again = await inFolder();
    expect((await again.client.me(tokens.accessToken)).status).toBe(200);
  });

  it("cut off anywhere, the server starts, and the next run ends what was begun", async () => {
    const { server, tokens } = await inFolder();
    await server.close();
    const settings = { secret: undefined, previousSecret: undefined, dataDir: dataDir(), random: systemRandom };
    const startsAndKnowsAda = async () => {
      const { server: started, client } = await inFolder();
      expect((await client.me(tokens.accessToken)).status).toBe(200);
      await started.close();
    };
    // After the new secret was put there, before anything was encrypted under it.
    replaceSecret(settings);
    await startsAndKnowsAda();
    expect(await ostiaryJson("secret", "rotate")).toEqual([{ keys: 5 }]);
    await startsAndKnowsAda();
    expect(existsSync(previousFile())).toBe(false);
    rmSync(previousFile(), { force: true });
    await startsAndKnowsAda();
  });
});
