import { describe, expect, it } from "vitest";
import { ORIGIN, PASSWORD, TestClient, startSignedIn, startTestServer } from "../../test/test-server.ts";

const WEEK = 7 * 86_400;

/** The attributes of each Set-Cookie, by name: `Max-Age=1; Path=/; HttpOnly`. */
function attributesOf(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    headers.getSetCookie().map((cookie) => {
      const [, name = "", attributes = ""] = /^([^=]+)=[^;]*; (.*)$/.exec(cookie) ?? [];
      return [name, attributes];
    }),
  );
}

async function loginAt(issuer: string): Promise<Headers> {
  const client = new TestClient(await startTestServer({ issuer }));
  const body = { email: "ada@example.com", password: PASSWORD };
  return (await client.call("POST", "/signup", { body })).headers;
}

describe("cookies are those of the contract", () => {
  it("on an http issuer", async () => {
    expect(attributesOf(await loginAt("http://localhost:4000/auth"))).toEqual({
      ostiary_refresh: `Max-Age=${WEEK}; Path=/auth; HttpOnly; SameSite=Strict`,
      ostiary_csrf: `Max-Age=${WEEK}; Path=/; SameSite=Strict`,
      ostiary_signin: `Max-Age=${WEEK}; Path=/auth; HttpOnly; SameSite=Lax`,
      ostiary_device: `Max-Age=${400 * 86_400}; Path=/auth; HttpOnly; SameSite=Strict`,
    });
  });

  it("on an https issuer: Secure, and __Secure- before each name", async () => {
    expect(attributesOf(await loginAt("https://id.example/deep/auth"))).toEqual({
      "__Secure-ostiary_refresh": `Max-Age=${WEEK}; Path=/deep/auth; HttpOnly; Secure; SameSite=Strict`,
      "__Secure-ostiary_csrf": `Max-Age=${WEEK}; Path=/; Secure; SameSite=Strict`,
      "__Secure-ostiary_signin": `Max-Age=${WEEK}; Path=/deep/auth; HttpOnly; Secure; SameSite=Lax`,
      "__Secure-ostiary_device": `Max-Age=${400 * 86_400}; Path=/deep/auth; HttpOnly; Secure; SameSite=Strict`,
    });
  });

  it("on an issuer without a path: Path=/", async () => {
    const paths = Object.values(attributesOf(await loginAt("https://id.example")));
    expect(paths.every((attributes) => attributes.includes("Path=/;"))).toBe(true);
  });

  it("are cleared with the same attributes as they were set with, the device cookie never", async () => {
    const { client, tokens } = await startSignedIn();
    const { headers } = await client.call("POST", "/logout", { bearer: tokens.accessToken });
    expect(attributesOf(headers)).toEqual({
      ostiary_refresh: "Max-Age=0; Path=/auth; HttpOnly; SameSite=Strict",
      ostiary_csrf: "Max-Age=0; Path=/; SameSite=Strict",
      ostiary_signin: "Max-Age=0; Path=/auth; HttpOnly; SameSite=Lax",
    });
  });

  it("over https only the __Secure- names are read: a plain one may come from a network attacker", async () => {
    const server = await startTestServer({ issuer: "https://id.example/auth" });
    const client = new TestClient(server);
    const { csrfToken } = await client.signup();
    const plain = new TestClient(server);
    for (const [name, value] of client.jar) plain.jar.set(name.replace("__Secure-", ""), value);

    const headers = { "x-csrf-token": csrfToken };
    expect((await plain.call("POST", "/refresh", { headers })).body).toMatchObject({ error: "missing_token" });
    expect((await client.call("POST", "/refresh", { headers })).status).toBe(200);
  });

  it("the sign-in cookie names the session, never rotates, and refreshes nothing", async () => {
    const { client, tokens } = await startSignedIn();
    const signin = client.jar.get("ostiary_signin")!;
    await client.refresh();
    expect(client.jar.get("ostiary_signin")).toBe(signin);

    const other = new TestClient({ fetch: (await startTestServer()).fetch, issuer: "http://localhost:4000/auth" });
    other.jar.set("ostiary_refresh", signin);
    const answer = await other.call("POST", "/refresh", { headers: { "x-csrf-token": tokens.csrfToken } });
    expect(answer.status).toBe(401);
    expect((await client.call("POST", "/refresh", { body: { refreshToken: signin } })).status).toBe(401);
  });

  it("the CSRF token stays the same for the whole session, in cookie, body and GET /csrf", async () => {
    const { client, tokens } = await startSignedIn();
    const refreshed = await client.refresh();
    const { body } = await client.call<{ csrfToken: string }>("GET", "/csrf", { headers: { origin: ORIGIN } });
    expect(new Set([tokens.csrfToken, refreshed.body.csrfToken, body.csrfToken, client.jar.get("ostiary_csrf")]).size).toBe(1);
  });

  it.each([
    ["two of the same name", (own: string) => `ostiary_refresh=${own}; ostiary_refresh=x`, 403],
    ["strange neighbours", (own: string) => `=; a; ;; b==; "=%; ostiary_refresh=${own}; c=%ff`, 200],
    ["quotes", (own: string) => `ostiary_refresh="${own}"`, 200],
    ["a broken escape", () => "ostiary_refresh=%E0%A4%A", 401],
    ["nothing", () => "ostiary_refresh=", 401],
    ["another case", (own: string) => `OSTIARY_REFRESH=${own}`, 401],
  ])("a Cookie header with %s", async (_, cookie, status) => {
    const { client, tokens } = await startSignedIn();
    const headers = { cookie: cookie(client.jar.get("ostiary_refresh")!), "x-csrf-token": tokens.csrfToken };
    expect((await client.call("POST", "/refresh", { headers })).status).toBe(status);
  });
});
