/** Access tokens that are bound to a key, at the server's own routes (RFC 9449 §7): stolen, they are worth nothing. */
import type { TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { startOAuth } from "../../test/code-client.ts";
import { createProver } from "../../test/prover.ts";
import { MINUTE, PASSWORD, refusal, startTestServer, TestClient } from "../../test/test-server.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";

const INVALID_PROOF = { status: 401, error: "invalid_dpop_proof" };
const INVALID_TOKEN = { status: 401, error: "invalid_token" };

async function start(config: OstiaryConfig = {}) {
  const server = await startTestServer(config);
  const client = new TestClient(server);
  const prover = createProver(server);
  const nonce =
    config.dpopNonces === "on"
      ? (await client.call("POST", "/refresh", { body: {}, headers: prover.proof("POST", "/refresh") })).headers.get("dpop-nonce")
      : undefined;
  const body = { email: "ada@example.com", password: PASSWORD, delivery: "body" };
  const { body: tokens } = await client.call<TokenResponse>("POST", "/signup", {
    body,
    headers: prover.proof("POST", "/signup", { nonce }),
  });
  const token = tokens.accessToken;
  const call = (method: string, path: string, claims: object = {}, by = prover, more: object = {}) =>
    client.call(method, path, { headers: by.withToken(method, path, token, claims), ...more });
  return { server, client, prover, tokens, token, call, nonce };
}

describe("a bound access token", () => {
  it("200 with a proof by its key, at each of the server's own routes", async () => {
    const { server, client, prover, tokens, call } = await start();
    expect((await call("GET", "/me")).status).toBe(200);
    expect((await call("PATCH", "/me", {}, prover, { body: { name: "Ada" } })).status).toBe(200);
    expect((await call("GET", "/sessions")).status).toBe(200);
    await server.users.setRoles(tokens.user.id, ["admin"]);
    const { body } = await client.refresh(tokens.refreshToken, prover.proof("POST", "/refresh"));
    const headers = prover.withToken("GET", "/admin/users?limit=1", body.accessToken);
    expect((await client.call("GET", "/admin/users?limit=1", { headers })).status).toBe(200);
    expect(
      (await client.call("POST", "/logout-all", { headers: prover.withToken("POST", "/logout-all", body.accessToken) })).status,
    ).toBe(204);
  });

  it("of a sign-in that is too old for a change: 401, and the challenge is for a proof as well", async () => {
    const { server, call } = await start();
    server.time.now += 10 * MINUTE;
    const refused = await call("POST", "/second-factors/totp");
    expect(refusal(refused)).toEqual({ status: 401, error: "insufficient_user_authentication" });
    expect(refused.headers.get("www-authenticate")).toMatch(/^DPoP error="insufficient_user_authentication".*max_age="600"$/);
  });

  it("POST /logout by it: 204, and the session has ended", async () => {
    const { call } = await start();
    expect((await call("POST", "/logout")).status).toBe(204);
    expect(refusal(await call("GET", "/me"))).toEqual({ ...INVALID_TOKEN, reason: "session_revoked" });
  });

  it("as Bearer: 401 invalid_token, proof_required, also with a good proof beside (checklist 76)", async () => {
    const { client, prover, token, call } = await start();
    const { dpop } = prover.withToken("GET", "/me", token);
    for (const headers of [{}, { dpop }]) {
      const answer = await client.call("GET", "/me", { bearer: token, headers });
      expect(refusal(answer)).toEqual({ ...INVALID_TOKEN, reason: "proof_required" });
    }
    expect(refusal(await client.call("POST", "/logout", { bearer: token }))).toEqual({
      ...INVALID_TOKEN,
      reason: "proof_required",
    });
    expect((await call("GET", "/me")).status).toBe(200);
  });

  it("a bearer token as DPoP: 401 invalid_token (checklist 76)", async () => {
    const { client, prover } = await start();
    const { accessToken } = await client.login();
    const answer = await client.call("GET", "/me", { headers: prover.withToken("GET", "/me", accessToken) });
    expect(refusal(answer)).toEqual({ ...INVALID_TOKEN, reason: "claim_invalid" });
    expect((await client.me(accessToken)).status).toBe(200);
  });

  it("stale after a change of roles, refreshed, and good again", async () => {
    const { server, client, prover, tokens, call } = await start();
    await server.users.setRoles(tokens.user.id, ["staff"]);
    expect(refusal(await call("GET", "/me"))).toEqual({ ...INVALID_TOKEN, reason: "token_stale" });
    const { body } = await client.refresh(tokens.refreshToken, prover.proof("POST", "/refresh"));
    expect((await client.call("GET", "/me", { headers: prover.withToken("GET", "/me", body.accessToken) })).status).toBe(200);
  });
});

describe("a stolen one: 401 invalid_dpop_proof", () => {
  it("without a proof, and with one by another key", async () => {
    const { server, client, token, call } = await start();
    const none = await client.call("GET", "/me", { headers: { authorization: `DPoP ${token}` } });
    expect(refusal(none)).toEqual(INVALID_PROOF);
    expect(none.headers.get("www-authenticate")).toMatch(/^DPoP error="invalid_dpop_proof"/);
    expect(refusal(await call("GET", "/me", {}, createProver(server)))).toEqual(INVALID_PROOF);
  });

  it("with a proof that was seen: again, at another path, by another method, for another token, too late", async () => {
    const { server, client, prover, tokens, token } = await start();
    const seen = prover.withToken("GET", "/me", token);
    expect((await client.call("GET", "/me", { headers: seen })).status).toBe(200);
    expect(refusal(await client.call("GET", "/me", { headers: seen }))).toEqual(INVALID_PROOF);

    const fresh = prover.withToken("GET", "/me", token);
    expect(refusal(await client.call("GET", "/sessions", { headers: fresh }))).toEqual(INVALID_PROOF);
    expect(refusal(await client.call("PATCH", "/me", { headers: fresh, body: { name: "M" } }))).toEqual(INVALID_PROOF);
    const { body } = await client.refresh(tokens.refreshToken, prover.proof("POST", "/refresh"));
    const withOther = { ...fresh, authorization: `DPoP ${body.accessToken}` };
    expect(refusal(await client.call("GET", "/me", { headers: withOther }))).toEqual(INVALID_PROOF);
    server.time.now += 2 * MINUTE;
    expect(refusal(await client.call("GET", "/me", { headers: fresh }))).toEqual(INVALID_PROOF);
  });

  it("with a proof of a request that had no token, or for no token in one that has", async () => {
    const { client, prover, token, tokens, call } = await start();
    expect(refusal(await call("GET", "/me", { ath: undefined }))).toEqual(INVALID_PROOF);
    const { dpop } = prover.withToken("POST", "/refresh", token);
    expect(refusal(await client.refresh(tokens.refreshToken, { dpop }))).toEqual(INVALID_PROOF);
  });

  it("with a proof for the host that the request was sent to, which is not the issuer's", async () => {
    const { server, prover, token } = await start();
    const ask = (htu: string) => {
      const headers = prover.withToken("GET", "/me", token, { htu });
      return server.fetch(new Request("http://attacker.example/auth/me", { headers: { ...headers } }));
    };
    expect((await ask("http://attacker.example/auth/me")).status).toBe(401);
    expect((await ask(`${server.issuer}/me`)).status).toBe(200);
  });
});

it("nonces are asked for there as well, and every answer brings the next (checklist 78)", async () => {
  const { client, token, prover, call, nonce } = await start({ dpopNonces: "on" });
  const asked = await call("GET", "/me");
  expect(refusal(asked)).toEqual({ status: 401, error: "use_dpop_nonce" });
  expect([asked.headers.get("dpop-nonce"), asked.headers.get("www-authenticate")]).toEqual([
    nonce,
    expect.stringMatching(/^DPoP error="use_dpop_nonce"/),
  ]);
  const good = await call("GET", "/me", { nonce });
  expect([good.status, good.headers.get("dpop-nonce")]).toEqual([200, nonce]);
  const missing = await client.call("GET", "/nothing-here", { headers: prover.withToken("GET", "/nothing-here", token) });
  expect([missing.status, missing.headers.get("dpop-nonce")]).toEqual([404, nonce]);
});

describe("/oauth/userinfo", () => {
  it.each(["GET", "POST"] as const)("%s: 200 with a proof; 401 without, where it is told who gives tokens", async (method) => {
    const { server, client, newCode, redeem } = await startOAuth({}, { tokenEndpointAuthMethod: "none" });
    const prover = createProver(server);
    const { access_token: token } = (await redeem(await newCode(), {}, prover.proof("POST", "/oauth/token"))).body;
    const path = "/oauth/userinfo";
    expect((await client.call(method, path, { headers: prover.withToken(method, path, token) })).status).toBe(200);
    const bearer = await client.call(method, path, { bearer: token });
    expect(refusal(bearer)).toEqual({ ...INVALID_TOKEN, reason: "proof_required" });
    expect(bearer.headers.get("www-authenticate")).toContain("resource_metadata=");
    const other = await client.call(method, path, { headers: createProver(server).withToken(method, path, token) });
    expect(refusal(other)).toEqual(INVALID_PROOF);
    expect(other.headers.get("www-authenticate")).toMatch(/^DPoP error="invalid_dpop_proof".*, resource_metadata="/);
  });

  it("403 without openid, with a challenge for the scheme that it came by", async () => {
    const { server, client, newCode, redeem } = await startOAuth({}, { tokenEndpointAuthMethod: "none", firstParty: true });
    const prover = createProver(server);
    const code = await newCode({ scopes: ["orders:read"], resources: [server.issuer] });
    const { access_token: token } = (await redeem(code, {}, prover.proof("POST", "/oauth/token"))).body;
    const answer = await client.call("GET", "/oauth/userinfo", { headers: prover.withToken("GET", "/oauth/userinfo", token) });
    expect(refusal(answer)).toEqual({ status: 403, error: "insufficient_scope" });
    expect(answer.headers.get("www-authenticate")).toBe('DPoP error="insufficient_scope", scope="openid"');
  });
});
