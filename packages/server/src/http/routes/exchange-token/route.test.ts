/** `authorization_code` at the token endpoint, by status. Refresh tokens and clients' own tokens stand in the files beside. */
import { hash } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import type { JSONWebKeySet } from "jose";
import { describe, expect, it } from "vitest";
import { API, appOf, claimsOf, createApp, OTHER_API, REDIRECT, startOAuth, VERIFIER } from "../../../../test/code-client.ts";
import { ANY_TEXT, ISSUER, PASSWORD, refusal, MINUTE, SECOND, START, TestClient } from "../../../../test/test-server.ts";

const INVALID_GRANT = { status: 400, error: "invalid_grant" };
const WITHOUT_REFRESH = ["openid", "orders:read"];

describe("POST /oauth/token with a code: 200", () => {
  it("an access token, an ID token and a refresh token, as RFC 6749 §5.1 has them, kept by nobody on the way", async () => {
    const { newCode, redeem } = await startOAuth();
    const { status, headers, body } = await redeem(await newCode());
    expect(status).toBe(200);
    expect([headers.get("cache-control"), headers.get("pragma")]).toEqual(["no-store", "no-cache"]);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(headers.getSetCookie()).toEqual([]);
    expect(body).toEqual({
      access_token: ANY_TEXT,
      token_type: "Bearer",
      expires_in: 900,
      scope: "openid profile email offline_access orders:read",
      refresh_token: ANY_TEXT,
      id_token: ANY_TEXT,
    });
  });

  it("the ID token verifies with other libraries, and says who signed in, when, how, and in which session of the browser", async () => {
    const { server, client, app, userId, signOnId, newCode, redeem } = await startOAuth();
    const { body } = await redeem(await newCode());
    const jwks = (await client.call<JSONWebKeySet>("GET", "/.well-known/jwks.json")).body;
    const options = { issuer: ISSUER, audience: app.clientId, typ: "JWT", currentDate: new Date(server.time.now) };
    const { payload } = await jwtVerify(body.id_token!, createLocalJWKSet(jwks), options);
    expect(payload).toEqual({
      iss: ISSUER,
      sub: userId,
      aud: app.clientId,
      iat: START / 1000,
      exp: START / 1000 + 900,
      auth_time: START / 1000,
      amr: ["pwd"],
      acr: "urn:ostiary:acr:password",
      sid: signOnId,
      nonce: "n-0S6_WzA2Mj",
      at_hash: Buffer.from(hash("sha256", body.access_token, "buffer").subarray(0, 16)).toString("base64url"),
      name: "Ada",
      email: "ada@example.com",
      email_verified: false,
    });
  });

  it("without offline_access there is no refresh token and no session: the token is the browser's, and ends with it at once", async () => {
    const { server, browser, tokens, signOnId, userId, newCode, redeem, userinfo } = await startOAuth();
    const { body } = await redeem(await newCode({ scopes: WITHOUT_REFRESH }));
    expect(body).not.toHaveProperty("refresh_token");
    expect(claimsOf(body.access_token)).toMatchObject({ sid: signOnId, scope: "openid orders:read" });
    expect(await server.sessions.list(userId)).toHaveLength(1);
    expect((await userinfo(body.access_token)).status).toBe(200);
    await browser.call("POST", "/logout", { bearer: tokens.accessToken });
    expect(refusal(await userinfo(body.access_token))).toMatchObject({ status: 401, reason: "session_revoked" });
  });

  it("with it the client has a session of its own, under its own name, which outlives the browser's", async () => {
    const { server, browser, tokens, userId, newCode, redeem, refresh, userinfo } = await startOAuth();
    const { body } = await redeem(await newCode());
    const [own] = await server.sessions.list(userId);
    expect(own).toMatchObject({ id: claimsOf(body.access_token)["sid"], device: { label: "Shop" } });
    await browser.call("POST", "/logout", { bearer: tokens.accessToken });
    expect((await userinfo(body.access_token)).status).toBe(200);
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });

  it("a client that may not refresh gets no refresh token, whatever the code says", async () => {
    const { newCode, redeem } = await startOAuth({}, { grantTypes: ["authorization_code"] });
    expect((await redeem(await newCode())).body).not.toHaveProperty("refresh_token");
  });

  it("without openid there is no ID token, and no way to userinfo", async () => {
    const { newCode, redeem, userinfo } = await startOAuth();
    const { body } = await redeem(await newCode({ scopes: ["orders:read"] }));
    expect(body).not.toHaveProperty("id_token");
    expect(claimsOf(body.access_token)["aud"]).toEqual([API, OTHER_API]);
    expect((await userinfo(body.access_token)).status).toBe(401);
  });

  it("the token is for the resources that were granted, or fewer if it is asked for fewer (RFC 8707 §2.2)", async () => {
    const { newCode, exchange, redeem } = await startOAuth();
    const all = { scopes: ["orders:read"], resources: [API, OTHER_API] };
    expect(claimsOf((await redeem(await newCode(all))).body.access_token)["aud"]).toEqual([API, OTHER_API]);
    expect(claimsOf((await redeem(await newCode(all), { resource: API })).body.access_token)["aud"]).toBe(API);
    const both: [string, string][] = [
      ["resource", OTHER_API],
      ["resource", API],
      ["grant_type", "authorization_code"],
      ["code_verifier", VERIFIER],
    ];
    const answer = await exchange([...both, ["code", await newCode(all)]]);
    expect(claimsOf(answer.body.access_token)["aud"]).toEqual([OTHER_API, API]);
  });

  it("scopes that a role gives are told and given only while the user has it; roles themselves to the operator's own clients", async () => {
    const { server, store, tokens, userId, newCode, redeem } = await startOAuth();
    const scopes = ["orders:read", "stock:write"];
    const without = (await redeem(await newCode({ scopes }))).body;
    expect([without.scope, claimsOf(without.access_token)["scope"]]).toEqual(["orders:read", "orders:read"]);
    await server.users.setRoles(userId, ["user", "staff"]);
    const withRole = (await redeem(await newCode({ scopes }))).body;
    expect(withRole.scope).toBe("orders:read stock:write");
    expect(claimsOf(withRole.access_token)["roles"]).toEqual([]);
    const own = appOf(server, store, await createApp(server, { firstParty: true }), tokens);
    expect(claimsOf((await own.redeem(await own.newCode({ scopes }))).body.access_token)["roles"]).toEqual(["user", "staff"]);
  });

  it("to know who somebody is is not to act for them: without a scope of an API the token is for userinfo alone", async () => {
    for (const config of [{}, { audience: [ISSUER] }] as { audience?: string[] }[]) {
      const { server, store, tokens, newCode, redeem, userinfo } = await startOAuth(config);
      const scopes = ["openid", "email"];
      const { access_token } = (await redeem(await newCode({ scopes }))).body;
      expect(claimsOf(access_token)["aud"]).toBe(`${ISSUER}/oauth/userinfo`);
      expect((await userinfo(access_token)).status).toBe(200);
      await expect(server.guard.verify(access_token)).rejects.toMatchObject({ reason: "claim_invalid" });
      // Nor by asking for an API only when the user has answered, nor by a role that is gone.
      const code = await newCode({ scopes });
      const resource = config.audience?.[0] ?? API;
      expect(refusal(await redeem(code, { resource }))).toEqual({ status: 400, error: "invalid_target" });
      const withRole = await redeem(await newCode({ scopes: ["openid", "stock:write"] }), { resource });
      expect(claimsOf(withRole.body.access_token)).toMatchObject({ aud: `${ISSUER}/oauth/userinfo`, scope: "openid" });
      const own = appOf(server, store, await createApp(server, { firstParty: true }), tokens);
      const ofOwn = (await own.redeem(await own.newCode({ scopes }))).body.access_token;
      expect(await server.guard.verify(ofOwn)).toBeDefined();
    }
  });

  it("an API that the user has allowed by name is in it, and no other", async () => {
    const { newCode, redeem } = await startOAuth();
    const { access_token } = (await redeem(await newCode({ scopes: ["openid"], resources: [API] }))).body;
    expect(claimsOf(access_token)["aud"]).toEqual([API, `${ISSUER}/oauth/userinfo`]);
  });

  it("the redirect URI need not be said again (OAuth 2.1 §10.2)", async () => {
    const { newCode, exchange } = await startOAuth();
    const code = await newCode();
    expect((await exchange({ grant_type: "authorization_code", code, code_verifier: VERIFIER })).status).toBe(200);
  });
});

describe("POST /oauth/token with a code: 400 invalid_grant", () => {
  it("60 seconds after it was made", async () => {
    const { server, newCode, redeem } = await startOAuth();
    const [inTime, late] = [await newCode(), await newCode()];
    server.time.now += 60 * SECOND - 1;
    expect((await redeem(inTime)).status).toBe(200);
    server.time.now += 1;
    expect(refusal(await redeem(late))).toEqual(INVALID_GRANT);
  });

  it("to another client, for another redirect URI or with another verifier; the code is as good as before", async () => {
    const { server, store, tokens, newCode, redeem } = await startOAuth();
    const other = appOf(server, store, await createApp(server), tokens);
    const code = await newCode();
    expect(refusal(await other.redeem(code))).toEqual(INVALID_GRANT);
    const wrong: Record<string, string>[] = [
      { redirect_uri: `${REDIRECT}/` },
      { redirect_uri: REDIRECT.toUpperCase() },
      { code_verifier: `${VERIFIER}x` },
      { code_verifier: VERIFIER.slice(0, 42) },
      { code_verifier: hash("sha256", VERIFIER, "base64url") },
      { code: `${code}x` },
      { code: "\0" },
    ];
    for (const one of wrong) expect(refusal(await redeem(code, one))).toEqual(INVALID_GRANT);
    expect((await redeem(code)).status).toBe(200);
  });

  it("the second time; what the first got is worthless from then on, at every door", async () => {
    const { server, newCode, redeem, refresh, userinfo } = await startOAuth();
    const code = await newCode();
    const { body } = await redeem(code);
    const next = (await refresh(body.refresh_token)).body;
    expect(refusal(await redeem(code))).toEqual(INVALID_GRANT);
    for (const token of [body.access_token, next.access_token]) expect((await userinfo(token)).status).toBe(401);
    expect(refusal(await refresh(next.refresh_token))).toEqual({ ...INVALID_GRANT, reason: "session_revoked" });
    const events = await server.audit.list({ limit: 20 });
    expect(events.find(({ type }) => type === "code_reused")).toMatchObject({ detail: { clientId: ANY_TEXT } });
    expect(events.find(({ type }) => type === "session_revoked")).toMatchObject({ detail: { reason: "code_reused" } });
  });

  it("the second time, long after it expired: what the first got is worthless all the same", async () => {
    const { server, newCode, redeem, refresh } = await startOAuth();
    const code = await newCode();
    const { body } = await redeem(code);
    server.time.now += 10 * MINUTE;
    expect(refusal(await redeem(code))).toEqual(INVALID_GRANT);
    expect(refusal(await refresh(body.refresh_token))).toEqual({ ...INVALID_GRANT, reason: "session_revoked" });
  });

  it("the second time; the token of a session that is not the client's own is worthless too, and the session goes on", async () => {
    const { client, tokens, newCode, redeem, userinfo } = await startOAuth();
    const code = await newCode({ scopes: WITHOUT_REFRESH });
    const { body } = await redeem(code);
    await redeem(code);
    expect(refusal(await userinfo(body.access_token))).toMatchObject({ status: 401, reason: "token_revoked" });
    expect((await client.me(tokens.accessToken)).status).toBe(200);
  });

  it("the second time with anything wrong, which revokes nothing: nobody but the client could have come that far", async () => {
    const { server, store, tokens, newCode, redeem, refresh, userinfo } = await startOAuth();
    const other = appOf(server, store, await createApp(server), tokens);
    const code = await newCode();
    const { body } = await redeem(code);
    expect(refusal(await other.redeem(code))).toEqual(INVALID_GRANT);
    const wrong: Record<string, string>[] = [{ code_verifier: `${VERIFIER}x` }, { redirect_uri: "https://shop.example/" }];
    for (const one of wrong) expect(refusal(await redeem(code, one))).toEqual(INVALID_GRANT);
    expect((await userinfo(body.access_token)).status).toBe(200);
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });

  it("of a hundred at once one gets tokens", async () => {
    const { server, userId, newCode, redeem } = await startOAuth();
    const code = await newCode();
    const answers = await Promise.all(Array.from({ length: 100 }, () => redeem(code)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(99);
    expect(await server.sessions.list(userId)).toHaveLength(1);
  });

  it("if the user has signed out, is disabled or is no more", async () => {
    const { server, store, browser, userId, app, tokens, newCode, redeem } = await startOAuth();
    const codes = [await newCode(), await newCode({ scopes: WITHOUT_REFRESH })];
    await browser.call("POST", "/logout", { bearer: tokens.accessToken });
    for (const code of codes) expect(refusal(await redeem(code))).toEqual(INVALID_GRANT);
    const again = appOf(server, store, app, (await browser.call<{ accessToken: string }>("POST", "/login", {
      body: { email: "ada@example.com", password: PASSWORD },
    })).body);
    const [second, third] = [await again.newCode(), await again.newCode()];
    await server.users.disable(userId);
    expect(refusal(await again.redeem(second))).toEqual(INVALID_GRANT);
    await server.users.delete(userId);
    expect(refusal(await again.redeem(third))).toEqual(INVALID_GRANT);
  });

  it("after a server died between the redemption and the session: nothing is lost but the code", async () => {
    const { store, newCode, redeem, server, userId } = await startOAuth();
    const code = await newCode();
    await store.oauth.codes.redeem(hash("sha256", code, "base64url"), START);
    expect(refusal(await redeem(code))).toEqual(INVALID_GRANT);
    expect(await server.sessions.list(userId)).toHaveLength(1);
    expect((await redeem(await newCode())).status).toBe(200);
  });
});

describe("POST /oauth/token: other refusals", () => {
  it("400 invalid_request: what is missing is named, and nothing may come twice", async () => {
    const { newCode, exchange } = await startOAuth();
    const code = await newCode();
    const form = { grant_type: "authorization_code", code, code_verifier: VERIFIER };
    for (const field of ["grant_type", "code", "code_verifier"]) {
      const answer = await exchange(Object.fromEntries(Object.entries(form).filter(([name]) => name !== field)));
      expect(refusal(answer)).toEqual({ status: 400, error: "invalid_request", reason: "invalid_field", field });
      expect([answer.headers.get("cache-control"), answer.headers.get("pragma")]).toEqual(["no-store", "no-cache"]);
    }
    const twice: [string, string][] = [...Object.entries(form), ["code", code]];
    expect(refusal(await exchange(twice))).toEqual({ status: 400, error: "invalid_request" });
    expect((await exchange(form)).status).toBe(200);
  });

  it.each(["password", "implicit", "AUTHORIZATION_CODE", "urn:ietf:params:oauth:grant-type:token-exchange"])(
    "400 unsupported_grant_type: %s",
    async (grant_type) => {
      const { exchange } = await startOAuth();
      const form = { grant_type, username: "ada@example.com", password: PASSWORD };
      expect(refusal(await exchange(form))).toEqual({ status: 400, error: "unsupported_grant_type" });
    },
  );

  it("400 unsupported_grant_type: where tokens are signed with a secret there is no OAuth", async () => {
    const { newCode, redeem } = await startOAuth({ signingAlgorithm: "HS256" });
    expect(refusal(await redeem(await newCode()))).toEqual({ status: 400, error: "unsupported_grant_type" });
  });

  it("400 unauthorized_client: a client that is not registered for the grant", async () => {
    const { server, exchange, redeem, newCode } = await startOAuth();
    expect(refusal(await exchange({ grant_type: "client_credentials" }))).toEqual({ status: 400, error: "unauthorized_client" });
    const guard = await server.clients.create({ name: "API", guard: true });
    const form = { client_id: guard.clientId, client_secret: guard.clientSecret };
    expect(refusal(await redeem(await newCode(), form, {}))).toEqual({ status: 400, error: "unauthorized_client" });
  });

  it("400 invalid_target: a resource that was not granted, is unknown, or is none; the code is as good as before", async () => {
    const { newCode, redeem } = await startOAuth();
    const code = await newCode({ resources: [API] });
    for (const resource of [OTHER_API, "https://nowhere.example", "api", `${API}#x`, "/api"]) {
      expect(refusal(await redeem(code, { resource }))).toEqual({ status: 400, error: "invalid_target" });
    }
    expect((await redeem(code)).status).toBe(200);
  });

  it("503 while the claims hook fails; the code can be sent again", async () => {
    const hook = { fails: false };
    const claims = () => {
      if (hook.fails) throw new Error("down");
      return { plan: "pro" };
    };
    const { newCode, redeem } = await startOAuth({ claims }, { firstParty: true });
    const code = await newCode();
    hook.fails = true;
    const answer = await redeem(code);
    expect(refusal(answer)).toEqual({ status: 503, error: "unavailable" });
    expect(answer.headers.get("retry-after")).not.toBeNull();
    hook.fails = false;
    expect(claimsOf((await redeem(code)).body.access_token)).toMatchObject({ plan: "pro" });
  });

  it("503 while the store is down", async () => {
    const { server, newCode, redeem } = await startOAuth();
    const code = await newCode();
    await server.close();
    const answer = await redeem(code);
    expect(refusal(answer)).toEqual({ status: 503, error: "unavailable", reason: "store_unavailable" });
    expect(answer.headers.get("retry-after")).toBe("1");
  });

  it("pages of every origin may call it, without cookies, and read refusals too", async () => {
    const { server, newCode, redeem } = await startOAuth({}, { tokenEndpointAuthMethod: "none" });
    const origin = "https://spa.example";
    for (const code of ["nothing", await newCode()]) {
      const { headers } = await redeem(code, {}, { origin });
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("access-control-allow-credentials")).toBeNull();
    }
    const preflight = { origin, "access-control-request-method": "POST" };
    for (const path of ["/oauth/token", "/oauth/revoke", "/oauth/userinfo"]) {
      const answer = await new TestClient(server).call("OPTIONS", path, { headers: preflight });
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    }
  });
});
