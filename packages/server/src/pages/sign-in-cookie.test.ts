import { describe, expect, it } from "vitest";
import { PageClient } from "../../test/page-client.ts";
import { DAY, PASSWORD, SECOND, TestClient, refusal, startSignedIn } from "../../test/test-server.ts";

const OUT = "/auth/sign-in";
const ENDED = "/auth/sign-in?notice=session-ended";

/** Ada, signed in by the API, and her browser on the pages. */
async function ada() {
  const { server, client, tokens } = await startSignedIn();
  return { server, client, tokens, page: new PageClient(server, client.jar) };
}

async function withdrawRefreshKeys({ keys }: Awaited<ReturnType<typeof ada>>["server"]): Promise<void> {
  const all = (await keys.list()).filter(({ purpose }) => purpose === "refresh");
  for (const { id } of all) await keys.withdraw({ id });
}

/** A browser with these cookies only. */
function withOnly(from: Awaited<ReturnType<typeof ada>>, cookies: Record<string, string>) {
  const jar = new Map(Object.entries(cookies));
  const client = new TestClient(from.server);
  for (const [name, value] of jar) client.jar.set(name, value);
  return { page: new PageClient(from.server, jar), client };
}

describe("the sign-in cookie opens the pages", () => {
  it("after an API login as after one on the pages, and stays the same while tokens rotate", async () => {
    const { server, client, page } = await ada();
    const value = client.jar.get("ostiary_signin");
    expect((await page.get("/account")).status).toBe(200);
    server.time.now += DAY;
    await client.refresh();
    expect(client.jar.get("ostiary_signin")).toBe(value);
    expect((await page.get("/account")).status).toBe(200);

    const other = new PageClient(server);
    const login = await other.submit("/sign-in", { email: "ada@example.com", password: PASSWORD });
    expect([login.status, login.location]).toEqual([303, "/auth/account"]);
    expect([...other.jar.keys()].toSorted()).toEqual([
      "ostiary_csrf",
      "ostiary_device",
      "ostiary_form",
      "ostiary_refresh",
      "ostiary_signin",
    ]);
    expect((await other.get("/account")).status).toBe(200);
    // An app of the same site is signed in too, by its refresh at start.
    const app = new TestClient(server);
    for (const [name, cookie] of other.jar) app.jar.set(name, cookie);
    expect((await app.refresh()).status).toBe(200);
  });
});

describe("a copied refresh token opens no page", () => {
  it("neither in its own cookie nor in the other's, with any other cookie beside it", async () => {
    const all = await ada();
    const {
      ostiary_refresh: token = "",
      ostiary_csrf: csrf = "",
      ostiary_device: device = "",
    } = Object.fromEntries(all.client.jar);
    for (const cookies of [
      { ostiary_refresh: token },
      { ostiary_refresh: token, ostiary_csrf: csrf, ostiary_device: device },
      { ostiary_signin: token },
      { ostiary_signin: csrf },
      { ostiary_signin: device },
      { ostiary_signin: all.tokens.accessToken },
    ]) {
      expect((await withOnly(all, cookies).page.get("/account")).location).toBe(OUT);
    }
  });
});

describe("a copied refresh token gets no sign-in cookie", () => {
  it("from a refresh, with the CSRF token that anyone is told who has it", async () => {
    const all = await ada();
    const { client } = withOnly(all, { ostiary_refresh: all.client.jar.get("ostiary_refresh") ?? "" });
    const { body } = await client.call<{ csrfToken: string }>("GET", "/csrf");
    client.jar.set("ostiary_csrf", body.csrfToken);
    for (const [name, value] of [
      ["ostiary_signin", "x.y"],
      ["ostiary_device", "A".repeat(43)],
    ] as const)
      client.jar.set(name, value);
    expect((await client.refresh()).status).toBe(200);
    expect(client.jar.get("ostiary_signin")).toBe("x.y");
    expect((await new PageClient(all.server, client.jar).get("/account")).location).toBe(OUT);
  });

  it("but the session's own browser does, where it has lost it", async () => {
    const { client, page } = await ada();
    client.jar.delete("ostiary_signin");
    expect((await client.refresh()).status).toBe(200);
    expect((await page.get("/account")).status).toBe(200);
  });
});

describe("a copied sign-in cookie refreshes nothing", () => {
  it("and is no access token, no CSRF token and no name of a browser", async () => {
    const all = await ada();
    const signin = all.client.jar.get("ostiary_signin") ?? "";
    const { client } = withOnly(all, { ostiary_signin: signin });
    const missing = { status: 401, error: "missing_token" };
    expect(refusal(await client.refresh())).toEqual(missing);
    expect(refusal(await client.call("POST", "/logout"))).toEqual(missing);
    expect(refusal(await client.call("GET", "/csrf"))).toEqual(missing);
    expect(refusal(await client.me())).toEqual(missing);
    expect((await client.me(signin)).status).toBe(401);
    expect((await client.refresh(signin)).status).toBe(401);
    const asRefresh = withOnly(all, { ostiary_refresh: signin });
    expect((await asRefresh.client.refresh()).status).toBe(401);
    const asCsrf = withOnly(all, { ostiary_refresh: all.client.jar.get("ostiary_refresh") ?? "", ostiary_csrf: signin });
    expect(refusal(await asCsrf.client.refresh())).toEqual({ status: 403, error: "csrf_failed" });
  });
});

describe("the sign-in cookie dies with its session", () => {
  it.each<[string, (all: Awaited<ReturnType<typeof ada>>) => Promise<unknown>]>([
    ["sign-out by the API", ({ tokens, client }) => client.call("POST", "/logout", { bearer: tokens.accessToken })],
    [
      "sign-out by the cookie",
      ({ client }) => client.call("POST", "/logout", { headers: { "x-csrf-token": client.jar.get("ostiary_csrf") ?? "" } }),
    ],
    ["sign-out everywhere", ({ tokens, client }) => client.call("POST", "/logout-all", { bearer: tokens.accessToken })],
    ["sign-out on the page", ({ page }) => page.submit("/account", { task: "sign-out" })],
    ["sign-out everywhere on the page", ({ page }) => page.submit("/account", { task: "end-all" })],
    ["the operator", ({ server, tokens }) => server.sessions.revokeAll(tokens.user.id)],
    ["a disabled user", ({ server, tokens }) => server.users.disable(tokens.user.id)],
    ["refresh keys that were taken out", ({ server }) => withdrawRefreshKeys(server)],
    ["a deleted user", ({ server, tokens }) => server.users.delete(tokens.user.id)],
    ["time", ({ server }) => Promise.resolve((server.time.now += 7 * DAY + SECOND))],
  ])("by %s, and so does the refresh token", async (_, end) => {
    const all = await ada();
    const copy = new Map(all.client.jar);
    expect((await new PageClient(all.server, new Map(copy)).get("/account")).status).toBe(200);
    await end(all);
    expect((await new PageClient(all.server, new Map(copy)).get("/account")).location).toBe(ENDED);
    const thief = withOnly(all, Object.fromEntries(copy));
    expect((await thief.client.refresh()).status).toBe(401);
  });

  it("by theft of the refresh token", async () => {
    const all = await ada();
    const thief = all.client.copy();
    for (let rotation = 0; rotation < 2; rotation++) {
      all.server.time.now += 60 * SECOND;
      await all.client.refresh();
    }
    all.server.time.now += 60 * SECOND;
    expect((await thief.refresh()).body).toMatchObject({ reason: "refresh_token_reused" });
    expect((await all.page.get("/account")).location).toBe(ENDED);
  });

  it("by a password change elsewhere; where it was changed it lives on", async () => {
    const all = await ada();
    const other = new PageClient(all.server);
    await other.submit("/sign-in", { email: "ada@example.com", password: PASSWORD });
    const fields = { task: "password", currentPassword: PASSWORD, newPassword: "another horse entirely" };
    expect((await other.submit("/account", fields)).location).toBe("/auth/account?notice=password-changed");
    expect((await other.get("/account")).status).toBe(200);
    expect((await all.page.get("/account")).location).toBe(ENDED);
  });
});

describe("a browser is in one session", () => {
  it.each(["/sign-in", "/sign-up"])("%s ends the one that its sign-in cookie names", async (path) => {
    const { server, tokens, client } = await ada();
    const page = new PageClient(server, new Map([["ostiary_signin", client.jar.get("ostiary_signin") ?? ""]]));
    const fields = { email: path === "/sign-in" ? "ada@example.com" : "grace@example.com", password: PASSWORD };
    const form_token = await page.formToken(`${path}?return_to=/x`);
    expect((await page.post(path, { form_token, ...fields })).location).toBe("/auth/account");
    expect((await client.me(tokens.accessToken)).body).toMatchObject({ reason: "session_revoked" });
    expect((await page.get("/account")).status).toBe(200);
  });
});

describe("nobody can make a sign-in cookie", () => {
  it("from a session's id, another session's cookie, or a part of it", async () => {
    const all = await ada();
    const signin = all.client.jar.get("ostiary_signin") ?? "";
    const [id = "", mac = ""] = signin.split(".");
    const eve = new TestClient(all.server);
    await eve.signup("eve@example.com");
    const [eveId = "", eveMac = ""] = (eve.jar.get("ostiary_signin") ?? "").split(".");
    for (const forged of [
      id,
      `${id}.`,
      `${id}.${eveMac}`,
      `${eveId}.${mac}`,
      `${id}.${mac.slice(0, -1)}`,
      `${id}.${mac}A`,
      `${id}.${all.client.jar.get("ostiary_csrf")}`,
      `.${mac}`,
      `${id.toUpperCase()}.${mac}`,
      "x".repeat(5000),
      "%00",
    ]) {
      expect((await withOnly(all, { ostiary_signin: forged }).page.get("/account")).location).toBe(OUT);
    }
  });
});
