import { describe, expect, it } from "vitest";
import { APP, CALLBACK, comeBack, createFakeOAuth } from "../../test/fake-oauth.ts";
import { settle } from "../../test/fake-clock.ts";
import { ISSUER, refusal } from "../../test/fake-issuer.ts";
import { hashOf } from "../base64url.ts";
import { memoryStorage } from "../token-storage.ts";
import { createRedirectClient } from "./redirect-client.ts";

const MINUTE = 60_000;
const ADA = { id: "u1", name: "Ada", email: "ada@example.com", emailVerified: true, roles: ["editor"] };

describe("leaving for the sign-in", () => {
  it("asks with PKCE, a state and a nonce that nobody can guess, and tells the verifier to nobody", async () => {
    const { openApp } = createFakeOAuth();
    const seen = new Set<string>();
    for (let times = 0; times < 3; times++) {
      const { auth, went, notes } = openApp();
      await auth.signIn();
      const { searchParams: asked, origin, pathname } = went();
      expect(origin + pathname).toBe(`${ISSUER}/oauth/authorize`);
      const { verifier } = JSON.parse([...notes.values()].join("")) as { verifier: string };
      expect(verifier).toMatch(/^[0-9a-f]{64}$/);
      expect(Object.fromEntries(asked)).toEqual({
        response_type: "code",
        client_id: "app",
        redirect_uri: CALLBACK,
        state: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        nonce: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        code_challenge: await hashOf(verifier),
        code_challenge_method: "S256",
        scope: "openid profile offline_access",
      });
      for (const value of [asked.get("state"), asked.get("nonce"), verifier]) seen.add(String(value));
    }
    expect(seen.size).toBe(9);
  });

  it("asks for what the app wants besides", async () => {
    const { openApp } = createFakeOAuth();
    const { auth, went } = openApp({ scope: "orders:read", resource: ["https://a.example", "https://b.example"] });
    await auth.signIn({ prompt: "login", loginHint: "ada@example.com" });
    const { searchParams } = went();
    expect(searchParams.get("scope")).toBe("openid orders:read");
    expect(searchParams.getAll("resource")).toEqual(["https://a.example", "https://b.example"]);
    expect([searchParams.get("prompt"), searchParams.get("login_hint")]).toEqual(["login", "ada@example.com"]);
  });

  it("needs a page: elsewhere it is refused clearly, and a client that is only made does nothing", async () => {
    const auth = createRedirectClient({ issuer: ISSUER, clientId: "app", redirectUri: CALLBACK });
    expect(auth.snapshot()).toEqual({ status: "restoring", user: null, reason: null });
    await expect(auth.signIn()).rejects.toThrow(TypeError);
    auth.close();
  });
});

describe("coming back", () => {
  it("exchanges the code, once, and takes it out of the address", async () => {
    const oauth = createFakeOAuth();
    const { auth, address, notes } = await comeBack(oauth);
    expect(await auth.handleRedirect()).toBe("/orders?page=2");
    expect(address()).toBe(CALLBACK);
    expect([...notes]).toEqual([]);
    expect(auth.snapshot()).toEqual({ status: "signed_in", user: ADA, reason: null });
    expect(await auth.getAccessToken()).toBe("access-1");
    const [{ form, credentials, headers } = {}, ...more] = oauth.received;
    expect(form).toMatchObject({ grant_type: "authorization_code", code: "the-code", redirect_uri: CALLBACK, client_id: "app" });
    expect([credentials, headers?.get("Content-Type")]).toEqual(["omit", "application/x-www-form-urlencoded"]);
    expect(more).toEqual([]);
  });

  it("is looked at once however often it is asked for, as React's strict mode does", async () => {
    const oauth = createFakeOAuth();
    const { auth } = await comeBack(oauth);
    auth.subscribe(() => {});
    const results = await Promise.all([auth.handleRedirect(), auth.ready(), auth.handleRedirect(), auth.refresh()]);
    expect(results[0]).toBe("/orders?page=2");
    expect(results[2]).toBe("/orders?page=2");
    expect(oauth.received.filter(({ form }) => form["grant_type"] === "authorization_code")).toHaveLength(1);
  });

  it("never shows that nobody is signed in on the way", async () => {
    const { auth } = await comeBack(createFakeOAuth());
    const seen: string[] = [];
    auth.subscribe(() => seen.push(auth.snapshot().status));
    await auth.handleRedirect();
    await settle();
    expect(seen).toEqual(["signed_in"]);
  });

  it("somewhere else is nothing to it: null", async () => {
    const oauth = createFakeOAuth();
    const { answer, auth, notes } = oauth.openApp();
    await auth.signIn();
    for (const address of [
      `${APP}/`,
      CALLBACK,
      answer().replace("/callback", "/other"),
      answer().replace("app.example", "www.app.example"),
    ]) {
      const tab = oauth.openApp({}, address, new Map(notes));
      expect(await tab.auth.handleRedirect()).toBeNull();
      expect(tab.address()).toBe(address);
    }
    expect(oauth.received).toEqual([]);
  });

  it.each([
    ["another state", { state: "another" }],
    ["another issuer's answer (RFC 9207)", { iss: "https://evil.example/auth" }],
    ["no issuer", { iss: "" }],
    ["an error of another state", { state: "another", error: "access_denied" }],
  ])(
    "login CSRF and mix-up: %s is refused, nothing is exchanged, and the next answer has no better chance",
    async (_, parameters) => {
      const oauth = createFakeOAuth();
      const tab = await comeBack(oauth, {}, { answer: parameters });
      const good = tab
        .address()
        .replace(/state=[^&]*/, "state=")
        .replace(/iss=[^&]*/, "");
      await expect(tab.auth.handleRedirect()).rejects.toMatchObject({ code: "foreign_answer" });
      expect(tab.address()).toBe(CALLBACK);
      await expect(oauth.openApp({}, good, tab.notes).auth.handleRedirect()).rejects.toMatchObject({ code: "foreign_answer" });
      expect(oauth.received).toEqual([]);
      expect((await tab.auth.ready()).status).toBe("signed_out");
    },
  );

  it("without a question there is no answer, not even to an empty state", async () => {
    const oauth = createFakeOAuth();
    for (const state of ["", "undefined", "null"]) {
      const { auth } = oauth.openApp({}, `${CALLBACK}?code=x&state=${state}&iss=${encodeURIComponent(ISSUER)}`);
      await expect(auth.handleRedirect()).rejects.toMatchObject({ code: "foreign_answer" });
    }
    expect(oauth.received).toEqual([]);
  });

  it.each([
    ["access_denied", "access_denied"],
    ["login_required", "login_required"],
    ["<script>", "unexpected_answer"],
  ])("says what the issuer refused: %s", async (error, code) => {
    const { openApp } = createFakeOAuth();
    const before = openApp();
    await before.auth.signIn();
    const address = before.answer({ error, error_description: "Why." }).replace(/code=[^&]*&/, "");
    const { auth } = openApp({}, address, before.notes);
    await expect(auth.handleRedirect()).rejects.toMatchObject({ code, message: "Why." });
    expect((await auth.ready()).status).toBe("signed_out");
  });

  it.each([
    ["of another issuer", { iss: "https://evil.example/auth" }],
    ["for another app", { aud: "other" }],
    ["for several", { aud: ["app", "other"] }],
    ["of another sign-in", { nonce: "another" }],
    ["of nobody", { sub: null }],
  ])("an ID token %s signs nobody in", async (_, claims) => {
    const oauth = createFakeOAuth();
    const { auth } = await comeBack(oauth);
    oauth.claims = claims;
    await expect(auth.handleRedirect()).rejects.toMatchObject({ code: "unexpected_answer" });
    expect(auth.snapshot().status).not.toBe("signed_in");
    expect(await auth.getAccessToken().catch(() => null)).toBeNull();
  });

  it("an exchange that fails is told, not tried again, and an earlier session goes on", async () => {
    const oauth = createFakeOAuth();
    const storage = memoryStorage();
    const first = await comeBack(oauth, { storage });
    await first.auth.handleRedirect();
    for (const instead of [() => refusal(400, "invalid_grant"), () => Promise.reject(new TypeError("Failed to fetch"))]) {
      const { auth } = await comeBack(oauth, { storage });
      const before = oauth.received.length;
      oauth.intercept = ({ form }) => (form["grant_type"] === "authorization_code" ? instead() : null);
      await expect(auth.handleRedirect()).rejects.toMatchObject({ code: /invalid_grant|offline/ });
      expect(oauth.received.slice(before).filter(({ form }) => form["code"] !== undefined)).toHaveLength(1);
      expect((await auth.ready()).status).toBe("signed_in");
      oauth.intercept = null;
    }
  });

  it("as somebody else ends the session that was kept before", async () => {
    const oauth = createFakeOAuth();
    const storage = memoryStorage();
    await (await comeBack(oauth, { storage })).auth.handleRedirect();
    const { auth } = await comeBack(oauth, { storage });
    await auth.handleRedirect();
    await settle();
    expect(oauth.received.find(({ path }) => path === "/oauth/revoke")?.form).toMatchObject({ token: "s1.0", client_id: "app" });
    expect((await auth.refresh()).status).toBe("signed_in");
  });
});

describe("where to go on: in this app, whoever asks", () => {
  it.each([
    ["/orders/7?page=2#top", "/orders/7?page=2#top"],
    [`${APP}/a`, "/a"],
    ["b", "/b"],
    ["?c=1", "/orders?c=1"],
    ["https://evil.example/x", "/"],
    ["//evil.example/x", "/"],
    ["\\\\evil.example\\x", "/"],
    ["/\\evil.example", "/"],
    [`${APP}//evil.example/x`, "/evil.example/x"],
    [`${APP}/.//evil.example/x`, "/evil.example/x"],
    ["javascript:alert(1)", "/"],
    ["https://", "/"],
  ])("%j leads to %j", async (returnTo, expected) => {
    const { auth } = await comeBack(createFakeOAuth(), {}, { signIn: { returnTo } });
    expect(await auth.handleRedirect()).toBe(expected);
  });

  it("not to the page that answers come to", async () => {
    const oauth = createFakeOAuth();
    const before = oauth.openApp({}, CALLBACK);
    await before.auth.signIn();
    expect(await oauth.openApp({}, before.answer(), before.notes).auth.handleRedirect()).toBe("/");
  });
});

describe("the session", () => {
  async function signedIn(options = {}) {
    const oauth = createFakeOAuth();
    const tab = await comeBack(oauth, options);
    await tab.auth.handleRedirect();
    return { oauth, ...tab };
  }

  it("is renewed ahead of its end by its refresh token, with an Idempotency-Key", async () => {
    const { oauth, auth } = await signedIn();
    await oauth.clock.advance(14 * MINUTE);
    const renewed = oauth.received.filter(({ form }) => form["grant_type"] === "refresh_token");
    expect(renewed.map(({ form }) => form)).toEqual([{ grant_type: "refresh_token", refresh_token: "s1.0", client_id: "app" }]);
    expect(renewed[0]?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f]{32}$/);
    expect(await auth.getAccessToken()).toBe("access-2");
  });

  it("ends when the issuer says so, with the reason", async () => {
    const { oauth, auth } = await signedIn();
    oauth.intercept = () => refusal(400, "invalid_grant", "refresh_token_reused");
    await auth.refresh();
    expect(auth.snapshot()).toEqual({ status: "signed_out", user: null, reason: "refresh_token_reused" });
  });

  it("without a refresh token lasts as long as the access token, and no shorter", async () => {
    const oauth = createFakeOAuth();
    oauth.offline = false;
    const { auth } = await comeBack(oauth, { scope: "openid" });
    await auth.handleRedirect();
    await oauth.clock.advance(15 * MINUTE - 1000);
    expect(await auth.getAccessToken()).toBe("access-1");
    await oauth.clock.advance(2000);
    expect(auth.snapshot()).toEqual({ status: "signed_out", user: null, reason: "expired" });
    expect(oauth.count("/oauth/token")).toBe(1);
  });

  it("is in memory alone: another page knows nothing of it, and nothing is kept", async () => {
    const { oauth, notes } = await signedIn();
    expect([...notes, ...oauth.notes]).toEqual([]);
    expect((await oauth.openApp().auth.ready()).status).toBe("signed_out");
  });

  it("a sign-out in one tab is one in all, each of which ends its own session", async () => {
    const { oauth, auth } = await signedIn();
    const other = await comeBack(oauth);
    await other.auth.handleRedirect();
    await auth.logout();
    await settle();
    expect(other.auth.snapshot()).toEqual({ status: "signed_out", user: null, reason: "signed_out" });
    const revoked = oauth.received.filter(({ path }) => path === "/oauth/revoke").map(({ form }) => form["token"]);
    expect(new Set(revoked)).toEqual(new Set(["s1.0", "s2.0"]));
  });

  it("is signed out of at the issuer with the ID token that names it", async () => {
    const { oauth, auth, went } = await signedIn();
    await auth.signOut({ returnTo: `${APP}/bye` });
    expect(oauth.count("/oauth/revoke")).toBe(1);
    const { searchParams, origin, pathname } = went();
    expect(origin + pathname).toBe(`${ISSUER}/oauth/logout`);
    expect(searchParams.get("post_logout_redirect_uri")).toBe(`${APP}/bye`);
    expect(searchParams.get("client_id")).toBe("app");
    expect(searchParams.get("id_token_hint")).toMatch(/\..+\./);
  });

  it("a sign-out that the issuer cannot be told of leaves for nowhere, and is made up for", async () => {
    const { oauth, auth, went } = await signedIn();
    oauth.intercept = () => Promise.reject(new TypeError("Failed to fetch"));
    await expect(auth.signOut()).rejects.toMatchObject({ code: "offline" });
    expect(went).toThrow("Invalid URL");
    expect(auth.snapshot().status).toBe("signed_out");
    oauth.intercept = null;
    await oauth.clock.advance(2 * MINUTE);
    expect(oauth.received.at(-1)).toMatchObject({ path: "/oauth/revoke", form: { token: "s1.0" } });
  });
});
