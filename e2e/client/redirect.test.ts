import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { shows, snapshotOf } from "./browser-tests.ts";
import { keyTests } from "./key-tests.ts";
import { arrivalOf, enter, leave, newUser, redirectTests, signInByRedirect } from "./redirect-tests.ts";

/** Every proof has to have a nonce, so that what has a key goes the whole way. */
const world = redirectTests({ env: { OSTIARY_ACCESS_TOKEN_TTL: "10m", OSTIARY_DPOP_NONCES: "on" } });

const userinfo = (page: Page): Promise<unknown> =>
  page.evaluate(
    (url) => window.outcome(async () => (await window.app.fetch(url)).status),
    `${world().front.issuer}/oauth/userinfo`,
  );

/** Signed in, on the page that they came back to. */
async function signedIn(): Promise<{ page: Page; email: string }> {
  const { newContext, openApp } = world();
  const page = await openApp(await newContext(), "/orders");
  const email = await newUser(world());
  await signInByRedirect(world(), page, email);
  await shows(page, "signed_in");
  return { page, email };
}

describe("an app on another site", () => {
  it("signs its users in on the issuer's pages, and finds back to where they were", async () => {
    const { stranger, front, newContext, openApp } = world();
    const context = await newContext();
    const page = await openApp(context, "/orders");
    await shows(page, "signed_out");
    const email = await newUser(world());
    await signInByRedirect(world(), page, email, { returnTo: "/orders/7?page=2#top", loginHint: email });
    expect(await arrivalOf(page)).toBe("/orders/7?page=2#top");
    expect(page.url()).toBe(`${stranger}/callback`);
    expect(await snapshotOf(page)).toEqual({
      status: "signed_in",
      user: { id: expect.any(String) as string, name: null, email, emailVerified: false, roles: ["user"] },
      reason: null,
    });
    expect(await userinfo(page)).toBe(200);
    // Not for a moment did it look as if nobody were there.
    expect(await page.evaluate(() => window.seen.map(({ status }) => status))).not.toContain("signed_out");
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
    expect(await page.evaluate(() => JSON.stringify(Object.entries(sessionStorage)))).not.toMatch(/ey\w+\.|verifier/);
    expect(await context.cookies(stranger)).toEqual([]);
    expect(front.count.get("POST /oauth/token")).toBe(1);
  });

  it("renews by rotation, with one request however many ask, and fetches a lost answer again", async () => {
    const { page } = await signedIn();
    const { front } = world();
    const before = front.count.get("POST /oauth/token") ?? 0;
    const tokens = await page.evaluate(async () => {
      const first = await window.app.getAccessToken();
      await Promise.all(Array.from({ length: 10 }, () => window.app.refresh()));
      return [first, await window.app.getAccessToken()];
    });
    expect(new Set(tokens).size).toBe(2);
    expect((front.count.get("POST /oauth/token") ?? 0) - before).toBe(1);

    let lost = 0;
    front.meddle = async (exchange) => {
      if (exchange.path !== "/oauth/token" || lost > 0) return;
      lost++;
      await exchange.forward();
      exchange.cut();
    };
    expect(await page.evaluate(() => window.outcome(async () => (await window.app.refresh()).status))).toBe("signed_in");
    expect(lost).toBe(1);
    expect(await userinfo(page)).toBe(200);
  });

  it("after a reload nothing is left, and who is still signed in at the issuer is back without a password", async () => {
    const { stranger, front } = world();
    const { page, email } = await signedIn();
    await page.reload();
    await shows(page, "signed_out");
    expect(await arrivalOf(page)).toBeNull();
    await page.evaluate(() => void window.app.signIn({ prompt: "none", returnTo: "/again" }));
    await page.waitForURL((url) => url.origin === stranger && front.answers.includes("POST /oauth/token 200"));
    await shows(page, "signed_in");
    expect(await arrivalOf(page)).toBe("/again");
    expect(await snapshotOf(page)).toMatchObject({ user: { email } });
  });

  it("signs out here and at the issuer, and all tabs with it", async () => {
    const { stranger, front, openApp } = world();
    const { page, email } = await signedIn();
    const other = await openApp(page.context());
    await other.evaluate(() => void window.app.signIn());
    await other.waitForURL(`${stranger}/callback`);
    await shows(other, "signed_in");
    await page.evaluate((returnTo) => void window.app.signOut({ returnTo }), `${stranger}/goodbye`);
    await page.waitForURL(`${stranger}/goodbye`);
    await shows(other, "signed_out");
    expect(await snapshotOf(other)).toMatchObject({ reason: "signed_out" });
    await expect
      .poll(() => front.answers.filter((answer) => answer === "POST /oauth/revoke 200").length)
      .toBeGreaterThanOrEqual(2);
    // The issuer asks for the password again.
    await leave(page);
    await enter(page, email);
    await page.waitForURL(`${stranger}/callback`);
    await shows(page, "signed_in");
  });
});

describe("what the issuer refuses", () => {
  it("is told: the user said no", async () => {
    const { newContext, openApp, register, stranger } = world();
    const client = await register();
    const page = await openApp(await newContext(), "/", { client });
    await leave(page);
    await enter(page, await newUser(world()));
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForURL(`${stranger}/callback`);
    expect(await arrivalOf(page)).toBe("access_denied");
    await shows(page, "signed_out");
  });
});

describe("an answer counts once, in the tab that asked", () => {
  it("login CSRF: a code of somebody else's sign-in signs nobody in, and is not exchanged", async () => {
    const { newContext, openApp, stranger, front } = world();
    // The attacker stops with the answer in the address.
    const attacker = await openApp(await newContext());
    await attacker.route("**/page.js", (route) => route.abort());
    await leave(attacker);
    await enter(attacker, await newUser(world()));
    await attacker.waitForURL(/code=/);
    const stolen = attacker.url();

    const before = front.count.get("POST /oauth/token") ?? 0;
    const victim = await openApp(await newContext());
    await shows(victim, "signed_out");
    for (const isAsking of [false, true]) {
      if (isAsking) await leave(victim);
      await victim.goto(stolen);
      expect(await arrivalOf(victim)).toBe("foreign_answer");
      await shows(victim, "signed_out");
      expect(victim.url()).toBe(`${stranger}/callback`);
    }
    expect(front.count.get("POST /oauth/token") ?? 0).toBe(before);
  });

  it("nobody exchanges it a second time, which would end the session: not by a reload, a copy of the tab, or the way back", async () => {
    const { newContext, openApp, stranger, front } = world();
    const page = await openApp(await newContext());
    const seen: string[] = [];
    page.on("request", (request) => seen.push(request.url()));
    await signInByRedirect(world(), page, await newUser(world()));
    await shows(page, "signed_in");
    const exchanges = front.count.get("POST /oauth/token");
    const carried = seen.find((url) => url.startsWith(`${stranger}/callback?code=`)) ?? "";
    const ways = [() => page.reload(), () => page.goto(carried), () => page.goBack(), () => page.goForward()];
    for (const comeAgain of ways) {
      await comeAgain();
      expect(["foreign_answer", null]).toContain(
        await page.evaluate(() => (window.arrival as Promise<unknown> | undefined) ?? null),
      );
    }
    expect(front.count.get("POST /oauth/token")).toBe(exchanges);
  });
});

keyTests(world);
