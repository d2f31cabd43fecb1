import { DatabaseSync } from "node:sqlite";
import type { Algorithm } from "@ostiary/jwt";
import { decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { MINUTE, SECRET, START, TestClient, keysOf, refusal, startTestServer, temporaryFile } from "../../test/test-server.ts";

const kidOf = (token: string) => decodeProtectedHeader(token).kid;

describe("the key ring", () => {
  it("is made at the first start and the same at the next: old tokens still work", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const first = await startTestServer({ databaseUrl });
    const tokens = await new TestClient(first).signup("ada@example.com", { delivery: "body" });
    await first.close();

    const client = new TestClient(await startTestServer({ databaseUrl }));
    expect((await client.me(tokens.accessToken)).status).toBe(200);
    const next = await client.refresh(tokens.refreshToken);
    expect(next.status).toBe(200);
    expect(kidOf(next.body.accessToken)).toBe(kidOf(tokens.accessToken));
  });

  it("has no key in two places, and none in the clear", async () => {
    const path = temporaryFile();
    await startTestServer({ databaseUrl: `sqlite:${path}` });
    const keyring = await keysOf(path);
    const ids = [keyring.accessKey.keyId, keyring.refreshKeyId, keyring.browserSecret.export().toString("base64url")];
    expect(new Set(ids).size).toBe(3);

    const database = new DatabaseSync(path);
    const stored = database.prepare("select sealed from keys").all() as { sealed: Uint8Array }[];
    database.close();
    // What signs and what comes next, of access and of refresh tokens; and the one of browser tokens.
    expect(stored).toHaveLength(5);
    for (const { sealed } of stored) expect(Buffer.from(sealed).toString("latin1")).not.toMatch(/kty|"d"|"k"/);
  });

  /** Starts on one database with one algorithm after the other; gives the access token made with each to `look`. */
  async function startWithEach(algorithms: Algorithm[], look: (client: TestClient, tokens: string[]) => Promise<void>) {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const tokens: string[] = [];
    let refreshToken: string | undefined;
    let now = START;
    const algorithmOf = (token: string) => String(decodeProtectedHeader(token).alg);
    for (const signingAlgorithm of algorithms) {
      const server = await startTestServer({ databaseUrl, signingAlgorithm, accessTokenTtl: "1d", clock: () => now });
      const client = new TestClient(server);
      refreshToken ??= (await client.signup("ada@example.com", { delivery: "body" })).refreshToken;
      const first = await client.refresh(refreshToken);
      // The key of before signs until the new one has been published long enough.
      expect(algorithmOf(first.body.accessToken)).toBe(tokens.length === 0 ? signingAlgorithm : algorithmOf(tokens.at(-1)!));
      now += 11 * MINUTE;
      const signing = async () =>
        (await server.keys.list()).find(({ state, purpose }) => state === "active" && purpose === "access");
      await expect.poll(async () => (await signing())?.algorithm, { timeout: 5000 }).toBe(signingAlgorithm);
      await server.keys.rotate({ purpose: "refresh" }); // the server looks at its ring before it answers
      const { body } = await client.refresh(first.body.refreshToken);
      refreshToken = body.refreshToken;
      expect(algorithmOf(body.accessToken)).toBe(signingAlgorithm);
      tokens.push(body.accessToken);
      await look(client, tokens);
      await server.close();
    }
    expect(new Set(tokens.map(kidOf)).size).toBe(algorithms.length);
  }

  it("retires the key of an algorithm that was left, once the new one was published: tokens of before still verify", async () => {
    await startWithEach(["ES256", "RS256", "Ed25519", "ES256"], async (client, tokens) => {
      for (const token of tokens) expect((await client.me(token)).status).toBe(200);
      const { body } = await client.call<{ keys: { kid: string }[] }>("GET", "/.well-known/jwks.json");
      const published = body.keys.map(({ kid }) => kid);
      for (const token of tokens) expect(published).toContain(kidOf(token));
    });
  });

  it("from a key pair to a secret or back: tokens of before are refused and refreshed, sessions go on", async () => {
    await startWithEach(["ES256", "HS256", "HS512", "ES256"], async (client, tokens) => {
      const isSecret = (token: string) => String(decodeProtectedHeader(token).alg).startsWith("HS");
      const current = tokens.at(-1)!;
      for (const token of tokens) {
        const answer = await client.me(token);
        if (isSecret(token) === isSecret(current)) expect(answer.status).toBe(200);
        else expect(refusal(answer)).toMatchObject({ status: 401, reason: "signature_invalid" });
      }
    });
  });

  it("under another secret does not open: one sentence says what to do, and nothing is changed", async () => {
    const path = temporaryFile();
    const databaseUrl = `sqlite:${path}`;
    const server = await startTestServer({ databaseUrl });
    await server.close();

    const other = startTestServer({ databaseUrl, secret: `${SECRET} another` });
    await expect(other).rejects.toThrow(
      /^The signing keys in this database were encrypted under another secret: start with .*\.$/,
    );
    await expect(other).rejects.toMatchObject({ name: "StartError" });
    expect((await startTestServer({ databaseUrl })).issuer).toBe(server.issuer);
  });

  it.each([
    [
      "was put in another's place",
      "update keys set sealed = (select sealed from keys where purpose = 'browser') where purpose = 'refresh'",
    ],
    ["was given to another purpose", "update keys set purpose = 'refresh' where purpose = 'browser'"],
    ["was given another algorithm", "update keys set algorithm = 'HS512' where purpose = 'refresh'"],
    ["was cut off", "update keys set sealed = substr(sealed, 1, 40)"],
  ])("does not take a key that %s", async (_, statement) => {
    const path = temporaryFile();
    await (await startTestServer({ databaseUrl: `sqlite:${path}` })).close();
    const database = new DatabaseSync(path);
    database.exec(statement);
    database.close();
    const start = startTestServer({ databaseUrl: `sqlite:${path}` });
    await expect(start).rejects.toMatchObject({
      name: "StartError",
      message: expect.stringMatching(/was changed or damaged/) as unknown,
    });
  });

  it("of two servers that start at once on a new database has the same keys", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const [one, two] = await Promise.all([startTestServer({ databaseUrl }), startTestServer({ databaseUrl })]);
    const tokens = await new TestClient(one).signup("ada@example.com", { delivery: "body" });
    const client = new TestClient(two);
    expect((await client.me(tokens.accessToken)).status).toBe(200);
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });
});
