import { describe, expect, expectTypeOf, onTestFinished, test } from "vitest";
import { AUDIENCE, startIssuer } from "../../test/issuer.ts";
import { createGuard } from "../create-guard.ts";
import type { Guard } from "../guard.ts";
import type { Identity } from "../identity.ts";
import { buildNextAuth, type NextAuth, type NextAuthOptions } from "./next/create-next-auth.ts";
import type { NextFunctions } from "./next/next-functions.ts";
import { createNextAuth, protectedResource } from "./next.ts";

class Interrupt extends Error {}

/** Next, as far as the adapter sees it: one request at a time, set by hand. */
function fakeNext() {
  const state = { headers: new Headers(), cookies: new Map<string, string>(), set: [] as unknown[] };
  const functions: NextFunctions = {
    headers: () => Promise.resolve(state.headers),
    cookies: () =>
      Promise.resolve({
        get: (name) => (state.cookies.has(name) ? { value: state.cookies.get(name) ?? "" } : undefined),
        set: (...cookie) => void state.set.push(cookie),
      }),
    redirect: (url) => Promise.reject(new Interrupt(`redirect ${url}`)),
    forbidden: () => Promise.reject(new Interrupt("forbidden")),
    goOn: (headers) => Promise.resolve(new Response(null, { headers: { "x-passed": headers.get("x-ostiary-path") ?? "" } })),
  };
  return { state, functions };
}

async function setUp(options: Partial<NextAuthOptions> = {}) {
  const issuer = await startIssuer();
  const guard = createGuard({ issuer: issuer.url, audience: AUDIENCE, onWarning: () => {} });
  onTestFinished(() => guard.close());
  const next = fakeNext();
  const auth = buildNextAuth({ issuer: issuer.url, guard: () => guard, ...options }, next.functions);
  const { origin } = new URL(issuer.url);
  return { issuer, guard, next, auth, origin };
}

const PAGE = { accept: "text/html,*/*;q=0.8" };
const cookie = (token: string) => ({ cookie: `other=1; ostiary_access=${token}; more=2` });

describe("the proxy", () => {
  const proxied = (auth: NextAuth, origin: string) => (path: string, headers: Record<string, string>, method = "GET") =>
    auth.proxy(new Request(origin + path, { method, headers }));

  test("lets in who has a good token, tells pages where they are, and keeps answers from caches", async () => {
    const { issuer, auth, origin } = await setUp();
    const ask = proxied(auth, origin);
    const forged = { "x-ostiary-path": "/elsewhere" };
    for (const headers of [cookie(issuer.token()), { authorization: `Bearer ${issuer.token()}` }]) {
      const response = await ask("/dashboard?tab=1", { ...PAGE, ...headers, ...forged });
      expect(response.headers.get("x-passed")).toBe("/dashboard?tab=1");
      expect(response.headers.get("cache-control")).toBe("private, no-store");
    }
  });

  test("sends a browser without a good one to the issuer and back, whatever it asks", async () => {
    const { issuer, auth, origin } = await setUp();
    const ask = proxied(auth, origin);
    const there = `${issuer.url}/continue?return_to=%2Fdashboard%3Ftab%3D1&cookie=ostiary_access`;
    const script = { accept: "*/*", "sec-fetch-site": "same-origin" };
    const old = { accept: "*/*", cookie: "__Secure-ostiary_csrf=x" };
    for (const [headers, method] of [[PAGE, "GET"], [script, "GET"], [old, "GET"], [{ ...script, origin }, "POST"]] as const) {
      const response = await ask("/dashboard?tab=1", headers, method);
      expect([response.status, response.headers.get("location")]).toEqual([307, there]);
      expect(response.headers.get("cache-control")).toBe("private, no-store");
    }
    const expired = await ask("/dashboard?tab=1", { ...PAGE, ...cookie(issuer.token({ exp: 1 })) });
    expect(expired.headers.get("location")).toBe(`${there}&refused=token-1`);
    const nonsense = await ask("/dashboard?tab=1", { ...PAGE, ...cookie("a.b.c") });
    expect(nonsense.headers.get("location")).toBe(there);
    const long = await ask(`/dashboard?${"x".repeat(3000)}`, PAGE);
    expect(long.headers.get("location")).toBe(`${issuer.url}/continue?return_to=%2Fdashboard&cookie=ostiary_access`);
  });

  test("tells programs in JSON, and whoever brings a bad Bearer token", async () => {
    const { auth, origin } = await setUp();
    const ask = proxied(auth, origin);
    const program = await ask("/api/orders", { accept: "*/*" });
    expect([program.status, program.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    const bearer = await ask("/dashboard", { ...PAGE, authorization: "Bearer x" });
    expect([bearer.status, await bearer.json()]).toMatchObject([401, { error: "invalid_token" }]);
    expect((await ask("/api/orders", { "sec-fetch-site": "same-origin", origin }, "PUT")).status).toBe(401);
  });

  test("a cookie does nothing for pages of other origins, sister sites included", async () => {
    const { issuer, auth, origin } = await setUp();
    const ask = proxied(auth, origin);
    const mine = cookie(issuer.token());
    const foreign: [Record<string, string>, string][] = [
      [{ "sec-fetch-site": "cross-site", origin: "https://evil.example" }, "POST"],
      [{ "sec-fetch-site": "same-site", origin: "http://sister.localhost" }, "POST"],
      [{ "sec-fetch-site": "same-site", origin: "http://sister.localhost" }, "GET"],
      [{ origin: "https://evil.example" }, "DELETE"],
      [{ origin: "null" }, "POST"],
      [{}, "POST"],
    ];
    for (const [headers, method] of foreign) {
      const response = await ask("/api/orders", { ...PAGE, ...mine, ...headers }, method);
      expect([response.status, await response.json()]).toMatchObject([403, { error: "csrf_failed" }]);
    }
    const own: [Record<string, string>, string][] = [
      [{ "sec-fetch-site": "same-origin", origin: "null" }, "POST"],
      [{ origin }, "POST"],
      [{ "sec-fetch-site": "none" }, "GET"],
      [{ "sec-fetch-site": "cross-site" }, "GET"],
    ];
    for (const [headers, method] of own) {
      expect((await ask("/x", { ...PAGE, ...mine, ...headers }, method)).headers.get("x-passed")).toBe("/x");
    }
  });

  test("credentials of another scheme, for a gate in front of the app, are no concern of ours", async () => {
    const { issuer, auth, origin } = await setUp();
    const ask = proxied(auth, origin);
    const basic = { ...PAGE, authorization: "Basic YTpi" };
    expect((await ask("/x", { ...basic, ...cookie(issuer.token()) })).headers.get("x-passed")).toBe("/x");
    expect((await ask("/x", { ...basic, ...cookie(issuer.token()), "sec-fetch-site": "same-site" }, "POST")).status).toBe(403);
    expect((await ask("/x", basic)).headers.get("location")).toContain("/continue?return_to=%2Fx");
    for (const authorization of ["Bearer", "bearer x", `Basic YTpi, Bearer ${issuer.token()}`]) {
      expect([400, 401]).toContain((await ask("/x", { ...PAGE, ...cookie(issuer.token()), authorization })).status);
    }
  });

  test("while tokens cannot be judged, nobody is sent round", async () => {
    const { issuer, auth, origin } = await setUp();
    issuer.answer = (_, res) => void res.writeHead(500).end();
    const response = await proxied(auth, origin)("/dashboard", { ...PAGE, ...cookie(issuer.token()) });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  });

  test("with an https issuer only a cookie of this host is read", async () => {
    const issuer = "https://app.example/auth";
    const guard = { verify: () => Promise.resolve({}) } as unknown as Guard;
    const { proxy } = buildNextAuth({ issuer, guard }, fakeNext().functions);
    const ask = (name: string) => proxy(new Request("https://app.example/x", { headers: { ...PAGE, cookie: `${name}=t` } }));
    expect((await ask("__Host-ostiary_access")).status).toBe(200);
    for (const name of ["ostiary_access", "__Secure-ostiary_access"]) {
      const { status, headers } = await ask(name);
      expect([status, headers.get("location")]).toEqual([307, `${issuer}/continue?return_to=%2Fx&cookie=__Host-ostiary_access`]);
    }
  });
});

describe("in what is rendered", () => {
  test("currentUser is who asks, or nobody; it is asked anew for each request", async () => {
    const { issuer, auth, next } = await setUp();
    expect(await auth.currentUser()).toBeNull();
    next.state.cookies.set("ostiary_access", issuer.token());
    expect((await auth.currentUser())?.subject).toBe("user-1");
    next.state.cookies.set("ostiary_access", issuer.token({ sub: "user-2" }));
    expect((await auth.currentUser())?.subject).toBe("user-2");
    next.state.headers.set("origin", "https://evil.example");
    next.state.headers.set("sec-fetch-site", "cross-site");
    expect(await auth.currentUser()).toBeNull();
    next.state.headers = new Headers({ authorization: "Bearer x" });
    expect(await auth.currentUser()).toBeNull();
  });

  test("requireUser sends others to the issuer, and back to where they are", async () => {
    const { issuer, auth, next } = await setUp();
    const sent = (to: string) => `redirect ${issuer.url}/continue?return_to=${to}`;
    await expect(auth.requireUser()).rejects.toThrow(sent("%2F"));
    next.state.headers.set("x-ostiary-path", "/here?x=1");
    await expect(auth.requireUser()).rejects.toThrow(sent("%2Fhere%3Fx%3D1"));
    await expect(auth.requireUser({ returnTo: "/there" })).rejects.toThrow(sent("%2Fthere"));
    next.state.cookies.set("ostiary_access", issuer.token({ exp: 1 }));
    await expect(auth.requireUser()).rejects.toThrow("&refused=token-1");
    next.state.cookies.set("ostiary_access", issuer.token());
    expect((await auth.requireUser()).subject).toBe("user-1");
  });

  test("requireRole lets in whoever has one of them, and leads others where it is told", async () => {
    const { issuer, auth, next, guard } = await setUp();
    next.state.cookies.set("ostiary_access", issuer.token());
    expect((await auth.requireRole("admin", "editor")).subject).toBe("user-1");
    await expect(auth.requireRole("admin")).rejects.toThrow(/^forbidden$/);
    const other = buildNextAuth({ issuer: issuer.url, guard, forbiddenPath: "/no" }, next.functions);
    await expect(other.requireRole("admin")).rejects.toThrow("redirect /no");
    next.state.cookies.clear();
    await expect(auth.requireRole("admin")).rejects.toThrow("/continue");
  });

  test("requireRecent lets in who signed in recently by such a method, and leads others to do so and back", async () => {
    const { issuer, auth, next } = await setUp();
    const now = Math.floor(Date.now() / 1000);
    const options = { maxAgeSeconds: 300, methods: ["otp", "mfa"] };
    const come = (claims: object) => next.state.cookies.set("ostiary_access", issuer.token(claims as Record<string, unknown>));
    come({ auth_time: now, amr: ["pwd", "mfa"] });
    expect((await auth.requireRecent(options)).subject).toBe("user-1");
    const there = `redirect ${issuer.url}/step-up?max_age=300&methods=otp+mfa&return_to=`;
    for (const claims of [{}, { auth_time: now, amr: ["pwd"] }, { auth_time: now - 400, amr: ["mfa"] }]) {
      come(claims);
      await expect(auth.requireRecent({ ...options, returnTo: "/payouts?id=1" })).rejects.toThrow(`${there}%2Fpayouts%3Fid%3D1`);
    }
    await expect(auth.requireRecent({ maxAgeSeconds: 300, returnTo: "/payouts" })).rejects.toThrow(`${issuer.url}/step-up?max_age=300&return_to=%2Fpayouts`);
    await expect(auth.requireRecent({ maxAgeSeconds: 0 })).rejects.toThrow(TypeError);
    next.state.cookies.clear();
    await expect(auth.requireRecent(options)).rejects.toThrow("/continue");
  });

  test("protect answers for a route handler, and keeps what it says from caches", async () => {
    const { issuer, auth, origin } = await setUp();
    const handler = auth.protect((_, user, context) => Response.json({ user: user.subject, context }), { roles: ["editor"] });
    const ask = (headers: Record<string, string>, method = "GET") => handler(new Request(`${origin}/api/me`, { method, headers }), "context");
    const good = await ask(cookie(issuer.token()));
    expect([await good.json(), good.headers.get("cache-control")]).toEqual([{ user: "user-1", context: "context" }, "private, no-store"]);
    expect((await ask({ authorization: `Bearer ${issuer.token()}` })).status).toBe(200);
    expect((await ask({})).status).toBe(401);
    expect((await ask(cookie(issuer.token({ roles: [] })))).status).toBe(403);
    expect((await ask({ ...cookie(issuer.token()), "sec-fetch-site": "same-site" }, "POST")).status).toBe(403);
    const redirects = auth.protect(() => Response.redirect(`${origin}/x`), { optional: true });
    expect((await redirects(new Request(origin), undefined)).headers.get("cache-control")).toBe("private, no-store");
  });
});

describe("server actions", () => {
  const SET = "ostiary_refresh=a%20b; Max-Age=60; Path=/auth; HttpOnly; SameSite=Strict";

  function formOf(fields: Record<string, string>): FormData {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return form;
  }

  async function withAnswer(status: number, body: unknown = null) {
    const asked: [string, RequestInit][] = [];
    const fetch = (url: string, init: RequestInit) => {
      asked.push([url, init]);
      return Promise.resolve(new Response(body === null ? null : JSON.stringify(body), { status, headers: { "set-cookie": SET } }));
    };
    return { ...(await setUp({ fetch })), asked };
  }

  test("login passes the issuer's cookies on, with the access token, and leads to a path of the app alone", async () => {
    const { auth, next, asked, issuer } = await withAnswer(200, { accessToken: "t", expiresIn: 900 });
    next.state.headers = new Headers({ "user-agent": "Firefox", "x-forwarded-for": "203.0.113.7", cookie: "secret" });
    const fields = { email: "ada@example.com", password: "x" };
    await expect(auth.login(formOf({ ...fields, return_to: "/dashboard?x=1" }))).rejects.toThrow(/^redirect \/dashboard\?x=1$/);
    const foreign = ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/.//evil.example/x", "/x/..//evil.example", "/%2e//evil.example", "/./\\evil.example"];
    for (const return_to of foreign) {
      await expect(auth.login(formOf({ ...fields, return_to }))).rejects.toThrow(/^redirect \/$/);
    }
    expect(asked[0]).toEqual([
      `${issuer.url}/login`,
      {
        method: "POST",
        headers: { "user-agent": "Firefox", "x-forwarded-for": "203.0.113.7", "content-type": "application/json" },
        body: JSON.stringify({ ...fields, remember: false }),
      },
    ]);
    expect(next.state.set.slice(0, 2)).toEqual([
      ["ostiary_refresh", "a b", { path: "/auth", maxAge: 60, httpOnly: true, secure: false, sameSite: "strict" }],
      ["ostiary_access", "t", { path: "/", maxAge: 900, httpOnly: true, secure: false, sameSite: "lax" }],
    ]);
  });

  test("login tells what is wrong, and sets nothing", async () => {
    const refusal = { error: "invalid_credentials", error_description: "No." };
    const { auth, next } = await withAnswer(401, refusal);
    expect(await auth.login(formOf({}))).toEqual(refusal);
    expect(next.state.set).toEqual([]);
  });

  test("login takes the second step with what the first was answered with", async () => {
    const refusal = { error: "mfa_required", error_description: "Go on.", mfaToken: "m", methods: ["otp", "recovery"], expiresIn: 600 };
    const { auth, next } = await withAnswer(401, refusal);
    expect((await auth.login(formOf({ email: "ada@example.com", password: "x" }))).mfaToken).toBe("m");
    expect(next.state.set).toEqual([]);
    const second = await withAnswer(200, { accessToken: "t", expiresIn: 900 });
    const sent = async (fields: Record<string, string>) => {
      await expect(second.auth.login(formOf({ mfaToken: "m", return_to: "/x", ...fields }))).rejects.toThrow(/^redirect \/x$/);
      const [url, init] = second.asked.at(-1) ?? [];
      return [url, init?.body];
    };
    const url = `${second.issuer.url}/login/second-factor`;
    expect(await sent({ code: "123456", recoveryCode: "" })).toEqual([url, JSON.stringify({ mfaToken: "m", code: "123456" })]);
    expect(await sent({ code: "", recoveryCode: "abcd" })).toEqual([url, JSON.stringify({ mfaToken: "m", recoveryCode: "abcd" })]);
    expect(second.next.state.set).toContainEqual(["ostiary_access", "t", expect.anything()]);
  });

  test("logout ends the session and forgets all of its cookies; it says so only if it is so", async () => {
    const { auth, next, asked } = await withAnswer(204);
    next.state.cookies.set("ostiary_access", "t");
    await expect(auth.logout("/bye")).rejects.toThrow("redirect /bye");
    expect(asked[0]?.[1].headers).toMatchObject({ authorization: "Bearer t" });
    expect(next.state.set.map((each) => (each as string[])[0])).toEqual(["ostiary_refresh", "ostiary_signin", "ostiary_csrf", "ostiary_access"]);
    const down = await withAnswer(503);
    down.next.state.cookies.set("ostiary_access", "t");
    await expect(down.auth.logout()).rejects.toThrow("503");
    expect(down.next.state.set).toEqual([]);
  });

  test("logout without a good token leads to the issuer's page for it, and forgets nothing: the session lives on", async () => {
    const { auth, next, asked, issuer } = await withAnswer(401);
    const there = `redirect ${issuer.url}/account`;
    await expect(auth.logout("/bye")).rejects.toThrow(there);
    expect(asked).toEqual([]);
    next.state.cookies.set("ostiary_access", "stale");
    await expect(auth.logout("/bye")).rejects.toThrow(there);
    expect([asked.length, next.state.set]).toEqual([1, []]);
  });
});

test("options are checked", () => {
  const guard = {} as Guard;
  expect(() => createNextAuth({ issuer: "auth", guard })).toThrow("issuer must be");
  expect(() => createNextAuth({ issuer: "https://app.example/auth" } as NextAuthOptions)).toThrow("guard is required");
  expect(() => createNextAuth({ issuer: "https://app.example/auth", guard, audience: "x" } as NextAuthOptions)).toThrow("audience");
});

test("who asks has the type that the guard gives it", () => {
  const guard = {} as Guard<{ plan: string }>;
  const auth = createNextAuth({ issuer: "https://app.example/auth", guard: () => Promise.resolve(guard) });
  expectTypeOf(auth.requireUser).returns.resolves.toEqualTypeOf<Identity<{ plan: string }>>();
  auth.protect((_, user) => {
    expectTypeOf(user).toEqualTypeOf<Identity<{ plan: string }>>();
    return new Response();
  });
  auth.protect(
    (_, user) => {
      expectTypeOf(user).toEqualTypeOf<Identity<{ plan: string }> | undefined>();
      return new Response();
    },
    { optional: true },
  );
});

test("what the API says of itself is served at its own path alone, by a guard that is made when it is asked for", async () => {
  const guard = createGuard({ issuer: "https://app.example/auth", resource: "https://app.example/api", onWarning: () => {} });
  onTestFinished(() => guard.close());
  const { GET, OPTIONS } = protectedResource(async () => Promise.resolve(guard));
  const ask = (path: string) => new Request(`https://app.example${path}`);
  const response = await GET(ask("/.well-known/oauth-protected-resource/api"));
  expect(await response.json()).toMatchObject({ resource: "https://app.example/api", authorization_servers: ["https://app.example/auth"] });
  expect((await GET(ask("/.well-known/oauth-protected-resource"))).status).toBe(404);
  const preflight = await OPTIONS(new Request("https://app.example/.well-known/oauth-protected-resource/api", { method: "OPTIONS" }));
  expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
  const plain = createGuard({ issuer: "https://app.example/auth", audience: "a", onWarning: () => {} });
  onTestFinished(() => plain.close());
  await expect(protectedResource(plain).GET(ask("/"))).rejects.toThrow("option resource");
});
