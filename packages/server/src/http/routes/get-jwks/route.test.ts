import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
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
      const [key] = answer.body.keys;
      expect(answer.body.keys).toHaveLength(1);
      expect(key).toMatchObject({ alg: signingAlgorithm, use: "sig", kid: decodeProtectedHeader(tokens.accessToken).kid });
      expect(Object.keys(key!).filter((member) => PRIVATE_MEMBERS.includes(member))).toEqual([]);

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
});
