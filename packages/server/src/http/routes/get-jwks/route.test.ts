import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import type { JSONWebKeySet } from "jose";
import { describe, expect, it } from "vitest";
import { ISSUER, TestClient, startSignedIn, startTestServer } from "../../../../test/test-server.ts";

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

describe("GET /.well-known/jwks.json", () => {
  it.each(["ES256", "ES512", "Ed25519", "RS256", "PS256"] as const)(
    "200: %s keys that other libraries verify with, public parts only",
    async (signingAlgorithm) => {
      const { server, client, tokens } = await startSignedIn({ signingAlgorithm });
      const answer = await client.call<JSONWebKeySet>("GET", "/.well-known/jwks.json");
      expect(answer.status).toBe(200);
      expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
      const [signing, next, ...others] = answer.body.keys;
      expect(others).toEqual([]);
      expect(signing?.kid).toBe(decodeProtectedHeader(tokens.accessToken).kid);
      for (const key of [signing!, next!]) {
        expect(key).toMatchObject({ alg: signingAlgorithm, use: "sig", kid: await calculateJwkThumbprint(key) });
        expect(Object.keys(key).filter((member) => PRIVATE_MEMBERS.includes(member))).toEqual([]);
      }

      const { payload } = await jwtVerify(tokens.accessToken, createLocalJWKSet(answer.body), {
        issuer: ISSUER,
        audience: ISSUER,
        typ: "at+jwt",
        algorithms: [signingAlgorithm],
        currentDate: new Date(server.time.now),
      });
      expect(payload.sub).toBe(tokens.user.id);
    },
  );

  it("200: nothing where access tokens are signed with a secret, and they work all the same", async () => {
    const { client, tokens } = await startSignedIn({ signingAlgorithm: "HS256" });
    expect((await client.call("GET", "/.well-known/jwks.json")).body).toEqual({ keys: [] });
    expect(decodeProtectedHeader(tokens.accessToken).alg).toBe("HS256");
    expect((await client.me(tokens.accessToken)).status).toBe(200);
  });

  it("200: the refresh key is not among them", async () => {
    const server = await startTestServer();
    const client = new TestClient(server);
    const tokens = await client.signup("ada@example.com", { delivery: "body" });
    const { kid } = decodeProtectedHeader(tokens.refreshToken!);
    const { body } = await client.call<JSONWebKeySet>("GET", "/.well-known/jwks.json");
    expect(body.keys.map((key) => key.kid)).not.toContain(kid);
  });

  it("304: to whoever has it already, by any form of If-None-Match; 200 once it has changed", async () => {
    const { server, client } = await startSignedIn();
    const get = (headers: Record<string, string>) => client.call("GET", "/.well-known/jwks.json", { headers });
    const { headers } = await get({});
    const etag = headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = await get({ "if-none-match": value });
      expect([answer.status, answer.body]).toEqual([304, null]);
      expect(answer.headers.get("etag")).toBe(etag);
      expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    }
    for (const value of ["", etag.slice(1, -1), '"other"']) expect((await get({ "if-none-match": value })).status).toBe(200);
    await server.keys.rotate();
    const changed = await get({ "if-none-match": etag });
    expect([changed.status, changed.headers.get("etag") === etag]).toEqual([200, false]);
  });

  it.each([
    [600, 300],
    [3600, 300],
    [10, 5],
    [1, 0],
  ])("published %i seconds ahead, it may be kept %i", async (keyPublishAhead, maxAge) => {
    const client = new TestClient(await startTestServer({ keyPublishAhead }));
    const { headers } = await client.call("GET", "/.well-known/jwks.json");
    expect(headers.get("cache-control")).toBe(`public, max-age=${maxAge}`);
  });
});
