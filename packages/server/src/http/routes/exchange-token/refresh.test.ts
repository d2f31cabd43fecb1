/** `refresh_token` at the token endpoint, by status. */
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { API, appOf, claimsOf, createApp, OTHER_API, startOAuth } from "../../../../test/code-client.ts";
import { ANY_TEXT, auditTypes, DAY, ISSUER, MINUTE, PASSWORD, refusal, SECOND, START } from "../../../../test/test-server.ts";
import type { NewRegistration } from "../../../clients/registration.ts";
import type { OstiaryConfig } from "../../../ostiary-config.ts";
import type { ClaimsHook } from "../../../tokens/custom-claims.ts";
import type { AuthorizationCode } from "../../../oauth/oauth-store.ts";

const INVALID_GRANT = { status: 400, error: "invalid_grant" };
const REUSED = { ...INVALID_GRANT, reason: "refresh_token_reused" };
const KEY = { "idempotency-key": "an-idempotency-key-of-one-refresh" };

interface Setting {
  config?: OstiaryConfig;
  registration?: Partial<NewRegistration>;
  code?: Partial<AuthorizationCode>;
}

async function start({ config = {}, registration = {}, code = {} }: Setting = {}) {
  const started = await startOAuth(config, registration);
  const first = (await started.redeem(await started.newCode(code))).body;
  return { ...started, first, r0: first.refresh_token ?? "" };
}

describe("POST /oauth/token with a refresh token: 200", () => {
  it.each(["none", "client_secret_post", "client_secret_basic"] as const)(
    "the next one and a fresh access token, rotated on every use, for a client of method %s",
    async (tokenEndpointAuthMethod) => {
      const { server, refresh, first, r0, userinfo } = await start({ registration: { tokenEndpointAuthMethod } });
      const { status, headers, body } = await refresh(r0);
      expect(status).toBe(200);
      expect([headers.get("cache-control"), headers.get("pragma")]).toEqual(["no-store", "no-cache"]);
      const tokens = { access_token: ANY_TEXT, refresh_token: ANY_TEXT, id_token: ANY_TEXT };
      expect(body).toEqual({ ...tokens, token_type: "Bearer", expires_in: 900, scope: first.scope });
      expect((await userinfo(body.access_token)).status).toBe(200);
      server.time.now += 11 * SECOND;
      expect(refusal(await refresh(r0))).toEqual(REUSED);
    },
  );

  it("the ID token again: of the same session of the browser and the same sign-in, without a nonce (OIDC Core §12.2)", async () => {
    const { server, browser, tokens, signOnId, first, r0, refresh } = await start();
    server.time.now += 10 * MINUTE;
    await browser.call("POST", "/logout", { bearer: tokens.accessToken });
    const claims = claimsOf((await refresh(r0)).body.id_token);
    const { nonce, at_hash: _, ...before } = claimsOf(first.id_token);
    expect(nonce).toBe("n-0S6_WzA2Mj");
    const iat = server.time.now / 1000;
    expect(claims).toEqual({ ...before, iat, exp: iat + 900, at_hash: ANY_TEXT });
    expect(claims).toMatchObject({ sid: signOnId, auth_time: START / 1000 });
  });

  it.each(["pwd otp", "fed passkey"])(
    "auth_time, amr and acr do not change when tokens are refreshed (RFC 9068 §2.2.1): by %s",
    async (method) => {
      const { path, server, browser, tokens, newCode, redeem, refresh } = await startOAuth();
      const database = new DatabaseSync(path);
      database.exec(`update sessions set method = '${method}'`);
      database.close();
      const about = (token: string | undefined): unknown[] => ["auth_time", "amr", "acr"].map((name) => claimsOf(token)[name]);
      const second = method === "pwd otp" ? ["pwd", "otp", "mfa"] : ["pop", "user", "mfa"];
      const told = [START / 1000, second, "urn:ostiary:acr:mfa"];
      server.time.now += MINUTE;
      const codeFor = (scopes: string[]) => newCode({ scopes, expiresAt: server.time.now + MINUTE });
      const first = (await redeem(await codeFor(["openid", "offline_access"]))).body;
      server.time.now += 9 * MINUTE;
      // Without offline_access it is a token of the browser's session.
      const bound = (await redeem(await codeFor(["openid"]))).body;
      const next = (await refresh(first.refresh_token)).body;
      server.time.now += 9 * MINUTE;
      const third = (await refresh(next.refresh_token)).body;
      const own = (await browser.refresh(tokens.refreshToken)).body;
      for (const body of [first, bound, next, third]) {
        expect([about(body.access_token), about(body.id_token)]).toEqual([told, told]);
      }
      expect(about(own.accessToken)).toEqual(told);
    },
  );

  it("fewer scopes and resources for this access token; the refresh token keeps all (RFC 6749 §6, RFC 8707 §2.2)", async () => {
    const { refresh, first, r0 } = await start({ code: { resources: [API, OTHER_API] } });
    const narrow = (await refresh(r0, { scope: "orders:read", resource: OTHER_API })).body;
    expect(narrow).toMatchObject({ scope: "orders:read" });
    expect(narrow).not.toHaveProperty("id_token");
    expect(claimsOf(narrow.access_token)).toMatchObject({ scope: "orders:read", aud: OTHER_API });
    const whole = (await refresh(narrow.refresh_token)).body;
    expect(whole.scope).toBe(first.scope);
    expect(claimsOf(whole.access_token)["aud"]).toEqual(claimsOf(first.access_token)["aud"]);
  });

  it("roles of the user are seen anew, and told to the operator's own clients alone", async () => {
    for (const firstParty of [false, true]) {
      const { server, userId, refresh, r0 } = await start({
        registration: { firstParty },
        code: { scopes: ["openid", "offline_access", "stock:write"] },
      });
      await server.users.setRoles(userId, ["staff"]);
      const { body } = await refresh(r0);
      expect(claimsOf(body.access_token)).toMatchObject({
        scope: "openid offline_access stock:write",
        roles: firstParty ? ["staff"] : [],
        ver: 2,
      });
      expect(claimsOf(body.id_token)["roles"]).toEqual(firstParty ? ["staff"] : undefined);
    }
  });

  it("the claims hook is asked for the operator's own clients alone: others get none of its claims", async () => {
    const asked: string[] = [];
    const claims: ClaimsHook = (_user, { clientId }) => {
      asked.push(clientId);
      return { plan: "pro" };
    };
    for (const firstParty of [false, true]) {
      const { app, refresh, first, r0 } = await start({ config: { claims }, registration: { firstParty } });
      for (const token of [first, (await refresh(r0)).body]) {
        expect(claimsOf(token.access_token)["plan"]).toBe(firstParty ? "pro" : undefined);
      }
      expect(asked.includes(app.clientId)).toBe(firstParty);
    }
  });

  it("what was taken from the client's registration is in no token any more, and what is added is not", async () => {
    const { server, app, refresh, first, r0 } = await start({ code: { scopes: ["openid", "offline_access", "orders:read"] } });
    expect(first.scope).toBe("openid offline_access orders:read");
    await server.clients.update(app.clientId, { registration: { scopes: ["openid", "offline_access", "stock:write"] } });
    const { body } = await refresh(r0);
    expect(body.scope).toBe("openid offline_access");
    expect(claimsOf(body.access_token)["aud"]).toBe(`${ISSUER}/oauth/userinfo`);
    await server.clients.update(app.clientId, { registration: { scopes: ["stock:write"] } });
    expect(refusal(await refresh(body.refresh_token))).toEqual(INVALID_GRANT);
    await server.clients.update(app.clientId, { registration: { scopes: ["openid", "orders:read"] } });
    expect((await refresh(body.refresh_token)).body.scope).toBe("openid orders:read");
  });

  it("a lost answer again: within the grace, and later with the Idempotency-Key of the rotation", async () => {
    const { server, refresh, r0 } = await start();
    const first = (await refresh(r0, {}, KEY)).body;
    server.time.now += 10 * SECOND;
    expect((await refresh(r0)).body.refresh_token).toBe(first.refresh_token);
    server.time.now += MINUTE;
    expect((await refresh(r0, {}, KEY)).body.refresh_token).toBe(first.refresh_token);
    expect(refusal(await refresh(r0, {}, { "idempotency-key": "short" }))).toMatchObject({
      status: 400,
      field: "Idempotency-Key",
    });
    server.time.now += 11 * SECOND;
    expect(refusal(await refresh(r0, {}, { "idempotency-key": "another-key-of-another-refresh" }))).toEqual(REUSED);
  });

  it("of many at once all get the same one", async () => {
    const { refresh, r0 } = await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(r0)));
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe("POST /oauth/token with a refresh token: 400 invalid_grant", () => {
  it("used again later: the whole grant ends, access tokens and all", async () => {
    const { server, refresh, r0, userinfo } = await start();
    const r1 = (await refresh(r0)).body;
    server.time.now += 11 * SECOND;
    expect(refusal(await refresh(r0))).toEqual(REUSED);
    expect(refusal(await refresh(r1.refresh_token))).toEqual(REUSED);
    expect((await userinfo(r1.access_token)).status).toBe(401);
    expect(await auditTypes(server)).toContain("refresh_token_reused");
  });

  it("another client's, which is left alone, first use and second", async () => {
    const { server, store, tokens, refresh, r0 } = await start();
    const other = appOf(server, store, await createApp(server), tokens);
    const foreign = { ...INVALID_GRANT, reason: "claim_invalid" };
    expect(refusal(await other.refresh(r0))).toEqual(foreign);
    // Nor is anything told of what it was granted.
    expect(refusal(await other.refresh(r0, { scope: "orders:write" }))).toEqual(foreign);
    const r1 = (await refresh(r0)).body.refresh_token;
    server.time.now += MINUTE;
    expect(refusal(await other.refresh(r0))).toEqual(foreign);
    expect((await refresh(r1)).status).toBe(200);
  });

  it("of our own sign-in, as OAuth's are refused there; both go on", async () => {
    const { client, tokens, refresh, r0 } = await start();
    expect(refusal(await refresh(tokens.refreshToken))).toEqual({ ...INVALID_GRANT, reason: "claim_invalid" });
    expect(refusal(await client.refresh(r0))).toMatchObject({ status: 401, reason: "claim_invalid" });
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
    expect((await refresh(r0)).status).toBe(200);
  });

  it.each([
    ["token_malformed", "x"],
    ["token_malformed", "\0"],
    ["signature_invalid", "changed"],
  ])("%s: what was never ours, %j", async (reason, token) => {
    const { refresh, r0 } = await start();
    const changed = `${r0.slice(0, -2)}${r0.endsWith("AA") ? "BB" : "AA"}`;
    expect(refusal(await refresh(token === "changed" ? changed : token))).toEqual({ ...INVALID_GRANT, reason });
  });

  it("idle for too long, and at the end of the session however often it was used", async () => {
    const idle = await start();
    idle.server.time.now += 7 * DAY;
    expect(refusal(await idle.refresh(idle.r0))).toEqual({ ...INVALID_GRANT, reason: "session_expired" });
    const busy = await start();
    let token: string | undefined = busy.r0;
    for (let week = 0; week < 5; week++) {
      busy.server.time.now = Math.min(busy.server.time.now + 6.5 * DAY, START + 30 * DAY - 1);
      token = (await busy.refresh(token)).body.refresh_token;
    }
    busy.server.time.now = START + 30 * DAY;
    expect(refusal(await busy.refresh(token))).toEqual({ ...INVALID_GRANT, reason: "session_expired" });
  });

  it.each(["password change", "sign-out everywhere", "disabled", "deleted", "its session deleted by the user"])(
    "after %s",
    async (what) => {
      const { server, browser, tokens, userId, refresh, first, r0, userinfo } = await start();
      const bearer = tokens.accessToken;
      const own = String(claimsOf(first.access_token)["sid"]);
      const body = { currentPassword: PASSWORD, newPassword: `${PASSWORD} too` };
      if (what === "password change") await browser.call("POST", "/password", { bearer, body });
      else if (what === "sign-out everywhere") await browser.call("POST", "/logout-all", { bearer });
      else if (what === "disabled") await server.users.disable(userId);
      else if (what === "deleted") await server.users.delete(userId);
      else await browser.call("DELETE", `/sessions/${own}`, { bearer });
      const { reason, ...refused } = refusal(await refresh(r0));
      expect(refused).toEqual(INVALID_GRANT);
      expect(reason).toBe(what === "deleted" ? "session_expired" : "session_revoked");
      expect((await userinfo(first.access_token)).status).toBe(401);
    },
  );
});

describe("POST /oauth/token with a refresh token: other refusals", () => {
  it("400 invalid_scope and invalid_target for more than was granted; the token is as good as before", async () => {
    const { refresh, r0 } = await start({ code: { resources: [API] } });
    for (const scope of ["orders:write", "openid orders:read orders:write", "openid  email"]) {
      expect(refusal(await refresh(r0, { scope }))).toEqual({ status: 400, error: "invalid_scope" });
    }
    for (const resource of [OTHER_API, "https://nowhere.example", `${API}#x`]) {
      expect(refusal(await refresh(r0, { resource }))).toEqual({ status: 400, error: "invalid_target" });
    }
    const { body } = await refresh(r0);
    expect(claimsOf(body.refresh_token)["gen"]).toBe(1);
  });

  it("400 invalid_request without one, 400 unauthorized_client for a client that may not refresh", async () => {
    const { server, store, tokens, exchange, r0 } = await start();
    expect(refusal(await exchange({ grant_type: "refresh_token" }))).toMatchObject({ status: 400, field: "refresh_token" });
    const other = appOf(server, store, await createApp(server, { grantTypes: ["authorization_code"] }), tokens);
    expect(refusal(await other.refresh(r0))).toEqual({ status: 400, error: "unauthorized_client" });
  });

  it("401 invalid_client: the token alone is not enough where the client has a secret", async () => {
    const { app, exchange, r0 } = await start();
    const form = { grant_type: "refresh_token", refresh_token: r0, client_id: app.clientId };
    expect(refusal(await exchange(form, {}))).toEqual({ status: 401, error: "invalid_client" });
  });

  it("503 while the claims hook fails; the same token can be sent again", async () => {
    const hook = { fails: false };
    const claims = () => {
      if (hook.fails) throw new Error("down");
      return {};
    };
    const { refresh, r0 } = await start({ config: { claims }, registration: { firstParty: true } });
    hook.fails = true;
    expect(refusal(await refresh(r0))).toEqual({ status: 503, error: "unavailable" });
    hook.fails = false;
    expect(claimsOf((await refresh(r0)).body.refresh_token)["gen"]).toBe(1);
  });

  it("429 after many that were never ours; good ones go on", async () => {
    const { refresh, r0 } = await start();
    const statuses = new Set<number>();
    for (let i = 0; i < 200 && !statuses.has(429); i++) statuses.add((await refresh("x")).status);
    expect(statuses).toEqual(new Set([400, 429]));
    expect((await refresh(r0)).status).toBe(200);
  });
});
