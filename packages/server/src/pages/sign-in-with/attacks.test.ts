import { createHmac } from "node:crypto";
import { generateKey } from "@ostiary/jwt";
import { describe, expect, it } from "vitest";
import { CLIENT, sign } from "../../../test/foreign-provider.ts";
import type { ForeignProvider } from "../../../test/foreign-provider.ts";
import { MINUTE, PASSWORD, TestClient } from "../../../test/test-server.ts";
import { ADA, leadOf, startWithProvider, Traveller, whoIs } from "../../../test/traveller.ts";
import { english } from "../texts/english.ts";

const EVE = { sub: "eve-there", email: "eve@example.com", email_verified: true };
const { withProblems } = english;

/** The address with some of its parameters otherwise; null takes one out. */
function changed(address: string, changes: Record<string, string | null>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}

describe("what is under way is bound to the browser that began it", () => {
  it("an answer to another browser's request lets nobody in, and is still good where it belongs", async () => {
    const { provider, server, ada } = await startWithProvider();
    const back = provider.signedIn(await ada.press(), ADA);
    const thief = new Traveller(server);
    await thief.press();
    for (const browser of [thief, new Traveller(server)]) {
      const answer = await browser.get(back);
      expect([answer.status, answer.text.includes(withProblems.expired("Works"))]).toEqual([400, true]);
      expect(await whoIs(browser)).toBeNull();
    }
    expect(provider.asked).not.toContain("/token");
    await ada.get(back);
    expect(await whoIs(ada)).toBe("ada@example.com");
  });

  it("nor to one that a sister site has put there: over https no other host can, and of two none is taken", async () => {
    const { provider, server, ada } = await startWithProvider();
    const back = provider.signedIn(await ada.press(), ADA);
    const mine = `ostiary_transaction=${ada.jar.get("ostiary_transaction") ?? ""}`;
    const two = `ostiary_transaction=${"e".repeat(43)}; ${mine}`;
    const { status, headers } = await server.fetch(new Request(back, { headers: { cookie: two, accept: "text/html" } }));
    expect([status, headers.getSetCookie()]).toEqual([403, []]);
    expect(provider.asked).not.toContain("/token");

    const overHttps = await startWithProvider({ config: { issuer: "https://id.example/auth" } });
    await overHttps.ada.press();
    expect([...overHttps.ada.jar.keys()]).toContain("__Host-ostiary_transaction");
    const token = await overHttps.ada.formToken("/sign-in");
    const fresh = new Traveller(
      overHttps.server,
      new Map([...overHttps.ada.jar].filter(([name]) => !name.includes("transaction"))),
    );
    const { headers: set } = await fresh.post("/sign-in/with/works", { form_token: token });
    expect(set.getSetCookie().join("\n")).toMatch(
      /^__Host-ostiary_transaction=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/m,
    );
  });

  it("login CSRF: nobody is signed in as somebody else by an address or a form that they were sent", async () => {
    const { provider, server, ada } = await startWithProvider();
    const eve = new Traveller(server);
    await ada.get(provider.signedIn(await eve.press(), EVE));
    expect(await whoIs(ada)).toBeNull();
    const token = await ada.formToken("/sign-in");
    for (const headers of [
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { origin: "null", "sec-fetch-site": "cross-site" },
    ]) {
      expect((await ada.post("/sign-in/with/works", { form_token: token }, headers)).status).toBe(403);
    }
    expect((await ada.get(`/sign-in/with/works?form_token=${token}`)).status).toBe(405);
    // Nor with a form's token of the attacker's own browser.
    const answer = await ada.post("/sign-in/with/works", { form_token: await eve.formToken("/sign-in") });
    expect([answer.status, answer.text.includes(english.formExpired)]).toEqual([400, true]);
    expect(leadOf(answer)).toBe("");
  });

  it("a code of somebody else's sign-in, put into one's own answer, is not redeemed", async () => {
    const { provider, server, ada } = await startWithProvider();
    const stolen = new URL(provider.signedIn(await ada.press(), ADA)).searchParams.get("code");
    const thief = new Traveller(server);
    const own = provider.signedIn(await thief.press(), EVE);
    const answer = await thief.get(changed(own, { code: stolen }));
    expect([answer.status, answer.text.includes(withProblems.refused("Works"))]).toEqual([400, true]);
    expect(await whoIs(thief)).toBeNull();
  });

  it("an answer counts once, also if it comes several times at once", async () => {
    const { provider, ada } = await startWithProvider();
    const back = provider.signedIn(await ada.press(), ADA);
    const jar = new Map(ada.jar);
    const answers = await Promise.all([1, 2, 3].map(() => ada.get(back)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 400, 400]);
    expect((await ada.get(back)).status).toBe(400);
    for (const [name, value] of jar) ada.jar.set(name, value);
    expect((await ada.get(back)).status).toBe(400);
  });

  it("and is over after ten minutes", async () => {
    const { provider, server, ada } = await startWithProvider();
    const back = provider.signedIn(await ada.press(), ADA);
    server.time.now += 10 * MINUTE;
    expect((await ada.get(back)).status).toBe(400);
    expect(provider.asked).not.toContain("/token");
  });
});

describe("what names a thing under way", () => {
  it("is good for that alone: a state opens no form, and a form's name is no state", async () => {
    const { provider, server, ada } = await startWithProvider();
    await new TestClient(server).signup(ADA.email);
    const { text } = await ada.signIn(provider, ADA);
    const pending = /name="pending" value="([^"]+)"/.exec(text)?.[1] ?? "";
    expect((await ada.get(`/sign-in/with/works/callback?code=x&state=${pending}&iss=${provider.issuer}`)).text).toContain(
      withProblems.expired("Works"),
    );
    const state = new URL(await ada.press()).searchParams.get("state") ?? "";
    const sent = { form_token: await ada.formToken("/sign-in"), pending: state, password: PASSWORD };
    expect((await ada.post("/sign-in/with/works/password", sent)).text).toContain(withProblems.expired("Works"));
  });
});

describe("what is under way is bound to the provider", () => {
  it("an answer of another provider does not count, though both know the browser", async () => {
    const { provider, others: [other], ada } = await startWithProvider({ others: ["guild"] });
    const back = new URL((other as ForeignProvider).signedIn(await ada.press("/sign-in", {}, "guild"), EVE));
    const swapped = back.href.replace("/guild/", "/works/");
    expect((await ada.get(swapped)).text).toContain(withProblems.expired("Works"));
    expect(provider.asked).not.toContain("/token");
  });

  it.each([
    ["another one", (other: string) => other],
    ["none, where it says that it tells it", () => null],
  ])("mix-up: an answer whose iss is %s is refused before its code goes anywhere", async (_, issOf) => {
    const { provider, others: [other], ada } = await startWithProvider({ others: ["guild"] });
    const back = changed(provider.signedIn(await ada.press(), ADA), { iss: issOf((other as ForeignProvider).issuer) });
    expect((await ada.get(back)).text).toContain(withProblems.refused("Works"));
    expect(provider.asked).not.toContain("/token");
    expect(await whoIs(ada)).toBeNull();
  });

  it("the same subject of two issuers is two people", async () => {
    const { provider, others: [other], server, ada } = await startWithProvider({ others: ["guild"] });
    await ada.signIn(provider, ADA);
    const namesake = new Traveller(server);
    await namesake.signIn(other as ForeignProvider, { ...EVE, sub: ADA.sub }, "/sign-in", "guild");
    expect([await whoIs(ada), await whoIs(namesake)]).toEqual(["ada@example.com", "eve@example.com"]);
  });

  it("one that calls itself by another name in its metadata is not asked for anything", async () => {
    const { provider, ada } = await startWithProvider();
    provider.wrong.metadata = { issuer: "https://accounts.example" };
    const answer = await ada.post("/sign-in/with/works", { form_token: await ada.formToken("/sign-in") });
    expect([answer.status, leadOf(answer)]).toEqual([503, ""]);
  });
});

describe("an ID token is refused, and nobody is signed in, if", () => {
  const other = generateKey("ES256");
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const macOf = (text: string): string => `${text}.${createHmac("sha256", CLIENT.clientSecret).update(text).digest("base64url")}`;
  const now = (): number => Math.floor(Date.now() / 1000);

  it.each<[string, ForeignProvider["wrong"]]>([
    ["it has another nonce", { claims: (right) => ({ ...right, nonce: "n".repeat(43) }) }],
    ["it has no nonce", { claims: ({ nonce: _, ...right }) => right }],
    ["it is for somebody else", { claims: (right) => ({ ...right, aud: "other" }) }],
    [
      "it is for others as well, and was not given to us",
      { claims: (right) => ({ ...right, aud: [CLIENT.clientId, "other"], azp: "other" }) },
    ],
    ["another issuer made it", { claims: (right) => ({ ...right, iss: "https://other.example" }) }],
    ["it has expired", { claims: (right) => ({ ...right, iat: now() - 900, exp: now() - 600 }) }],
    ["it never expires", { claims: ({ exp: _, ...right }) => right }],
    ["nobody is in it", { claims: ({ sub: _, ...right }) => right }],
    ["its subject is empty", { claims: (right) => ({ ...right, sub: "" }) }],
    ["its subject is no text", { claims: (right) => ({ ...right, sub: 0 }) }],
    ["its subject is too long", { claims: (right) => ({ ...right, sub: "x".repeat(300) }) }],
    ["another key signed it", { idToken: (claims) => sign(other, claims) }],
    ["it is not signed", { idToken: (claims) => `${part({ alg: "none" })}.${part(claims)}.` }],
    ["our own secret signed it", { idToken: (claims) => macOf(`${part({ alg: "HS256" })}.${part(claims)}`) }],
    ["it is missing", { idToken: () => undefined }],
    ["it is none", { idToken: () => "ey.ey.ey" }],
    ["the answer is an error with status 200", { token: { status: 200, body: { error: "bad_verification_code" } } }],
    ["the answer is no object", { token: { status: 200, body: ["x"] } }],
  ])("%s", async (_, wrong) => {
    const { provider, server, ada } = await startWithProvider();
    Object.assign(provider.wrong, wrong);
    const answer = await ada.signIn(provider, ADA);
    expect([answer.status, answer.text.includes(withProblems.refused("Works"))]).toEqual([400, true]);
    expect(await whoIs(ada)).toBeNull();
    expect(await server.users.count(1)).toBe(0);
    expect((await server.audit.list({}))[0]).toMatchObject({ type: "login_failed", detail: { with: "works", why: "refused" } });
  });

  it("userinfo tells of another subject", async () => {
    const { provider, server, ada } = await startWithProvider({ trustEmail: true });
    provider.wrong.userinfo = EVE;
    expect((await ada.signIn(provider, { sub: ADA.sub })).status).toBe(400);
    provider.wrong.userinfo = { message: "not now" };
    expect((await ada.signIn(provider, { sub: ADA.sub })).status).toBe(400);
    expect(await server.users.count(1)).toBe(0);
  });
});

describe("what an address says is not believed", () => {
  it("open redirect: neither at the start nor on the way back", async () => {
    const { provider, ada } = await startWithProvider();
    const there = provider.signedIn(await ada.press("/sign-in?return_to=//evil.example"), ADA);
    const answer = await ada.get(changed(there, { return_to: "/elsewhere", ui_locales: "ko" }));
    expect([answer.status, answer.location]).toEqual([303, "/auth/account"]);
  });

  it("and not shown as it is", async () => {
    const { ada } = await startWithProvider();
    const state = new URL(await ada.press()).searchParams.get("state");
    const nasty = encodeURIComponent('"><script>alert(1)</script>');
    for (const [query, headers] of [
      [`error=${nasty}&error_description=${nasty}&state=${state}`, {}],
      [`code=${nasty}&state=${nasty}`, {}],
      [`code=${nasty}&state=${nasty}`, { "sec-fetch-site": "cross-site" }],
    ] as const) {
      const { status, text } = await ada.get(`/sign-in/with/works/callback?${query}`, { ...headers });
      expect(status).toBeLessThan(500);
      expect(text).not.toContain("<script>alert");
    }
  });

  it("nonsense is answered with a page, and never with a failure of ours", async () => {
    const { server, ada } = await startWithProvider();
    await ada.press();
    for (const query of [
      "",
      "state=",
      "code=a&code=b&state=c&state=d",
      "state=%00",
      "state=%E0%A4%A",
      `state=${"x".repeat(5000)}`,
      "error=access_denied",
    ]) {
      const { status, text } = await ada.get(`/sign-in/with/works/callback?${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(text).toContain(withProblems.expired("Works"));
    }
    expect(server.reported).toEqual([]);
    expect(await server.audit.list({})).toEqual([]);
  });
});
