import { describe, expect, it } from "vitest";
import { PageClient } from "../../../test/page-client.ts";
import type { PageAnswer } from "../../../test/page-client.ts";
import {
  auditTypes,
  MINUTE,
  ORIGIN,
  PASSWORD,
  SECOND,
  startSignedIn,
  startTestServer,
  TestClient,
} from "../../../test/test-server.ts";
import { english } from "../texts/english.ts";

const HERE = "/continue?return_to=%2Fdashboard%3Ftab%3D1";
const BACK = `${ORIGIN}/dashboard?tab=1`;
const SIGN_IN = `/auth/sign-in?return_to=${encodeURIComponent(BACK)}`;
const SCRIPT = { accept: "*/*" };

/** Ada, signed in a minute ago by the API, and her browser. */
async function ada(config = {}) {
  const { server, client, tokens } = await startSignedIn(config);
  server.time.now += MINUTE;
  return { server, client, tokens, page: new PageClient(server, client.jar) };
}

function jtiOf(token = ""): string {
  return (JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { jti: string }).jti;
}

function setBy({ headers }: PageAnswer, name: string): string | undefined {
  return headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`));
}

describe("with a session", () => {
  it("refreshes it, puts the access token where pages see it, and sends back, not to be stored", async () => {
    const { server, page, client } = await ada({ accessTokenTtl: "5m" });
    const before = client.jar.get("ostiary_refresh");
    const answer = await page.get(HERE);
    expect([answer.status, answer.location, answer.headers.get("cache-control")]).toEqual([307, BACK, "no-store"]);
    expect(setBy(answer, "ostiary_access")).toMatch(/^ostiary_access=[\w.-]+; Max-Age=300; Path=\/; HttpOnly; SameSite=Lax$/);
    const token = page.jar.get("ostiary_access") ?? "";
    expect((await server.guard.verify(token)).claims.iss).toBe(server.issuer);
    expect(page.jar.get("ostiary_refresh")).not.toBe(before);
    expect(await auditTypes(server)).toEqual(["user_created", "signup", "refresh"]);
    expect((await client.refresh()).status).toBe(200);
  });

  it.each(["POST", "PATCH", "DELETE"])("%s is sent back as it came, with 307", async (method) => {
    const { server, client } = await ada();
    const headers = { cookie: client.cookies(), origin: ORIGIN, "sec-fetch-site": "same-origin", ...SCRIPT };
    const init = { method, headers, ...(method === "DELETE" ? {} : { body: "x".repeat(100_000) }) };
    const answer = await server.fetch(new Request(server.issuer + HERE, init));
    expect([answer.status, answer.headers.get("location")]).toEqual([307, BACK]);
  });

  it("a form of a page that tells no referrer is sent back as well, and comes with an origin then", async () => {
    const { page } = await ada();
    const answer = await page.post(HERE, { x: "1" }, { origin: "null", "sec-fetch-site": "same-origin" });
    expect([answer.status, answer.location, answer.headers.get("referrer-policy")]).toEqual([307, BACK, "same-origin"]);
    const held = await page.post(HERE, { x: "1" });
    expect([held.status, held.headers.get("referrer-policy"), held.headers.getSetCookie()]).toEqual([307, "same-origin", []]);
  });

  it("over https the cookie is Secure and named so", async () => {
    const server = await startTestServer({ issuer: "https://id.example/auth" });
    const client = new TestClient(server);
    await client.signup();
    const answer = await new PageClient(server, client.jar).get(HERE);
    expect(setBy(answer, "__Host-ostiary_access")).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });

  it("that of another person, put before it by another host of the same site, does not take its place", async () => {
    const { server, client } = await ada();
    const mallory = new TestClient(server);
    await mallory.signup("mallory@example.com");
    const cookie = `ostiary_refresh=${mallory.jar.get("ostiary_refresh")}; ${client.cookies()}`;
    const answer = await new PageClient(server).get(HERE, { cookie });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
  });

  it("twenty requests at once rotate once", async () => {
    const { server, page, client } = await ada();
    const all = await Promise.all(Array.from({ length: 20 }, () => new PageClient(server, new Map(client.jar)).get(HERE)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([307]));
    expect(new Set(all.map((answer) => setBy(answer, "ostiary_refresh"))).size).toBe(1);
    expect((await auditTypes(server)).filter((type) => type === "refresh")).toHaveLength(1);
    expect((await page.get(HERE)).status).toBe(307);
  });

  it("a request that comes after another has been here finds its token, and changes nothing", async () => {
    const { server, page } = await ada();
    await page.get(HERE);
    const token = page.jar.get("ostiary_access");
    for (const refused of ["", "&refused=", "&refused=another"]) {
      const answer = await page.get(HERE + refused);
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([307, []]);
    }
    expect(page.jar.get("ostiary_access")).toBe(token);
    expect(await auditTypes(server)).toEqual(["user_created", "signup", "refresh"]);
  });

  it("a token that is stale is renewed", async () => {
    const { server, page, tokens } = await ada();
    await page.get(HERE);
    const stale = page.jar.get("ostiary_access");
    await server.users.setRoles(tokens.user.id, ["admin"]);
    await page.get(`${HERE}&refused=${jtiOf(stale)}`);
    expect((await server.guard.verify(page.jar.get("ostiary_access") ?? "")).roles).toContain("admin");
  });
});

describe("an app that refuses what it is given", () => {
  it("gets a fresh token once, and then people an error page instead of a loop, and the operator a sentence", async () => {
    const { server, page } = await ada();
    await page.get(HERE);
    server.time.now += 2 * MINUTE;
    const old = page.jar.get("ostiary_access");
    expect((await page.get(`${HERE}&refused=${jtiOf(old)}`)).status).toBe(307);
    const fresh = page.jar.get("ostiary_access");
    expect(fresh).not.toBe(old);
    const { status, text } = await page.get(`${HERE}&refused=${jtiOf(fresh)}`);
    expect(status).toBe(500);
    expect(text).toContain(english.errors.broken.title);
    expect(String(server.reported)).toContain("audience");
  });

  it("that reads a cookie of another name does not see it: that is such a case", async () => {
    const { server, page } = await ada();
    for (const name of ["ostiary_access", "__Host-ostiary_access"]) {
      expect((await new PageClient(server).get(`${HERE}&cookie=${name}`)).status).toBe(303);
      expect((await page.get(`${HERE}&cookie=${name}`)).status).toBe(name === "ostiary_access" ? 307 : 500);
    }
    expect(String(server.reported)).toContain("https");
  });

  it("a token too long for a cookie is such a case, and costs nobody the session", async () => {
    const { server, page, client } = await ada({ audience: ["https://api.example", "x".repeat(4000)] });
    expect((await page.get(HERE)).status).toBe(500);
    expect(page.jar.has("ostiary_access")).toBe(false);
    expect(String(server.reported)).toMatch(/\d{4} characters/);
    for (let again = 0; again < 2; again++) {
      server.time.now += MINUTE;
      expect((await page.get(HERE)).status).toBe(500);
    }
    server.time.now += MINUTE;
    expect((await client.refresh()).status).toBe(200);
  });
});

describe("without a session", () => {
  it("people come to sign-in, which leads on", async () => {
    const page = new PageClient(await startTestServer());
    const answer = await page.get(HERE);
    expect([answer.status, answer.location]).toEqual([303, SIGN_IN]);
  });

  it("a form that is sent comes there as well", async () => {
    const page = new PageClient(await startTestServer());
    expect((await page.post(HERE, { x: "1" })).location).toBe(SIGN_IN);
  });

  it("scripts are told, Next's own in its words", async () => {
    const page = new PageClient(await startTestServer());
    const answer = await page.get(HERE, SCRIPT);
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(JSON.parse(answer.text)).toMatchObject({ error: "missing_token" });
    const action = await page.post(HERE, {}, { accept: "text/x-component", "next-action": "x" });
    expect([action.status, action.headers.get("x-action-redirect")]).toEqual([401, `${SIGN_IN};push`]);
  });

  it.each<[string, (all: Awaited<ReturnType<typeof ada>>) => unknown]>([
    ["was signed out elsewhere", ({ server, tokens }) => server.sessions.revokeAll(tokens.user.id)],
    ["has expired", ({ server }) => (server.time.now += 8 * 24 * 60 * MINUTE)],
  ])("one that %s: its cookies go, and people are told", async (_, end) => {
    const all = await ada();
    const { page } = all;
    await page.get(HERE);
    await end(all);
    const script = await new PageClient(all.server, new Map(page.jar)).get(HERE, SCRIPT);
    expect(JSON.parse(script.text)).toMatchObject({ error: "invalid_token", reason: "session_revoked" });
    const answer = await page.get(`${HERE}&refused=${jtiOf(page.jar.get("ostiary_access"))}`);
    expect([answer.status, answer.location]).toEqual([303, `${SIGN_IN}&notice=session-ended`]);
    expect([...page.jar.keys()]).toEqual(["ostiary_device"]);
  });

  it("a refresh token that is none of ours leads to sign-in too", async () => {
    const page = new PageClient(await startTestServer(), new Map([["ostiary_refresh", "x"]]));
    expect((await page.get(HERE)).location).toBe(`${SIGN_IN}&notice=session-ended`);
  });
});

describe("a link from another site", () => {
  const CROSS = { "sec-fetch-site": "cross-site" };

  it("does not bring the refresh cookie: a page of ours comes again by itself, once", async () => {
    const { server, page, client } = await ada();
    const strict = new PageClient(server, new Map([["ostiary_signin", client.jar.get("ostiary_signin") ?? ""]]));
    const again = `/auth/continue?return_to=${encodeURIComponent(BACK)}&again=1`;
    const escaped = again.replaceAll("&", "&amp;");
    for (const headers of [CROSS, {}]) {
      const { status, text } = await strict.get(HERE, headers);
      expect(status).toBe(200);
      expect(text).toContain(`<meta http-equiv="refresh" content="0;url=${escaped}">`);
      expect(text).toContain(`<a class="button" href="${escaped}">`);
    }
    expect((await page.get(`${ORIGIN}${again}`)).location).toBe(BACK);
    expect((await strict.get(`${ORIGIN}${again}`, CROSS)).location).toBe(SIGN_IN);
    expect((await strict.get(HERE, { ...CROSS, ...SCRIPT })).status).toBe(401);
  });

  it("that sends something is refused, from sister sites as well", async () => {
    const { page } = await ada();
    for (const headers of [
      CROSS,
      { "sec-fetch-site": "same-site" },
      { origin: "http://other.localhost:4000" },
      { origin: "null", "sec-fetch-site": "cross-site" },
      { origin: "null", "sec-fetch-site": "none" },
    ] as Record<string, string>[]) {
      const { status, headers: answered } = await page.post(HERE, { x: "1" }, headers);
      expect([status, answered.getSetCookie()]).toEqual([403, []]);
    }
  });
});

describe("return_to", () => {
  it.each(["", "?return_to=//evil.example", "?return_to=https://app.example/", "?return_to=javascript:x"])(
    "%j leads to the account",
    async (query) => {
      const { page } = await ada({ allowedOrigins: ["https://app.example"] });
      const { status, location } = await page.get(`/continue${query}`);
      expect([status, location?.split("?")[0]]).toEqual([303, "/auth/account"]);
      expect(page.jar.has("ostiary_access")).toBe(false);
    },
  );
});

describe("the access cookie", () => {
  async function passed() {
    const all = await ada();
    await all.page.get(HERE);
    return all;
  }

  it.each<[string, (all: Awaited<ReturnType<typeof ada>>) => Promise<unknown>]>([
    [
      "signing out by the API",
      ({ client }) => client.call("POST", "/logout", { headers: { "x-csrf-token": client.jar.get("ostiary_csrf") ?? "" } }),
    ],
    ["signing out by token", ({ client, tokens }) => client.call("POST", "/logout", { bearer: tokens.accessToken })],
    ["signing out everywhere", ({ client, tokens }) => client.call("POST", "/logout-all", { bearer: tokens.accessToken })],
    ["signing out on the page", ({ page }) => page.submit("/account", { task: "sign-out" })],
    ["signing in as somebody else by the API", ({ client }) => client.signup("eve@example.com")],
    [
      "signing in as somebody else on the page",
      ({ page }) => page.submit("/sign-up", { email: "eve@example.com", password: PASSWORD }),
    ],
  ])("goes with %s", async (what, end) => {
    const all = await passed();
    const token = all.page.jar.get("ostiary_access") ?? "";
    if (what.includes("else")) all.page.jar.delete("ostiary_signin");
    await end(all);
    expect(all.page.jar.has("ostiary_access")).toBe(false);
    if (!what.includes("else")) {
      await expect(all.server.guard.verify(token)).rejects.toMatchObject({
        reason: expect.stringMatching(/^(?:session|token)_revoked$/) as string,
      });
    }
  });

  it("of somebody who was here before is not held for good", async () => {
    const { server, page, client } = await passed();
    const before = page.jar.get("ostiary_access") ?? "";
    const eve = new TestClient(server);
    await eve.signup("eve@example.com");
    eve.jar.set("ostiary_access", before);
    await new PageClient(server, eve.jar).get(HERE);
    expect(eve.jar.get("ostiary_access")).not.toBe(before);
    expect(client.jar.get("ostiary_access")).toBe(before);
  });

  it("opens nothing of the API, and no page", async () => {
    const { server, page } = await passed();
    const only = new Map([["ostiary_access", page.jar.get("ostiary_access") ?? ""]]);
    const client = new TestClient(server);
    for (const [name, value] of only) client.jar.set(name, value);
    for (const [method, path] of [
      ["GET", "/me"],
      ["POST", "/refresh"],
      ["POST", "/logout"],
      ["GET", "/csrf"],
      ["GET", "/sessions"],
    ] as const) {
      expect([path, (await client.call(method, path)).status]).toEqual([path, 401]);
    }
    expect((await new PageClient(server, only).get("/account")).location).toBe("/auth/sign-in");
  });

  it("is gone when the token has expired, and passing again brings the next", async () => {
    const { server, page } = await passed();
    const before = page.jar.get("ostiary_access");
    server.time.now += 16 * MINUTE + SECOND;
    expect((await page.get(`${HERE}&refused=${jtiOf(before)}`)).status).toBe(307);
    expect(page.jar.get("ostiary_access")).not.toBe(before);
  });
});
