import { describe, expect, it } from "vitest";
import { DEVICE_GRANT } from "../../../clients/registration.ts";
import { hashOf } from "../../../sessions/hash-of.ts";
import { API, appOf, claimsOf, createApp, startIntrospection, VERIFIER } from "../../../../test/code-client.ts";
import { DEVICE_REGISTRATION, startDevices } from "../../../../test/device-client.ts";
import { refusal, SECOND } from "../../../../test/test-server.ts";

const PENDING = { status: 400, error: "authorization_pending" };
const SLOW_DOWN = { status: 400, error: "slow_down" };
const BAD = { status: 400, error: "invalid_grant" };

describe("200: a device whose person has allowed it", () => {
  it("gets tokens like any app, with a session of its own", async () => {
    const { begin, poll, decide, userId, signOnId, app, userinfo } = await startDevices();
    const { device_code: code, user_code: shown } = (await begin()).body;
    expect(refusal(await poll(code))).toEqual(PENDING);
    await decide(shown);
    const { status, body, headers } = await poll(code);
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 900, scope: "openid email offline_access orders:read" });
    const access = claimsOf(body.access_token);
    expect(access).toMatchObject({ sub: userId, client_id: app.clientId, roles: [] });
    expect(access["sid"]).not.toBe(signOnId);
    expect(claimsOf(body.id_token)).toMatchObject({ aud: app.clientId, sub: userId, sid: signOnId, email: "ada@example.com" });
    expect(claimsOf(body.id_token)).not.toHaveProperty("nonce");
    expect((await userinfo(body.access_token)).body).toMatchObject({ sub: userId, email: "ada@example.com" });
  });

  it("refreshes as other apps do, and is no longer let in once its person takes it back", async () => {
    const { begin, poll, decide, refresh, ada } = await startDevices();
    const { device_code: code, user_code: shown } = (await begin()).body;
    await decide(shown);
    const first = (await poll(code)).body;
    const second = (await refresh(first.refresh_token)).body;
    expect(second.refresh_token).toBeTruthy();
    const { text } = await ada.get("/account");
    expect(text).toContain("Shop");
    const clientId = /name="client" value="([^"]+)"/.exec(text)?.[1] ?? "";
    await ada.submit("/account", { task: "withdraw", client: clientId });
    expect(refusal(await refresh(second.refresh_token))).toMatchObject({ status: 400, error: "invalid_grant" });
  });

  it("without offline_access has no refresh token, and ends with the browser in which it was allowed", async () => {
    const { begin, poll, decide, signOnId, server, ada } = await startDevices();
    const introspect = await startIntrospection(server);
    const { device_code: code, user_code: shown } = (await begin({ scope: "openid orders:read" })).body;
    await decide(shown);
    const { body } = await poll(code);
    expect(body.refresh_token).toBeUndefined();
    expect(claimsOf(body.access_token)).toMatchObject({ sid: signOnId });
    expect(await introspect(body.access_token)).toMatchObject({ active: true });
    await ada.submit("/account", { task: "sign-out" });
    expect(await introspect(body.access_token)).toEqual({ active: false });
  });

  it("is for the API that it asked for, or for less of them", async () => {
    const { begin, poll, decide } = await startDevices();
    const { device_code: code, user_code: shown } = (await begin({ resource: API })).body;
    await decide(shown);
    expect(refusal(await poll(code, { resource: "https://other.example/v1" }))).toMatchObject({ error: "invalid_target" });
    expect(claimsOf((await poll(code)).body.access_token)["aud"]).toContain(API);
  });

  it("is let in as a public client, which proves itself by the device code alone", async () => {
    const { begin, poll, decide } = await startDevices({ tokenEndpointAuthMethod: "none" });
    const { device_code: code, user_code: shown } = (await begin()).body;
    await decide(shown);
    expect((await poll(code)).status).toBe(200);
  });

  it("is let in as one of the operator's own: with roles, but only after its person was asked", async () => {
    const { begin, poll, decide, server, userId, store } = await startDevices({ firstParty: true });
    await server.users.setRoles(userId, ["staff"]);
    const { device_code: code, user_code: shown } = (await begin({ scope: "openid stock:write" })).body;
    expect(refusal(await poll(code))).toEqual(PENDING);
    await decide(shown);
    expect(claimsOf((await poll(code)).body.access_token)).toMatchObject({ roles: ["staff"], scope: "openid stock:write" });
    expect(await store.oauth.consents.list(userId)).toEqual([]);
  });
});

describe("authorization_pending and slow_down (RFC 8628 §3.5)", () => {
  it("lets a device ask every five seconds, measured with a second's tolerance", async () => {
    const { begin, poll, server } = await startDevices();
    const { device_code: code } = (await begin()).body;
    expect(refusal(await poll(code))).toEqual(PENDING);
    for (const wait of [5 * SECOND, 4 * SECOND, 60 * SECOND]) {
      server.time.now += wait;
      expect(refusal(await poll(code))).toEqual(PENDING);
    }
    server.time.now += 4 * SECOND - 1;
    expect(refusal(await poll(code))).toEqual(SLOW_DOWN);
  });

  it("slows down by five seconds, for good, who asks too soon", async () => {
    const { begin, poll, server, store } = await startDevices();
    const { device_code: code } = (await begin()).body;
    await poll(code);
    server.time.now += SECOND;
    expect(refusal(await poll(code))).toEqual(SLOW_DOWN);
    server.time.now += 5 * SECOND;
    expect(refusal(await poll(code))).toEqual(SLOW_DOWN);
    for (let i = 0; i < 3; i++) {
      server.time.now += 15 * SECOND;
      expect(refusal(await poll(code))).toEqual(PENDING);
    }
    for (let i = 0; i < 30; i++) await poll(code);
    expect(await store.oauth.devices.find(hashOf(code))).toMatchObject({ intervalSeconds: 60 });
  });

  it("makes nobody wait who comes when it is decided", async () => {
    const { begin, poll, decide } = await startDevices();
    const { device_code: code, user_code: shown } = (await begin()).body;
    for (let i = 0; i < 5; i++) await poll(code);
    await decide(shown);
    expect((await poll(code)).status).toBe(200);
  });
});

describe("400", () => {
  it("access_denied once its person has said no, also for an answer that comes late", async () => {
    const { begin, poll, decide, server } = await startDevices();
    const { device_code: code, user_code: shown } = (await begin()).body;
    await decide(shown, "deny");
    expect(refusal(await poll(code))).toEqual({ status: 400, error: "access_denied" });
    server.time.now += 20 * 60 * SECOND;
    expect(refusal(await poll(code))).toEqual({ status: 400, error: "access_denied" });
  });

  it("access_denied where the access was taken back before the device came for it", async () => {
    const { begin, poll, decide, ada, app } = await startDevices();
    const { device_code: code, user_code: shown } = (await begin()).body;
    await decide(shown);
    await ada.submit("/account", { task: "withdraw", client: app.clientId });
    expect(refusal(await poll(code))).toEqual({ status: 400, error: "access_denied" });
  });

  it("expired_token after ten minutes, decided or not", async () => {
    const { begin, poll, decide, passMinutes } = await startDevices();
    const [waiting, allowed] = [(await begin()).body, (await begin()).body];
    await decide(allowed.user_code);
    passMinutes(10);
    for (const { device_code: code } of [waiting, allowed]) {
      expect(refusal(await poll(code))).toEqual({ status: 400, error: "expired_token" });
    }
  });

  it("no longer for whom their person has let in at the last moment: they have a minute to come for it", async () => {
    const { server, begin, poll, decide, passMinutes } = await startDevices();
    const [first, second] = [(await begin()).body, (await begin()).body];
    passMinutes(10);
    server.time.now -= 1000;
    for (const { user_code: code } of [first, second]) await decide(code);
    server.time.now += 59_999;
    expect((await poll(first.device_code)).status).toBe(200);
    server.time.now += 1;
    expect(refusal(await poll(second.device_code))).toEqual({ status: 400, error: "expired_token" });
  });

  it("invalid_grant where the user has signed out, was disabled or is gone since", async () => {
    const { begin, poll, decide, server, userId, ada } = await startDevices();
    const [one, two, three] = [(await begin()).body, (await begin()).body, (await begin()).body];
    for (const { user_code: shown } of [one, two, three]) await decide(shown);
    await server.users.disable(userId);
    expect(refusal(await poll(one.device_code))).toEqual(BAD);
    await server.users.enable(userId);
    await ada.submit("/account", { task: "sign-out" });
    expect(refusal(await poll(two.device_code))).toEqual(BAD);
    await server.users.delete(userId);
    expect(refusal(await poll(three.device_code))).toEqual({ status: 400, error: "access_denied" });
  });

  it("invalid_grant for a device code of another client, which learns nothing and slows nobody down", async () => {
    const { begin, poll, server, store, tokens, decide } = await startDevices();
    const other = appOf(server, store, await createApp(server, { ...DEVICE_REGISTRATION }), tokens);
    const theirs = (code: string) => other.exchange({ grant_type: DEVICE_GRANT, device_code: code });
    const { device_code: code, user_code: shown } = (await begin()).body;
    for (let i = 0; i < 3; i++) expect(refusal(await theirs(code))).toEqual(BAD);
    expect(refusal(await poll(code))).toEqual(PENDING);
    await decide(shown);
    expect(refusal(await theirs(code))).toEqual(BAD);
    expect((await poll(code)).status).toBe(200);
  });

  it("invalid_grant for what was made up, and for the code that people type", async () => {
    const { begin, poll } = await startDevices();
    const { user_code: shown } = (await begin()).body;
    for (const code of ["A".repeat(43), shown, shown.replace("-", ""), "\0"]) expect(refusal(await poll(code))).toEqual(BAD);
  });

  it("unauthorized_client for a client of another grant, and invalid_request without a code", async () => {
    const { poll, exchange } = await startDevices({ grantTypes: ["client_credentials"], scopes: ["orders:read"] });
    expect(refusal(await poll("A".repeat(43)))).toEqual({ status: 400, error: "unauthorized_client" });
    const devices = await startDevices();
    expect(refusal(await devices.exchange({ grant_type: DEVICE_GRANT }))).toMatchObject({
      error: "invalid_request",
      field: "device_code",
    });
    expect(exchange).toBeTypeOf("function");
  });
});

describe("a device code", () => {
  const BOTH = {
    redirectUris: ["https://shop.example/callback"],
    grantTypes: ["authorization_code", "refresh_token", DEVICE_GRANT] as const,
  };
  const both = () => startDevices({ redirectUris: [...BOTH.redirectUris], grantTypes: [...BOTH.grantTypes] });

  it("is exchanged once, however many come with it at once; and two hands that hold it hold nothing", async () => {
    const { begin, poll, decide, server } = await startDevices();
    const introspect = await startIntrospection(server);
    const { device_code: code, user_code: shown } = (await begin()).body;
    await decide(shown);
    const answers = await Promise.all(Array.from({ length: 100 }, () => poll(code)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 200) expect(refusal(answer)).toEqual(BAD);
    for (const token of [good[0]?.body.access_token, good[0]?.body.refresh_token]) {
      expect(await introspect(token ?? "")).toEqual({ active: false });
    }
    const types = (await server.audit.list({ limit: 100 })).map(({ type }) => type);
    expect(types.filter((type) => type === "code_reused")).toHaveLength(1);
    expect(types.filter((type) => type === "authorized")).toHaveLength(1);
  });

  it("is no authorization code, and an authorization code is no device code: neither gets past the other's proof", async () => {
    const { begin, poll, decide, redeem, newCode } = await both();
    const { device_code: code, user_code: shown } = (await begin()).body;
    await decide(shown);
    expect(refusal(await redeem(code, { redirect_uri: "" }))).toEqual(BAD);
    expect(refusal(await redeem(code, { code_verifier: VERIFIER }))).toEqual(BAD);
    expect(refusal(await poll(await newCode()))).toEqual(BAD);
    expect((await poll(code)).status).toBe(200);
  });

  it("is in no audit, and no event of it tells the code that people type", async () => {
    const { begin, poll, decide, server } = await startDevices();
    const { device_code: code, user_code: shown } = (await begin()).body;
    await decide(shown);
    await poll(code);
    const events = await server.audit.list({ limit: 100 });
    const text = JSON.stringify(events);
    for (const secret of [code, shown, shown.replace("-", "")]) expect(text).not.toContain(secret);
    expect(events.find(({ type }) => type === "authorized")?.detail).toMatchObject({ deviceIp: "203.0.113.7" });
    expect(events.map(({ type }) => type)).toContain("app_session_began");
  });
});
