import { createSigner } from "@ostiary/jwt";
import { describe, expect, it } from "vitest";
import { idTokenOf, registerApp, sameStore, sidOf, startReceiver } from "../../../test/oauth-client.ts";
import { PageClient } from "../../../test/page-client.ts";
import { ISSUER, keysOf, MINUTE, PASSWORD, START, startSignedIn, temporaryFile, TestClient } from "../../../test/test-server.ts";
import type { Keyring } from "../../keys/keyring.ts";
import { korean } from "../texts/korean.ts";

const AFTER = "https://shop.example/signed-out?from=ostiary";

/** Ada in her browser, and an app with an ID token of that session. */
async function signedIn() {
  const path = temporaryFile();
  const { server, client, tokens } = await startSignedIn({ databaseUrl: `sqlite:${path}` });
  const app = await registerApp(server, { postLogoutRedirectUris: [AFTER] });
  const sid = sidOf(tokens.accessToken);
  const keys = await keysOf(path);
  const idToken = idTokenOf(keys, { clientId: app.clientId, sid, sub: tokens.user.id });
  const isSignedIn = async (): Promise<boolean> => (await client.me(tokens.accessToken)).status === 200;
  return { server, path, client, tokens, app, sid, keys, idToken, page: new PageClient(server, client.jar), isSignedIn };
}

function logout(parameters: Record<string, string>): string {
  return `/oauth/logout?${new URLSearchParams(parameters).toString()}`;
}

describe("an app that has an ID token of the session", () => {
  it("signs out at once, everywhere the session counts, and gets its user back with its state", async () => {
    const { page, client, idToken, isSignedIn, server, app, sid } = await signedIn();
    const state = "a b&c=“0”";
    const answer = await page.get(logout({ id_token_hint: idToken, post_logout_redirect_uri: AFTER, state }));
    expect(answer.status).toBe(303);
    expect(answer.location).toBe(`${AFTER}&state=${encodeURIComponent(state)}`);
    expect(await isSignedIn()).toBe(false);
    expect([...client.jar.keys()]).toEqual(["ostiary_device"]);
    const [event] = await server.audit.list({ types: ["logout"] });
    expect(event).toMatchObject({ sessionId: sid, detail: { clientId: app.clientId } });
  });

  it("may show it long after it has expired", async () => {
    const { page, idToken, isSignedIn, server } = await signedIn();
    server.time.now += 60 * MINUTE;
    const answer = await page.get(logout({ id_token_hint: idToken }));
    expect([answer.status, answer.location]).toEqual([200, null]);
    expect(answer.text).toContain("You are signed out");
    expect((await page.get("/account")).location).toContain("/sign-in");
    expect(await isSignedIn()).toBe(false);
  });

  it("comes by a form of its own page too, which brings no cookie", async () => {
    const { page, server, idToken, isSignedIn } = await signedIn();
    const elsewhere = new PageClient(server);
    const headers = { origin: "https://shop.example", "sec-fetch-site": "cross-site" };
    const fields = { id_token_hint: idToken, post_logout_redirect_uri: AFTER, state: "s", anything: "else" };
    const led = await elsewhere.post("/oauth/logout", fields, headers);
    expect(led.status).toBe(303);
    expect(await isSignedIn()).toBe(true);
    expect(led.location).toBe(ISSUER + logout({ id_token_hint: idToken, post_logout_redirect_uri: AFTER, state: "s" }));
    expect((await page.get(led.location ?? "")).location).toBe(`${AFTER}&state=s`);
    expect(await isSignedIn()).toBe(false);
  });

  it("finds nobody there when they are signed out already: they go on", async () => {
    const { server, idToken } = await signedIn();
    const nobody = new PageClient(server);
    expect((await nobody.get(logout({ id_token_hint: idToken, post_logout_redirect_uri: AFTER }))).location).toBe(AFTER);
    expect((await nobody.get("/oauth/logout")).text).toContain("You are signed out");
  });
});

describe("logout by another site needs a confirmation", () => {
  const others: Record<
    string,
    (world: Awaited<ReturnType<typeof signedIn>>) => Record<string, string> | Promise<Record<string, string>>
  > = {
    "without anything": () => ({}),
    "with a client_id alone": ({ app }) => ({ client_id: app.clientId, post_logout_redirect_uri: AFTER }),
    "with the ID token of another session of the same user": async ({ server, keys, app, tokens }) => {
      const other = await new TestClient(server).login();
      return { id_token_hint: idTokenOf(keys, { clientId: app.clientId, sid: sidOf(other.accessToken), sub: tokens.user.id }) };
    },
    "with the ID token of somebody else": ({ keys, app }) => ({
      id_token_hint: idTokenOf(keys, { clientId: app.clientId, sid: "another", sub: "another" }),
    }),
    "with an ID token that somebody else signed": async ({ app, sid, tokens }) => {
      const theirs = temporaryFile();
      await startSignedIn({ databaseUrl: `sqlite:${theirs}` });
      return { id_token_hint: idTokenOf(await keysOf(theirs), { clientId: app.clientId, sid, sub: tokens.user.id }) };
    },
    "with the ID token of another issuer": ({ keys, app, sid, tokens }) => ({
      id_token_hint: idTokenOf(keys, { clientId: app.clientId, sid, sub: tokens.user.id }, "https://other.example"),
    }),
    "with an access token": ({ tokens }) => ({ id_token_hint: tokens.accessToken }),
    "with an access token that is for the client": ({ keys, app, sid, tokens }) => ({
      id_token_hint: signed(keys, "at+jwt", { aud: app.clientId, sub: tokens.user.id, sid }),
    }),
    "with a logout token": ({ keys, app, sid, tokens }) => ({
      id_token_hint: signed(keys, "logout+jwt", { aud: app.clientId, sub: tokens.user.id, sid }),
    }),
    "with a client_id that the ID token is not for": async ({ server, idToken }) => ({
      id_token_hint: idToken,
      client_id: (await registerApp(server)).clientId,
    }),
    "with no token at all": () => ({ id_token_hint: "x" }),
  };

  it.each(Object.entries(others))("%s", async (_, parameters) => {
    const world = await signedIn();
    const { page, isSignedIn } = world;
    const path = logout(await parameters(world));
    const asked = await page.get(path, { "sec-fetch-site": "cross-site" });
    expect([asked.status, asked.location]).toEqual([200, null]);
    expect(asked.text).toContain("ada@example.com");
    expect(asked.text).not.toMatch(/http-equiv="refresh"|eyJ/);
    expect(await isSignedIn()).toBe(true);
    const done = await page.post("/oauth/logout/confirm", {
      form_token: /name="form_token" value="([^"]+)"/.exec(asked.text)?.[1] ?? "",
    });
    expect(done.status).toBe(200);
    expect(await isSignedIn()).toBe(false);
  });

  it("which no other site can give, and no form of another session", async () => {
    const { page, server, isSignedIn } = await signedIn();
    const stranger = new TestClient(server);
    await stranger.signup("grace@example.com");
    const foreignToken = await new PageClient(server, stranger.jar).formToken("/oauth/logout");
    const token = await page.formToken("/oauth/logout");
    const crossSite = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await page.post("/oauth/logout/confirm", { form_token: token }, crossSite)).status).toBe(403);
    const expired = await page.post("/oauth/logout/confirm", { form_token: foreignToken });
    expect([expired.status, expired.text.includes("could not be checked")]).toEqual([400, true]);
    expect((await page.post("/oauth/logout/confirm", {})).status).toBe(400);
    expect(await isSignedIn()).toBe(true);
  });

  it("after which they go where the app is registered to have them, by a page that no form-action holds up", async () => {
    const { page, app, isSignedIn } = await signedIn();
    const asked = await page.get(logout({ client_id: app.clientId, post_logout_redirect_uri: AFTER, state: "<s>" }));
    expect(asked.text).toContain("Meadow Shop");
    const fields = Object.fromEntries(
      Array.from(asked.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g), ([, name = "", value = ""]) => [
        name,
        unescaped(value),
      ]),
    );
    const done = await page.post("/oauth/logout/confirm", fields);
    expect([done.status, done.location]).toEqual([200, null]);
    expect(unescaped(/http-equiv="refresh" content="0;url=([^"]+)"/.exec(done.text)?.[1] ?? "")).toBe(`${AFTER}&state=%3Cs%3E`);
    expect(done.text).toContain("Continue to Meadow Shop");
    expect(await isSignedIn()).toBe(false);
    // A reload is no second form.
    expect((await page.get("/oauth/logout/confirm")).location).toBe("/auth/oauth/logout");
  });
});

it("an ID token whose key is gone proves nothing: they are asked, and led back if the app says who it is", async () => {
  const { page, server, app, idToken, tokens } = await signedIn();
  await server.keys.withdraw("all");
  const asked = { id_token_hint: idToken, post_logout_redirect_uri: AFTER };
  expect((await new PageClient(server).get(logout(asked))).location).toBeNull();
  expect((await new PageClient(server).get(logout({ ...asked, client_id: app.clientId }))).location).toBe(AFTER);
  const confirm = await page.get(logout({ ...asked, client_id: app.clientId }));
  expect(confirm.text).toContain("Meadow Shop");
  expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
});

it("an ID token of before the user signed in anew signs out without asking, if the app was noted to have it", async () => {
  const { page, client, server, app, sid, idToken, path, tokens } = await signedIn();
  const other = await registerApp(server, { postLogoutRedirectUris: [AFTER] }, "Other");
  const store = await sameStore(path);
  await store.oauth.signOns.note({
    signOnId: sid,
    clientId: app.clientId,
    userId: tokens.user.id,
    expiresAt: Number.MAX_SAFE_INTEGER,
  });
  await client.call("POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } });
  expect((await page.get(logout({ id_token_hint: idToken, client_id: other.clientId }))).text).toContain("ada@example.com");
  expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
  expect((await page.get(logout({ id_token_hint: idToken, post_logout_redirect_uri: AFTER }))).location).toBe(AFTER);
  expect(await server.sessions.list(tokens.user.id)).toEqual([]);
});

describe("nobody is sent anywhere", () => {
  it.each([
    ["an address that is not registered", "https://evil.example/"],
    ["a longer address", `${AFTER}&more`],
    ["a longer path", "https://shop.example/signed-out/x?from=ostiary"],
    ["the registered one in other words", AFTER.replace("shop.example", "SHOP.example")],
  ])("but where the app is registered: not to %s", async (_, uri) => {
    const { page, idToken, isSignedIn } = await signedIn();
    const answer = await page.get(logout({ id_token_hint: idToken, post_logout_redirect_uri: uri, state: "s" }));
    expect([answer.status, answer.location]).toEqual([200, null]);
    expect(answer.text).not.toContain(uri);
    expect(answer.text).not.toContain("http-equiv");
    expect(await isSignedIn()).toBe(false);
  });

  it("without knowing for whom", async () => {
    const { server } = await signedIn();
    for (const parameters of [{ post_logout_redirect_uri: AFTER }, { client_id: "nobody", post_logout_redirect_uri: AFTER }]) {
      expect(await new PageClient(server).get(logout(parameters))).toMatchObject({ status: 200, location: null });
    }
  });

  it("by a client that is deleted", async () => {
    const { page, server, app, idToken, isSignedIn } = await signedIn();
    await server.clients.delete(app.clientId);
    const asked = await page.get(logout({ id_token_hint: idToken, post_logout_redirect_uri: AFTER }));
    expect([asked.status, asked.location, await isSignedIn()]).toEqual([200, null, true]);
  });
});

it("a repeated parameter is refused, and so is what is no text", async () => {
  const { page, isSignedIn } = await signedIn();
  for (const query of ["state=a&state=b", "client_id=%00", "state=%ff", `state=${"x".repeat(8193)}`]) {
    const answer = await page.get(`/oauth/logout?${query}`);
    expect([query.slice(0, 20), answer.status]).toEqual([query.slice(0, 20), 400]);
    expect(answer.text).toContain("<h1>");
  }
  expect(await isSignedIn()).toBe(true);
});

it("the page speaks the reader's language, and is framed, kept and read by nobody else", async () => {
  const { page, app } = await signedIn();
  const { text, headers } = await page.get(logout({ client_id: app.clientId, state: "s", ui_locales: "ko" }), {
    origin: "https://shop.example",
  });
  expect(text).toContain('<html lang="ko">');
  expect(text).toContain(korean.signOutAskedBy("Meadow Shop"));
  expect(text).toContain(`href="/auth/oauth/logout?ui_locales=en&amp;client_id=${app.clientId}&amp;state=s"`);
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("access-control-allow-origin")).toBeNull();
});

it("the app that asked hears of it over the back channel as every other", async () => {
  const receiver = await startReceiver();
  const path = temporaryFile();
  const { server, client, tokens } = await startSignedIn({ databaseUrl: `sqlite:${path}` });
  const app = await registerApp(server, { backchannelLogoutUri: receiver.uri });
  const store = await sameStore(path);
  const sid = sidOf(tokens.accessToken);
  await store.oauth.signOns.note({ signOnId: sid, clientId: app.clientId, userId: tokens.user.id, expiresAt: Number.MAX_SAFE_INTEGER });
  const idToken = idTokenOf(await keysOf(path), { clientId: app.clientId, sid, sub: tokens.user.id });
  await new PageClient(server, client.jar).get(logout({ id_token_hint: idToken }));
  await receiver.count(1);
  expect(receiver.received).toHaveLength(1);
});

function signed({ accessKey }: Keyring, type: string, claims: object): string {
  return createSigner({ key: accessKey, type, issuer: ISSUER, expiresInSeconds: 900, clock: () => START })(claims);
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
