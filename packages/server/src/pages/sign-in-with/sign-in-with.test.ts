import { describe, expect, it } from "vitest";
import { decode } from "@ostiary/jwt";
import { queryOf, sentBack } from "../../../test/authorization.ts";
import { CLIENT } from "../../../test/foreign-provider.ts";
import { auditTypes, PASSWORD, startTestServer, TestClient } from "../../../test/test-server.ts";
import { ADA, leadOf, startWithProvider as world, Traveller, whoIs } from "../../../test/traveller.ts";
import { hashOf } from "../../sessions/hash-of.ts";
import { english } from "../texts/english.ts";

describe("signing in with a provider", () => {
  it("makes an account at the first time, and finds it by issuer and subject ever after", async () => {
    const { provider, server, ada } = await world({ trustEmail: true });
    const first = await ada.signIn(provider, ADA);
    expect([first.status, first.location]).toEqual([303, "/auth/account"]);
    expect(await whoIs(ada)).toBe("ada@example.com");
    const user = await server.users.findByEmail("ada@example.com");
    expect(user).toMatchObject({ name: "Ada Lovelace", emailVerified: true, roles: ["user"] });

    const elsewhere = new Traveller(server);
    // Their address is another there by now; they are who they were.
    await elsewhere.signIn(provider, { ...ADA, email: "lovelace@example.com" });
    expect(await whoIs(elsewhere)).toBe("ada@example.com");
    expect(await server.users.count(10)).toBe(1);
    // The clock has jumped on to the provider's since the server began: its keys may rotate meanwhile.
    const ofPeople = (await auditTypes(server)).filter((type) => !type.startsWith("key_"));
    expect(ofPeople).toEqual(["user_created", "signup", "login"]);
    const [login] = await server.audit.list({ types: ["login"] });
    expect(login?.detail).toMatchObject({ with: "works" });
    // The server's own routes take the session as any other.
    const client = new TestClient(server);
    for (const [name, value] of ada.jar) client.jar.set(name, value);
    expect(
      (await client.call("POST", "/refresh", { headers: { origin: "http://localhost:4000", "sec-fetch-site": "same-origin" } }))
        .status,
    ).toBe(200);
  });

  it("asks for what it says, with state, nonce and PKCE of its own each time", async () => {
    const { provider, ada } = await world();
    const [one, two] = [
      new URL(await ada.press()),
      new URL(await ada.press("/sign-in?ui_locales=ko&login_hint=ada@example.com")),
    ];
    expect(one.origin + one.pathname).toBe(`${provider.issuer}/authorize`);
    expect(Object.fromEntries(one.searchParams)).toMatchObject({
      client_id: CLIENT.clientId,
      redirect_uri: "http://localhost:4000/auth/sign-in/with/works/callback",
      response_type: "code",
      scope: "openid profile email",
      code_challenge_method: "S256",
      ui_locales: "en",
    });
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(one.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
      expect(two.searchParams.get(name)).not.toBe(one.searchParams.get(name));
    }
    expect(Object.fromEntries(two.searchParams)).toMatchObject({ ui_locales: "ko", login_hint: "ada@example.com" });
    expect([one.searchParams.get("prompt"), one.searchParams.get("max_age")]).toEqual([null, null]);
  });

  it("leads where one wanted to go, in the language one had chosen", async () => {
    const { provider, ada } = await world({ config: { allowedOrigins: ["https://app.example"] } });
    const there = await ada.signIn(provider, ADA, "/sign-in?ui_locales=ko&return_to=https%3A%2F%2Fapp.example%2Fdeep");
    expect(leadOf(there)).toBe("https://app.example/deep");
    expect(there.text).toContain('<html lang="ko">');
  });

  it("parallel tabs come back each on its own, in any order", async () => {
    const { provider, ada } = await world({ config: { allowedOrigins: ["https://app.example"] } });
    const tabs = [];
    for (const path of ["one", "two"]) tabs.push(await ada.press(`/sign-in?return_to=https://app.example/${path}`));
    const [one = "", two = ""] = tabs.map((address) => provider.signedIn(address, ADA));
    expect(leadOf(await ada.get(two))).toBe("https://app.example/two");
    expect(leadOf(await ada.get(one))).toBe("https://app.example/one");
  });

  it("comes once more from a page of ours where it came from another site: then all cookies come along", async () => {
    const { provider, server, ada } = await world();
    await new TestClient(server).signup("someone@example.com");
    ada.jar.set("ostiary_device", "d".repeat(43));
    const back = provider.signedIn(await ada.press(), ADA);
    const again = leadOf(await ada.get(back, { "sec-fetch-site": "cross-site" }));
    expect(again).toMatch(/^\/auth\/sign-in\/with\/works\/callback\?.*again=1$/);
    const { location } = await ada.get(`http://localhost:4000${again}`, { "sec-fetch-site": "same-origin" });
    expect(location).toBe("/auth/account");
    // The browser keeps the name it had.
    expect(ada.jar.get("ostiary_device")).toBe("d".repeat(43));
  });

  it("a provider that is down is told of clearly, is asked again the next time, and the password goes on", async () => {
    const { provider, server, ada } = await world();
    provider.wrong.isDown = true;
    const token = await ada.formToken("/sign-in");
    const down = await ada.post("/sign-in/with/works", { form_token: token });
    expect([down.status, down.text.includes(english.withProblems.unavailable("Works"))]).toEqual([503, true]);
    expect(server.reported).toHaveLength(1);
    await new TestClient(server).signup("grace@example.com");
    expect((await ada.submit("/sign-in", { email: "grace@example.com", password: PASSWORD })).location).toBe("/auth/account");
    provider.wrong.isDown = false;
    const other = new Traveller(server);
    await other.signIn(provider, ADA);
    expect(await whoIs(other)).toBe("ada@example.com");
    // Metadata that was found is kept: it is down for those who come back with a code.
    const back = provider.signedIn(await other.press("/sign-in?prompt=login"), ADA);
    provider.wrong.isDown = true;
    expect((await other.get(back)).status).toBe(503);
  });

  it("whoever turns back there is told so, and nothing happens", async () => {
    const { server, ada } = await world();
    const address = new URL(await ada.press("/sign-in?return_to=/auth/account"));
    const denied = await ada.get(
      `/sign-in/with/works/callback?error=access_denied&state=${address.searchParams.get("state")}&iss=${new URL(address).origin}`,
    );
    expect([denied.status, denied.text.includes(english.withDenied("Works"))]).toEqual([403, true]);
    expect(denied.text).toContain("/auth/sign-in?return_to=");
    expect(await server.users.count(10)).toBe(0);
  });

  it("keeps who is disabled out", async () => {
    const { provider, server, ada } = await world();
    await ada.signIn(provider, ADA);
    const user = await server.users.findByEmail("ada@example.com");
    await server.users.disable(user?.id ?? "");
    const again = await new Traveller(server).signIn(provider, ADA);
    expect([again.status, again.text.includes(english.withProblems.disabled("Works"))]).toEqual([403, true]);
    expect(again.headers.getSetCookie().join()).not.toContain("ostiary_signin");
    expect((await server.audit.list({ types: ["login_failed"] }))[0]?.detail).toEqual({ with: "works", why: "disabled" });
  });

  it("a provider without an address for them makes no account", async () => {
    const { provider, server, ada } = await world();
    provider.wrong.userinfo = { sub: "ada-there" };
    const none = await ada.signIn(provider, { sub: "ada-there" });
    expect([none.status, none.text.includes(english.withProblems.no_email("Works"))]).toEqual([403, true]);
    provider.wrong.userinfo = ADA;
    expect((await ada.signIn(provider, { sub: "ada-there" })).status).toBe(303);
    expect(await server.users.findByEmail("ada@example.com")).toMatchObject({ name: "Ada Lovelace" });
  });

  it("tells nobody's password for wrong in less work where there is none", async () => {
    const { provider, server, ada } = await world();
    await ada.signIn(provider, ADA);
    const { status, body } = await new TestClient(server).call("POST", "/login", {
      body: { email: ADA.email, password: PASSWORD },
    });
    expect([status, body.error]).toEqual([401, "invalid_credentials"]);
  });

  it("signs in to applications, whose ID tokens say when and not how; and proves it anew where they ask for that", async () => {
    const { server, provider, ada } = await world();
    const redirect = "https://shop.example/callback";
    const shop = await server.clients.create({ name: "Shop", registration: { redirectUris: [redirect], firstParty: true } });
    const verifier = "v".repeat(43);
    const request = {
      client_id: shop.clientId,
      redirect_uri: redirect,
      response_type: "code",
      scope: "openid",
      code_challenge_method: "S256",
      code_challenge: hashOf(verifier),
    };
    const there = await ada.get(`/oauth/authorize?${queryOf(request)}`);
    const longAgo = Math.floor(server.time.now / 1000) - 3600;
    const led = await ada.signIn(provider, { ...ADA, auth_time: longAgo }, there.location ?? "");
    const { code = "" } = sentBack(await ada.get(leadOf(led)));
    const basic = Buffer.from(`${shop.clientId}:${shop.clientSecret}`).toString("base64");
    const form = { grant_type: "authorization_code", code, redirect_uri: redirect, code_verifier: verifier };
    const tokens = await ada.post("/oauth/token", form, { authorization: `Basic ${basic}`, accept: "application/json" });
    const { claims } = decode((JSON.parse(tokens.text) as { id_token: string }).id_token);
    expect(claims).toMatchObject({ auth_time: longAgo });
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(["amr"]));
    expect(claims).not.toHaveProperty("acr");

    const asked = await ada.get(`/oauth/authorize?${queryOf({ ...request, max_age: "600" })}`);
    const address = await ada.press(asked.location ?? "");
    expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({ prompt: "login", max_age: "0" });
    const stale = await ada.get(provider.signedIn(address, { ...ADA, auth_time: longAgo }));
    expect(stale.status).toBe(400);
    const fresh = await ada.signIn(provider, { ...ADA, auth_time: Math.floor(Date.now() / 1000) }, asked.location ?? "");
    expect(sentBack(await ada.get(leadOf(fresh)))).toHaveProperty("code");
  });

  it("is limited for each address", async () => {
    const { ada } = await world();
    const token = await ada.formToken("/sign-in");
    let status = 200;
    for (let tries = 0; tries < 301; tries++) ({ status } = await ada.post("/sign-in/with/works", { form_token: token }));
    expect(status).toBe(429);
  });

  it("nobody is sent to a provider that is not there", async () => {
    const { ada } = await world();
    expect((await ada.post("/sign-in/with/nowhere", {})).status).toBe(404);
    expect((await ada.get("/sign-in/with/works")).status).toBe(405);
    expect((await ada.get("/sign-in/with/nowhere/callback?code=x&state=y")).status).toBe(404);
  });

  it("where nothing is configured there is no button", async () => {
    const server = await startTestServer();
    const { text } = await new Traveller(server).get("/sign-in");
    expect(text).not.toContain("/sign-in/with/");
  });
});

describe("what an app waits for", () => {
  const now = (): typeof ADA & { auth_time: number } => ({ ...ADA, auth_time: Math.floor(Date.now() / 1000) });
  const page = `/sign-in?${new URLSearchParams({ prompt: "login", need: "mfa", return_to: "http://localhost:4000/deed" }).toString()}`;

  it("comes back from the provider: whoever has no second step is led to set one up", async () => {
    const { provider, ada } = await world();
    const { location } = await ada.signIn(provider, now(), page);
    expect(location).toMatch(/^\/auth\/account\/two-steps\?/);
    expect(Object.fromEntries(new URL(location ?? "", provider.issuer).searchParams)).toEqual({
      need: "mfa",
      return_to: "http://localhost:4000/deed",
    });
  });

  it("also by way of the password", async () => {
    const { provider, server, ada } = await world();
    await new TestClient(server).signup(ADA.email);
    const { text } = await ada.signIn(provider, now(), page);
    const [, action = ""] = /action="\/auth([^"]*\/password[^"]*)"/.exec(text) ?? [];
    const field = (name: string): string => new RegExp(`name="${name}" value="([^"]+)"`).exec(text)?.[1] ?? "";
    const answer = await ada.post(action.replaceAll("&amp;", "&"), {
      form_token: field("form_token"),
      pending: field("pending"),
      password: PASSWORD,
    });
    expect(answer.location).toMatch(/^\/auth\/account\/two-steps\?/);
  });
});
