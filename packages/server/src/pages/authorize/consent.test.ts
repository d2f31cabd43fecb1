import { describe, expect, it } from "vitest";
import { ADA, answer, consentForm, sentBack, signInThere, startAuthorization } from "../../../test/authorization.ts";
import { PageClient } from "../../../test/page-client.ts";
import { ANY_TEXT, ISSUER, MINUTE, PASSWORD, TestClient } from "../../../test/test-server.ts";
import type { NewRegistration } from "../../clients/registration.ts";
import { english } from "../texts/english.ts";
import { korean } from "../texts/korean.ts";

const ALL = "openid profile email offline_access orders:read";
const forOrders = { scopes: ALL.split(" ") };

describe("the page that asks", () => {
  it("names the client, what it asks for in words, whose account it is about, and where one is taken", async () => {
    const { ada, path } = await startAuthorization(forOrders, { pages: { name: "Meadow" } });
    const { status, text } = await ada.get(path({ scope: ALL }));
    expect(status).toBe(200);
    expect(text).toContain("<h1>Tide Tables asks to use your Meadow account</h1>");
    for (const ask of Object.values(english.consentScopes)) expect(text).toContain(ask);
    expect(text).toContain("Use the permission “orders:read”");
    expect(text).toContain("<strong>ada@example.com</strong>");
    expect(text).toContain("You will be taken to app.example.");
  });

  it("names no more than is asked for, and the APIs if they are named", async () => {
    const resource = "https://api.example";
    const { ada, path } = await startAuthorization(forOrders, { audience: [resource] });
    const { text } = await ada.get(path({ scope: "openid email", resource }));
    for (const { profile, offline_access: offline } of [english.consentScopes]) {
      expect(text).not.toContain(profile);
      expect(text).not.toContain(offline);
    }
    expect(text).toContain("For use at https://api.example.");
  });

  it("speaks the language that the client asks for, and the other one a link away", async () => {
    const { ada, path } = await startAuthorization();
    const { text } = await ada.get(path({ ui_locales: "fr ko" }));
    expect(text).toContain(korean.consentAllow);
    const other = /<a href="([^"]+)" lang="en"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect((await ada.get(other)).text).toContain(english.consentScopes.openid);
  });

  it("escapes the name of a client", async () => {
    const { ada, path } = await startAuthorization({}, { pages: { name: "<b>" } });
    expect((await ada.get(path())).text).not.toContain("<b>");
  });

  it("lets somebody else sign in, who is asked in turn", async () => {
    const { ada, path, server } = await startAuthorization();
    await server.users.create({ email: "grace@example.com", password: PASSWORD });
    const { text } = await ada.get(path({ login_hint: "ada@example.com" }));
    const location = /<strong>ada@example.com<\/strong> <a href="([^"]+)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect((await ada.get(location)).text).not.toContain("ada@example.com");
    const consent = await signInThere(
      ada,
      { status: 303, headers: new Headers(), text: "", location },
      { ...ADA, email: "grace@example.com" },
    );
    expect(consent.text).toContain("<strong>grace@example.com</strong>");
  });
});

describe("the answer", () => {
  it("allowed: 303 to our own address, and from there a page that leads on, outside of any form", async () => {
    const { ada, path } = await startAuthorization();
    const { action, token } = consentForm(await ada.get(path()));
    const led = await ada.post(action, { form_token: token, decision: "allow" });
    expect(led.status).toBe(303);
    expect(led.location?.startsWith(`${ISSUER}/oauth/authorize?`)).toBe(true);
    const page = await ada.get(led.location ?? "");
    expect(page).toMatchObject({ status: 200, location: null });
    expect(sentBack(page)).toEqual({ code: ANY_TEXT, state: "xyz", iss: ISSUER });
    expect(page.text).toContain('<a class="button" href="https://app.example/callback?code=');
  });

  it.each(["deny", "", "something"])("%j: access_denied, and nothing is remembered", async (decision) => {
    const { ada, path, server } = await startAuthorization();
    const { action, token } = consentForm(await ada.get(path()));
    const led = await ada.post(action, { form_token: token, decision });
    const page = await ada.get(led.location ?? "");
    expect(sentBack(page)).toEqual({ error: "access_denied", error_description: ANY_TEXT, state: "xyz", iss: ISSUER });
    expect((await ada.get(path())).status).toBe(200);
    expect((await server.audit.list({ limit: 100 })).map(({ type }) => type)).not.toContain("consent_given");
  });

  it("is remembered for this client, these scopes and this user, and audited", async () => {
    const { ada, path, server, client, tokens } = await startAuthorization(forOrders);
    await answer(ada, await ada.get(path({ scope: "openid email" })), "allow");
    const [, event] = await server.audit.list({ userId: tokens.user.id });
    expect(event).toMatchObject({ type: "consent_given", detail: { clientId: client.clientId, scope: "openid email" } });
    for (const scope of ["openid email", "email openid", "openid", "email"]) {
      expect(sentBack(await ada.get(path({ scope })))).toMatchObject({ code: ANY_TEXT });
    }
    expect((await ada.get(path({ scope: "openid email orders:read" }))).status).toBe(200);
    expect((await ada.get(path({ scope: "openid", prompt: "consent" }))).status).toBe(200);
    const another = await server.clients.create({
      name: "Other",
      registration: { redirectUris: ["https://app.example/callback"] },
    });
    expect((await ada.get(path({ scope: "openid", client_id: another.clientId }))).status).toBe(200);
    const grace = new TestClient(server);
    await grace.signup("grace@example.com");
    expect((await new PageClient(server, grace.jar).get(path({ scope: "openid" }))).status).toBe(200);
  });

  it("to prompt=consent counts once", async () => {
    const { ada, path } = await startAuthorization({ firstParty: true });
    const consent = await ada.get(path({ prompt: "consent" }));
    expect(consent.status).toBe(200);
    expect(sentBack(await answer(ada, consent, "allow"))).toMatchObject({ code: ANY_TEXT });
    expect((await ada.get(path({ prompt: "consent" }))).status).toBe(200);
  });

  it("comes after sign-in where both are asked for, and neither is asked for twice", async () => {
    const { ada, path, server } = await startAuthorization();
    server.time.now += MINUTE;
    const consent = await signInThere(ada, await ada.get(path({ prompt: "login consent", max_age: "0" })));
    server.time.now += 2 * MINUTE;
    expect(sentBack(await answer(ada, consent, "allow"))).toMatchObject({ code: ANY_TEXT });
  });

  it("by form_post is a form as well", async () => {
    const { ada, path } = await startAuthorization();
    const page = await answer(ada, await ada.get(path({ response_mode: "form_post" })), "deny");
    expect(page.text).toContain('<input type="hidden" name="error" value="access_denied">');
  });
});

describe("what has changed since the page was shown", () => {
  it.each<[string, Partial<NewRegistration>]>([
    ["a client that is known by its address", {}],
    ["one that is asked each time", { tokenEndpointAuthMethod: "none", redirectUris: ["http://127.0.0.1/cb"] }],
  ])(
    "access that was taken back is not given again by the address that allowed it: %s",
    async (_, registration) => {
      const { ada, path, client } = await startAuthorization(registration);
      const { action, token } = consentForm(await ada.get(path()));
      const { location } = await ada.post(action, { form_token: token, decision: "allow" });
      expect(sentBack(await ada.get(location ?? ""))).toMatchObject({ code: ANY_TEXT });
      await ada.submit("/account", { task: "withdraw", client: client.clientId });
      const again = await ada.get(location ?? "");
      expect(again).toMatchObject({ status: 200, location: null });
      expect(again.text).toContain('name="decision"');
    },
  );

  it("a scope that the client may no longer ask for: it is told, by a page as after any form", async () => {
    const { ada, path, server, client, tokens } = await startAuthorization(forOrders);
    const consent = await ada.get(path({ scope: "openid orders:read" }));
    await server.clients.update(client.clientId, { registration: { scopes: ["openid"] } });
    const page = await answer(ada, consent, "allow");
    expect(page).toMatchObject({ status: 200, location: null });
    expect(sentBack(page)).toMatchObject({ error: "invalid_scope", state: "xyz" });
    expect((await server.audit.list({ userId: tokens.user.id })).map(({ type }) => type)).not.toContain("consent_given");
  });
});

describe("nobody but the user allows anything", () => {
  it("a form of another page, of another request, of another session, or of none is not taken", async () => {
    const { ada, path, server, client, tokens } = await startAuthorization(forOrders);
    const { action, token } = consentForm(await ada.get(path({ scope: "openid" })));
    const wider = consentForm(await ada.get(path({ scope: ALL })));
    for (const headers of [
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      expect((await ada.post(action, { form_token: token, decision: "allow" }, headers)).status).toBe(403);
    }
    const other = new TestClient(server);
    await other.login();
    const elsewhere = new PageClient(server, other.jar);
    const tries = [
      ada.post(wider.action, { form_token: token, decision: "allow" }),
      ada.post(action, { decision: "allow" }),
      ada.post(action, { form_token: await ada.formToken("/account"), decision: "allow" }),
      elsewhere.post(action, { form_token: token, decision: "allow" }),
      new PageClient(server).post(action, { form_token: token, decision: "allow" }),
    ];
    for (const { status, location } of await Promise.all(tries)) {
      expect(status).toBe(303);
      expect(location).not.toContain("ostiary_answer");
    }
    expect((await server.audit.list({ userId: tokens.user.id })).map(({ type }) => type)).not.toContain("consent_given");
    expect((await ada.get(path())).text).toContain(client.name);
  });

  it("the answer to one request answers no other, in no other session, and only for a while", async () => {
    const { ada, path, server } = await startAuthorization({
      tokenEndpointAuthMethod: "none",
      redirectUris: ["http://127.0.0.1/cb"],
    });
    const { action, token } = consentForm(await ada.get(path()));
    const { location } = await ada.post(action, { form_token: token, decision: "allow" });
    const given = new URL(location ?? "").searchParams.get("ostiary_answer") ?? "";
    expect(given).toMatch(/^allow\./);
    const asks = async (page: PageClient, request: Record<string, string>): Promise<boolean> =>
      (await page.get(path(request))).text.includes('name="decision"');
    expect(await asks(ada, { ostiary_answer: given })).toBe(false);
    expect(await asks(ada, { ostiary_answer: given, state: "other" })).toBe(true);
    expect(await asks(ada, { ostiary_answer: given.replace("allow", "deny") })).toBe(true);
    const other = new TestClient(server);
    await other.login();
    expect(await asks(new PageClient(server, other.jar), { ostiary_answer: given })).toBe(true);
    server.time.now += 6 * MINUTE;
    expect(await asks(ada, { ostiary_answer: given })).toBe(true);
  });
});

describe("a client that nothing proves to be itself asks each time (RFC 8252 §8.6)", () => {
  it.each([["http://127.0.0.1/cb"], ["com.example.tides:/cb"]])("a public client at %s, with a word of caution", async (uri) => {
    const { ada, path } = await startAuthorization({ tokenEndpointAuthMethod: "none", redirectUris: [uri] });
    for (let time = 0; time < 2; time++) {
      const consent = await ada.get(path());
      expect(consent.text).toContain(english.consentCaution);
      expect(consent.text).toContain(english.consentLeadsToDevice);
      expect(sentBack(await answer(ada, consent, "allow"))).toMatchObject({ code: ANY_TEXT });
    }
    expect(sentBack(await ada.get(path({ prompt: "none" })))).toMatchObject({ error: "consent_required" });
  });

  it("one at https is known by its address, and first parties are asked nothing", async () => {
    const { ada, path } = await startAuthorization({ tokenEndpointAuthMethod: "none" });
    await answer(ada, await ada.get(path()), "allow");
    expect(sentBack(await ada.get(path()))).toMatchObject({ code: ANY_TEXT });
    const own = await startAuthorization({
      tokenEndpointAuthMethod: "none",
      redirectUris: ["http://127.0.0.1/cb"],
      firstParty: true,
    });
    expect(sentBack(await own.ada.get(own.path()))).toMatchObject({ code: ANY_TEXT });
  });
});
