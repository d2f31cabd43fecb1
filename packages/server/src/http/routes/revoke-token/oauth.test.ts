/** Revocation by clients of OAuth. Guards' stands in route.test.ts. */
import { createGuard } from "@ostiary/guard";
import { describe, expect, it, onTestFinished } from "vitest";
import { API, appOf, createApp, startOAuth } from "../../../../test/code-client.ts";
import { ISSUER, refusal } from "../../../../test/test-server.ts";
import type { AuthenticationMethod } from "../../../clients/registration.ts";

const FOREIGN = { status: 403, error: "unauthorized_client" };

async function start(tokenEndpointAuthMethod: AuthenticationMethod = "client_secret_basic") {
  const started = await startOAuth({}, { tokenEndpointAuthMethod });
  const granted = (await started.redeem(await started.newCode())).body;
  const revoke = (token: string | undefined, more: Record<string, string> = {}) =>
    started.post<unknown>("/oauth/revoke", { token: token ?? "", ...more });
  return { ...started, granted, revoke };
}

describe("POST /oauth/revoke by a client", () => {
  it.each(["none", "client_secret_post", "client_secret_basic"] as const)(
    "200: its refresh token, and with it the session and every access token of it (%s)",
    async (method) => {
      const { server, granted, revoke, refresh, userinfo } = await start(method);
      const next = (await refresh(granted.refresh_token)).body;
      const { status, body, headers } = await revoke(next.refresh_token);
      expect([status, body, headers.get("access-control-allow-origin")]).toEqual([200, null, "*"]);
      expect(refusal(await refresh(next.refresh_token))).toMatchObject({ error: "invalid_grant", reason: "session_revoked" });
      for (const token of [granted.access_token, next.access_token]) expect((await userinfo(token)).status).toBe(401);
      const [event] = await server.audit.list({ limit: 1 });
      expect(event).toMatchObject({ type: "session_revoked", detail: { reason: "refresh_token_revoked" } });
    },
  );

  it("200: access tokens are refused at once by a guard elsewhere that follows the feed", async () => {
    const { server, granted, revoke } = await start();
    const { clientId, clientSecret } = await server.clients.create({ name: "API", guard: true });
    const fetchHere = (url: string | URL, init?: RequestInit) => Promise.resolve(server.fetch(new Request(url, init)));
    const guard = createGuard({
      issuer: ISSUER,
      audience: API,
      revocation: { clientId, clientSecret },
      fetch: fetchHere,
      clock: () => server.time.now,
    });
    onTestFinished(() => guard.close());
    await guard.ready();
    expect((await guard.verify(granted.access_token)).scopes).toContain("orders:read");
    await revoke(granted.refresh_token);
    const refusalNow = () => guard.verify(granted.access_token).then(() => null, (error: unknown) => error);
    await expect.poll(refusalNow).toMatchObject({ reason: "session_revoked" });
  });

  it("200: an access token alone, for whichever audience; its session goes on", async () => {
    const { newCode, redeem, granted, revoke, refresh, userinfo } = await start();
    await revoke(granted.access_token);
    expect(refusal(await userinfo(granted.access_token))).toMatchObject({ reason: "token_revoked" });
    expect((await refresh(granted.refresh_token)).status).toBe(200);
    const bare = (await redeem(await newCode({ scopes: ["orders:read"], resources: [API] }))).body;
    expect((await revoke(bare.access_token, { token_type_hint: "refresh_token" })).status).toBe(200);
  });

  it("200: a token in the client's own name; the audit names no user and no session that there are not", async () => {
    const { server, store, tokens } = await start();
    const job = await server.clients.create({
      name: "Job",
      registration: { grantTypes: ["client_credentials"], scopes: ["jobs:run"] },
    });
    const { exchange, post } = appOf(server, store, job, tokens);
    const { access_token } = (await exchange({ grant_type: "client_credentials" })).body;
    expect((await post("/oauth/revoke", { token: access_token })).status).toBe(200);
    const [event] = await server.audit.list({ limit: 1 });
    expect(event).toMatchObject({ type: "token_revoked", userId: null, sessionId: null, detail: { clientId: job.clientId } });
  });

  it("200: whatever the hint, and for what is no token, or no longer", async () => {
    for (const token_type_hint of ["access_token", "pigeon"]) {
      const { granted, revoke, refresh } = await start();
      for (let i = 0; i < 2; i++) expect((await revoke(granted.refresh_token, { token_type_hint })).status).toBe(200);
      for (const token of ["x", "\0", granted.id_token]) expect((await revoke(token, { token_type_hint })).status).toBe(200);
      expect((await refresh(granted.refresh_token)).status).toBe(400);
    }
  });

  it("403: another client's tokens, and our own sign-in's, which are left alone", async () => {
    const { server, store, browser, tokens, granted, refresh, userinfo } = await start();
    for (const method of ["none", "client_secret_basic"] as const) {
      const other = appOf(server, store, await createApp(server, { tokenEndpointAuthMethod: method }), tokens);
      for (const token of [granted.access_token, granted.refresh_token, tokens.accessToken, tokens.refreshToken]) {
        expect(refusal(await other.post("/oauth/revoke", { token: token ?? "" }))).toEqual(FOREIGN);
      }
    }
    expect((await userinfo(granted.access_token)).status).toBe(200);
    expect((await refresh(granted.refresh_token)).status).toBe(200);
    expect((await browser.me(tokens.accessToken)).status).toBe(200);
    expect((await browser.refresh(tokens.refreshToken)).status).toBe(200);
  });

  it("401: a client that can prove who it is has to, also for its own tokens", async () => {
    const { app, post, granted, refresh } = await start();
    const form = { token: granted.refresh_token ?? "", client_id: app.clientId };
    expect(refusal(await post("/oauth/revoke", form, {}))).toEqual({ status: 401, error: "invalid_client" });
    expect((await refresh(granted.refresh_token)).status).toBe(200);
  });

  it("503 while the store is down, never 200", async () => {
    const { server, granted, revoke } = await start();
    await server.close();
    const answer = await revoke(granted.refresh_token);
    expect(refusal(answer)).toMatchObject({ status: 503, reason: "store_unavailable" });
    expect(answer.headers.get("retry-after")).toBe("1");
  });
});
