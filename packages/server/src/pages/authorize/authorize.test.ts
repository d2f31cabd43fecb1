import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { answer, CALLBACK, sentBack, signInThere, startAuthorization } from "../../../test/authorization.ts";
import type { Request } from "../../../test/authorization.ts";
import {
  ANY_TEXT,
  auditTypes,
  ISSUER,
  MINUTE,
  SECOND,
  startTestServer,
  temporaryFile,
  TestClient,
} from "../../../test/test-server.ts";

const firstParty = { firstParty: true };
const MFA = "urn:ostiary:acr:mfa";
const PASSWORD = "urn:ostiary:acr:password";

describe("a request that is in order", () => {
  it("303: a code, the state as it came, and who answers (RFC 9207)", async () => {
    const { ada, path } = await startAuthorization(firstParty);
    const led = await ada.get(path());
    expect(led.status).toBe(303);
    expect(led.location).toMatch(/^https:\/\/app\.example\/callback\?/);
    expect(sentBack(led)).toEqual({ code: expect.stringMatching(/^[\w-]{43}$/) as unknown, state: "xyz", iss: ISSUER });
  });

  it("no two codes are alike, and each is audited with its client", async () => {
    const { ada, path, server, client, tokens } = await startAuthorization(firstParty);
    const codes = [sentBack(await ada.get(path()))["code"], sentBack(await ada.get(path()))["code"]];
    expect(new Set(codes).size).toBe(2);
    const [event] = await server.audit.list({ userId: tokens.user.id });
    expect(event).toMatchObject({ type: "authorized", detail: { clientId: client.clientId, scope: "openid" } });
    expect(JSON.stringify(event)).not.toContain(codes[1]);
  });

  it.each([
    ["printable ASCII", ` !"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~09azAZ`],
    ["markup", `"><script>alert(1)</script>`],
    ["beyond ASCII", "상태 ✓"],
  ])("state comes back unchanged: %s", async (_, state) => {
    const { ada, path } = await startAuthorization(firstParty);
    expect(sentBack(await ada.get(path({ state })))).toMatchObject({ state });
    expect(sentBack(await ada.get(path({ state, scope: "unknown" })))).toMatchObject({ state, error: "invalid_scope" });
    const { text } = await ada.get(path({ state, response_mode: "form_post" }));
    expect(text).not.toContain("<script>alert");
  });

  it("no state in, none out; empty parameters count as left out, unknown ones for nothing", async () => {
    const { ada, path } = await startAuthorization(firstParty);
    const led = await ada.get(`${path({ state: "" })}&nonce=&prompt=&colour=blue&ostiary_asked=1.x&ostiary_answer=deny.1.x`);
    expect(sentBack(led)).toEqual({ code: ANY_TEXT, iss: ISSUER });
  });

  it("keeps the query that the redirect URI has", async () => {
    const uri = "https://app.example/callback?tenant=a%20b&x";
    const { ada, path } = await startAuthorization({ ...firstParty, redirectUris: [uri] });
    expect((await ada.get(path())).location).toMatch(/^https:\/\/app\.example\/callback\?tenant=a%20b&x&code=/);
  });

  it("as a form from the client's page it goes on as from a link, without who is signed in", async () => {
    const { stranger, ada, standard } = await startAuthorization(firstParty);
    const elsewhere = { origin: "https://app.example", "sec-fetch-site": "cross-site" };
    const led = await stranger().post("/oauth/authorize", standard, elsewhere);
    expect(led.status).toBe(303);
    expect(led.location).toMatch(/^http:\/\/localhost:4000\/auth\/oauth\/authorize\?response_type=code&/);
    expect(sentBack(await ada.get(led.location ?? ""))).toMatchObject({ code: ANY_TEXT });
  });

  it("response_mode=form_post: a page whose form has the answer, and goes to the client alone", async () => {
    const { ada, path, client } = await startAuthorization(firstParty);
    for (const [more, name] of [[{}, "code"], [{ scope: "unknown" }, "error"]] as const) {
      const page = await ada.get(path({ response_mode: "form_post", state: `"<&`, ...more }));
      expect(page.status).toBe(200);
      expect(page.text).toContain(`<form method="post" action="${CALLBACK}" data-submit>`);
      expect(page.text).toContain(`<input type="hidden" name="${name}" value="`);
      expect(page.text).toContain('<input type="hidden" name="state" value="&quot;&lt;&amp;">');
      expect(page.text).toContain(`<input type="hidden" name="iss" value="${ISSUER}">`);
      expect(page.text).toContain(`Continue to ${client.name}`);
    }
  });
});

describe("the client is told what is wrong with its request, with state and iss", () => {
  it.each<[string, Request]>([
    ["unsupported_response_type", { response_type: "token" }],
    ["unsupported_response_type", { response_type: "id_token token" }],
    ["unsupported_response_type", { response_type: "code id_token" }],
    ["invalid_request", { response_type: "" }],
    ["invalid_request", { response_mode: "fragment" }],
    ["invalid_request", { code_challenge: "" }],
    ["invalid_request", { code_challenge_method: "" }],
    ["invalid_request", { code_challenge_method: "plain" }],
    ["invalid_request", { code_challenge: "a".repeat(42) }],
    ["invalid_request", { dpop_jkt: "a".repeat(42) }],
    ["invalid_request", { dpop_jkt: ["a".repeat(43), "a".repeat(43)] }],
    ["invalid_request", { code_challenge: "a".repeat(44) }],
    ["invalid_request", { code_challenge: `${"a".repeat(42)}=` }],
    ["invalid_request", { prompt: "none login" }],
    ["invalid_request", { prompt: "magic" }],
    ["invalid_request", { max_age: "-1" }],
    ["invalid_request", { max_age: "1.5" }],
    ["invalid_request", { max_age: "soon" }],
    ["invalid_request", { scope: ["openid", "openid"] }],
    ["invalid_request", { nonce: ["a", "b"] }],
    ["invalid_request", { colour: ["a", "b"] }],
    ["invalid_request", { nonce: "a\0b" }],
    ["invalid_request", { id_token_hint: "no.id.token" }],
    ["invalid_scope", { scope: "openid unknown" }],
    ["invalid_scope", { scope: "openid  email" }],
    ["invalid_scope", { scope: 'openid "' }],
    ["invalid_target", { resource: "https://other.example" }],
    ["invalid_target", { resource: "/relative" }],
    ["invalid_target", { resource: "https://api.example#x" }],
    ["invalid_target", { resource: ["https://api.example", "https://other.example"] }],
    ["request_not_supported", { request: "x.y.z" }],
    ["request_uri_not_supported", { request_uri: "https://app.example/request" }],
    ["registration_not_supported", { registration: "{}" }],
  ])("%s: %j", async (error, request) => {
    const { ada, path } = await startAuthorization(firstParty, { audience: ["https://api.example"] });
    const led = await ada.get(path(request));
    expect(led.status).toBe(303);
    expect(led.location?.startsWith(`${CALLBACK}?`)).toBe(true);
    expect(sentBack(led)).toEqual({ error, error_description: ANY_TEXT, state: "xyz", iss: ISSUER });
    expect(sentBack(led)["error_description"]).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  it("state that comes twice, or could not come back as it came, does not come back at all", async () => {
    const { ada, path } = await startAuthorization(firstParty);
    for (const state of [["a", "b"], "a\r\nb"]) {
      expect(sentBack(await ada.get(path({ state })))).toEqual({
        error: "invalid_request",
        error_description: ANY_TEXT,
        iss: ISSUER,
      });
    }
  });

  it("what is asked of a known resource, and of several, is granted", async () => {
    const audience = ["https://api.example", "https://other.example"];
    const { ada, path } = await startAuthorization(firstParty, { audience });
    expect(sentBack(await ada.get(path({ resource: audience })))).toMatchObject({ code: ANY_TEXT });
  });
});

describe("every answer of the authorization endpoint", () => {
  it("is kept by nobody, framed by nobody, told to nobody, and read by no other origin", async () => {
    const { ada, stranger, path } = await startAuthorization();
    const origin = { origin: "https://app.example" };
    const consent = await ada.get(path(), origin);
    const answers = [
      consent,
      await ada.get(path({ prompt: "none" }), origin),
      await ada.get(path({ client_id: "nobody" }), origin),
      await ada.get(path({ response_mode: "form_post", scope: "unknown" }), origin),
      await stranger().get(path(), origin),
      await answer(ada, consent, "allow"),
      await ada.get(path(), origin),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 303, 400, 200, 303, 200, 303]);
    for (const { headers, text } of answers) {
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("content-security-policy")).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
      expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
      expect(text).not.toMatch(/(?:src|href)="https?:\/\/(?!localhost:4000|app\.example\/callback)/);
    }
  });
});

describe("who is signed in, and since when", () => {
  it("prompt=none: login_required of a stranger, consent_required of who was never asked, a code of who was", async () => {
    const { ada, stranger, path } = await startAuthorization();
    expect(sentBack(await stranger().get(path({ prompt: "none" })))).toMatchObject({ error: "login_required", state: "xyz" });
    expect(sentBack(await ada.get(path({ prompt: "none" })))).toMatchObject({ error: "consent_required", state: "xyz" });
    await answer(ada, await ada.get(path()), "allow");
    expect(sentBack(await ada.get(path({ prompt: "none" })))).toMatchObject({ code: ANY_TEXT });
  });

  it("a stranger signs in and comes back to the same request", async () => {
    const { stranger, path } = await startAuthorization(firstParty);
    const page = stranger();
    const led = await page.get(path({ nonce: "n".repeat(3000), login_hint: "ada@example.com", ui_locales: "ko" }));
    expect(led.status).toBe(303);
    expect(led.location).toMatch(
      /^http:\/\/localhost:4000\/auth\/sign-in\?return_to=http%3A%2F%2Flocalhost%3A4000%2Fauth%2Foauth%2Fauthorize/,
    );
    const form = await page.get(led.location ?? "");
    expect(form.text).toContain('value="ada@example.com"');
    expect(form.text).toContain('<html lang="ko">');
    expect(sentBack(await signInThere(page, led))).toMatchObject({ code: ANY_TEXT, state: "xyz" });
  });

  it("a login_hint that is no address is not shown", async () => {
    const { stranger, path } = await startAuthorization(firstParty);
    const page = stranger();
    const form = await page.get((await page.get(path({ login_hint: `"><script>` }))).location ?? "");
    expect(form.text).toContain('name="email" type="email" autocomplete="username" value=""');
  });

  it.each([{ prompt: "login" }, { prompt: "select_account" }, { max_age: "0" }, { max_age: "59" }])(
    "%j asks whoever has been signed in for a minute again, once",
    async (request) => {
      const { ada, path, server } = await startAuthorization(firstParty);
      server.time.now += MINUTE;
      const led = await ada.get(path(request));
      expect(led.location).toContain("/auth/sign-in?");
      // Not even with all cookies does sign-in lead back before a password was given.
      expect((await ada.get(led.location ?? "")).status).toBe(200);
      const mark = new URL(led.location ?? "").searchParams.get("return_to") ?? "";
      expect((await ada.get(mark)).location).toContain("/auth/sign-in?");
      server.time.now += 30 * SECOND;
      expect(sentBack(await signInThere(ada, led))).toMatchObject({ code: ANY_TEXT });
      // What satisfied one request satisfies no other, nor the same one much later.
      expect((await ada.get(path({ prompt: "login" }))).location).toContain("/auth/sign-in?");
      server.time.now += 6 * MINUTE;
      expect((await ada.get(mark)).location).toContain("/auth/sign-in?");
    },
  );

  it("acr_values with more than there is leads to sign-in for a second factor once, and goes on with what there is then", async () => {
    const { ada, stranger, path, server } = await startAuthorization(firstParty);
    for (const page of [ada, stranger()]) {
      server.time.now += SECOND;
      const led = await page.get(path({ acr_values: `urn:other ${MFA} ${PASSWORD}` }));
      const query = new URL(led.location ?? "").searchParams;
      expect([query.get("prompt"), query.get("need")]).toEqual(["login", "mfa"]);
      expect((await page.get(query.get("return_to") ?? "")).location).toContain("/auth/sign-in?");
      server.time.now += SECOND;
      // Who has no second factor is offered to set one up, and need not.
      const offered = await signInThere(page, led);
      const [, declined = ""] = /<a href="([^"]+)">Not now</.exec(offered.text) ?? [];
      expect(sentBack(await page.get(declined.replaceAll("&amp;", "&")))).toMatchObject({ code: ANY_TEXT });
      // Having been asked once does for the request that asked.
      expect((await page.get(path({ acr_values: MFA }))).location).toContain("need=mfa");
    }
    expect(sentBack(await ada.get(path({ acr_values: MFA, prompt: "none" })))).toMatchObject({ error: "login_required" });
    for (const acr_values of [PASSWORD, `${PASSWORD} ${MFA}`, "urn:other", "", "1"]) {
      expect(sentBack(await ada.get(path({ acr_values, prompt: "none" })))).toMatchObject({ code: ANY_TEXT });
    }
  });

  it("acr_values with no more than there is asks nobody", async () => {
    const file = temporaryFile();
    const { ada, path } = await startAuthorization(firstParty, { databaseUrl: `sqlite:${file}` });
    const database = new DatabaseSync(file);
    database.exec("update sessions set method = 'pwd otp'");
    database.close();
    for (const acr_values of [MFA, `${MFA} ${PASSWORD}`, PASSWORD]) {
      expect(sentBack(await ada.get(path({ acr_values, prompt: "none" })))).toMatchObject({ code: ANY_TEXT });
    }
  });

  it("max_age that is kept asks nobody again; with prompt=none it is login_required when it is not", async () => {
    const { ada, path, server } = await startAuthorization(firstParty);
    server.time.now += MINUTE;
    expect(sentBack(await ada.get(path({ max_age: "60" })))).toMatchObject({ code: ANY_TEXT });
    expect(sentBack(await ada.get(path({ max_age: "59", prompt: "none" })))).toMatchObject({ error: "login_required" });
  });

  it("a marker made up by the client, or taken from another request, counts for nothing", async () => {
    const { ada, path, server } = await startAuthorization(firstParty);
    server.time.now += MINUTE;
    const led = await ada.get(path({ prompt: "login", state: "one" }));
    const mark = new URL(new URL(led.location ?? "").searchParams.get("return_to") ?? "").searchParams.get("ostiary_asked") ?? "";
    await signInThere(ada, led);
    expect(mark).not.toBe("");
    for (const made of [mark, `${server.time.now}.made-up`, mark.replace(/^\d+/, "1")]) {
      expect((await ada.get(path({ prompt: "login", state: "two", ostiary_asked: made }))).location).toContain("/auth/sign-in?");
    }
  });

  it("nor does one that another browser was given, though the request is the same", async () => {
    const { ada, path, server, stranger, tokens } = await startAuthorization(firstParty);
    server.time.now += MINUTE;
    const led = await stranger().get(path({ prompt: "login" }));
    const marked = new URL(led.location ?? "").searchParams.get("return_to") ?? "";
    expect(marked).toContain("ostiary_asked=");
    server.time.now += MINUTE;
    await signInThere(ada, await ada.get(path({ prompt: "login" })));
    expect(await server.sessions.list(tokens.user.id)).toMatchObject([{ createdAt: server.time.now }]);
    expect((await ada.get(marked)).location).toContain("/auth/sign-in?");
  });

  it("who was signed out has to sign in", async () => {
    const { ada, path, server, tokens } = await startAuthorization(firstParty);
    await server.sessions.revokeAll(tokens.user.id);
    expect((await ada.get(path())).location).toContain("/auth/sign-in?");
  });
});

describe("where it cannot be", () => {
  it("a server whose tokens are signed with a secret signs nobody in for apps, and says so", async () => {
    const secrets = { signingAlgorithm: "HS256" } as const;
    const { ada, path, server } = await startAuthorization(firstParty, secrets);
    const page = await ada.get(path());
    expect(page).toMatchObject({ status: 400, location: null });
    expect(page.text).toContain("signed with a secret");
    const { body } = await new TestClient(server).call("GET", "/.well-known/openid-configuration");
    expect(body).not.toHaveProperty("authorization_endpoint");
    expect(body).toMatchObject({ response_types_supported: [], grant_types_supported: [] });
  });

  it("a client that signs nobody in is none here", async () => {
    const server = await startTestServer();
    const machine = await server.clients.create({ name: "Nightly", registration: { grantTypes: ["client_credentials"] } });
    const guard = await server.clients.create({ name: "API", guard: true });
    for (const { clientId } of [machine, guard]) {
      const query = new URLSearchParams({ client_id: clientId, redirect_uri: CALLBACK, response_type: "code" }).toString();
      const refused = await new TestClient(server).call("GET", `/oauth/authorize?${query}`);
      expect(refused).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    }
    expect(await auditTypes(server)).not.toContain("authorized");
  });
});
