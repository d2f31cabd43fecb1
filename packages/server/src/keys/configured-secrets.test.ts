/** HS mode: one service, two secrets, both from the settings. */
import { createHash, createHmac } from "node:crypto";
import { createGuard } from "@ostiary/guard";
import { importSecret } from "@ostiary/jwt";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { DAY, ISSUER, MINUTE, START, TestClient, refusal, startTestServer, temporaryFile } from "../../test/test-server.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";

/** Looks like random bytes, and is the same each time. */
const secret = (seed: string) => createHash("sha512").update(seed).digest("base64url");
const [ACCESS, REFRESH, OTHER] = [secret("access"), secret("refresh"), secret("other")];

/** Started again and again on one database, at whatever time. */
function deployment() {
  const databaseUrl = `sqlite:${temporaryFile()}`;
  const time = { now: START };
  return {
    time,
    start: async (config: OstiaryConfig = {}) => {
      const server = await startTestServer({ databaseUrl, clock: () => time.now, ...config });
      return { server, client: new TestClient(server) };
    },
  };
}

describe("tokens are signed with the secrets of the settings", () => {
  it.each(["HS256", "HS384", "HS512"] as const)(
    "%s: whoever has the text verifies, with a typed key here and with other libraries",
    async (signingAlgorithm) => {
      const { start } = deployment();
      const { client } = await start({ signingAlgorithm, accessTokenSecret: ACCESS, refreshTokenSecret: REFRESH });
      const { accessToken, refreshToken = "" } = await client.signup("ada@example.com", { delivery: "body" });
      expect(decodeProtectedHeader(accessToken)).toEqual({ alg: signingAlgorithm, typ: "at+jwt" });

      const key = importSecret(Buffer.from(ACCESS), { algorithm: signingAlgorithm });
      const guard = createGuard({ issuer: ISSUER, audience: ISSUER, keys: key, clock: () => START, onWarning() {} });
      await expect(guard.verify(accessToken)).resolves.toMatchObject({ issuer: ISSUER });
      await expect(guard.verify(refreshToken)).rejects.toMatchObject({ status: 401 });
      const options = { issuer: ISSUER, currentDate: new Date(START) };
      await expect(jwtVerify(accessToken, Buffer.from(ACCESS), options)).resolves.toBeDefined();
      await expect(jwtVerify(refreshToken, Buffer.from(REFRESH), options)).resolves.toBeDefined();
      await expect(jwtVerify(refreshToken, Buffer.from(ACCESS), options)).rejects.toThrow("signature");

      expect((await client.me(accessToken)).status).toBe(200);
      expect((await client.call("GET", "/.well-known/jwks.json")).body).toEqual({ keys: [] });
    },
  );

  it("none but those: neither the refresh secret nor the other algorithms make an access token", async () => {
    const { start } = deployment();
    const { client } = await start({ signingAlgorithm: "HS256", accessTokenSecret: ACCESS, refreshTokenSecret: REFRESH });
    const { accessToken } = await client.signup();
    const payload = accessToken.split(".")[1];
    const forged = (alg: string, key: string) => {
      const input = `${Buffer.from(JSON.stringify({ alg, typ: "at+jwt" })).toString("base64url")}.${payload}`;
      return `${input}.${createHmac(alg.replace("HS", "sha"), key).update(input).digest("base64url")}`;
    };
    expect((await client.me(forged("HS256", ACCESS))).status).toBe(200);
    for (const token of [forged("HS256", REFRESH), forged("HS384", ACCESS), forged("HS512", ACCESS), forged("HS256", "")]) {
      expect(refusal(await client.me(token))).toMatchObject({ status: 401, reason: "signature_invalid" });
    }
  });

  it("the ring's keys do not rotate where the secret comes from the settings", async () => {
    const { start } = deployment();
    const { server } = await start({ signingAlgorithm: "HS256", accessTokenSecret: ACCESS, refreshTokenSecret: REFRESH });
    const message = /^The (access|refresh) secret comes from the settings: change it there and restart the server\.$/;
    for (const purpose of ["access", "refresh"] as const) await expect(server.keys.rotate({ purpose })).rejects.toThrow(message);
    await expect(server.keys.import(importSecret(Buffer.from(OTHER), { algorithm: "HS256", keyId: "x" }))).rejects.toThrow(
      message,
    );
    expect((await server.keys.list()).map(({ purpose, origin }) => `${purpose} ${origin}`)).toEqual(
      expect.arrayContaining(["refresh configured", "browser generated"]),
    );
  });
});

describe("a secret of the settings that has leaked", () => {
  it("is not taken out while the settings have it: a key of the same secret would take its place", async () => {
    const { start } = deployment();
    const { server, client } = await start({ refreshTokenSecret: REFRESH });
    const { refreshToken = "" } = await client.signup("ada@example.com", { delivery: "body" });
    const before = await server.keys.list();
    const key = before.find(({ purpose }) => purpose === "refresh");
    await expect(server.keys.withdraw({ id: key?.id ?? "" })).rejects.toThrow("The refresh secret comes from the settings");
    expect(await server.keys.list()).toEqual(before);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it("is taken out at once when the settings have another", async () => {
    const { start } = deployment();
    const first = await start({ refreshTokenSecret: REFRESH });
    const { refreshToken = "" } = await first.client.signup("ada@example.com", { delivery: "body" });
    const [key] = (await first.server.keys.list()).filter(({ purpose }) => purpose === "refresh");
    await first.server.close();
    const { server, client } = await start({ refreshTokenSecret: OTHER });
    expect(await server.keys.withdraw({ id: key?.id ?? "" })).toMatchObject([{ id: key?.id, state: "gone", compromised: true }]);
    expect((await client.refresh(refreshToken)).status).toBe(401);
  });
});

describe("a secret that is changed", () => {
  it("for refresh tokens signs nobody out: the old one verifies on, the new one signs once every replica knows it", async () => {
    const { time, start } = deployment();
    const first = await start({ refreshTokenSecret: REFRESH });
    let { refreshToken = "" } = await first.client.signup("ada@example.com", { delivery: "body" });
    await first.server.close();
    const second = await start({ refreshTokenSecret: OTHER });
    const rotated = async (client: TestClient) => {
      const answer = await client.refresh(refreshToken);
      expect(answer.status).toBe(200);
      refreshToken = answer.body.refreshToken ?? "";
      return (secretText: string) => jwtVerify(refreshToken, Buffer.from(secretText), { currentDate: new Date(time.now) });
    };
    await (await rotated(second.client))(REFRESH);
    time.now += 11 * MINUTE;
    await expect
      .poll(async () => (await second.server.keys.list()).map(({ state, origin }) => `${state} ${origin}`), { timeout: 5000 })
      .toContain("retiring configured");
    await second.server.close();
    const third = await start({ refreshTokenSecret: OTHER });
    await (await rotated(third.client))(OTHER);
    await third.server.close();
    // Without any, the ring makes its own, and nobody is signed out either.
    const fourth = await start();
    time.now += 2 * DAY;
    await (await rotated(fourth.client))(OTHER);
  });

  it("for access tokens: those of before are refused and refreshed, sessions go on; so from and to key pairs", async () => {
    const { start } = deployment();
    const configs: OstiaryConfig[] = [
      {},
      { signingAlgorithm: "HS256", accessTokenSecret: ACCESS },
      { signingAlgorithm: "HS256", accessTokenSecret: OTHER },
      { signingAlgorithm: "HS512", accessTokenSecret: OTHER },
      {},
    ];
    let tokens: { accessToken: string; refreshToken?: string } | undefined;
    for (const config of configs) {
      const { server, client } = await start(config);
      if (tokens !== undefined) {
        expect((await client.me(tokens.accessToken)).status).toBe(401);
        tokens = (await client.refresh(tokens.refreshToken)).body;
      } else tokens = await client.signup("ada@example.com", { delivery: "body" });
      expect((await client.me(tokens.accessToken)).status).toBe(200);
      await server.close();
    }
  });
});
