import { describe, expect, it } from "vitest";
import { askMe, browserTests, newPerson, refreshes, shows, signUp, snapshotOf } from "./browser-tests.ts";

const world = browserTests();

describe("a session in one tab", () => {
  it.each(["the same origin", "another port"])("from %s: sign-up, API, reload, sign-out", async (where) => {
    const { front, app, newContext, open } = world();
    const page = await open(await newContext(), where === "another port" ? app : front.origin);
    await shows(page, "signed_out");
    expect(await snapshotOf(page)).toEqual({ status: "signed_out", user: null, reason: null });

    const person = newPerson();
    expect(await signUp(page, person)).toBe(person.email);
    expect(await askMe(page, front.issuer)).toBe(200);

    await page.reload();
    await shows(page, "signed_in");
    expect(await page.evaluate(() => window.auth.snapshot().user?.email)).toBe(person.email);
    expect(await askMe(page, front.issuer)).toBe(200);

    await page.evaluate(() => window.auth.logout());
    expect(await snapshotOf(page)).toEqual({ status: "signed_out", user: null, reason: "signed_out" });
    expect(await askMe(page, front.issuer)).toBe(401);
    await page.reload();
    await shows(page, "signed_out");
  });

  it("nobody signed in costs no request", async () => {
    const { front, newContext, open } = world();
    const before = [...front.count.values()].reduce((sum, one) => sum + one, 0);
    await shows(await open(await newContext()), "signed_out");
    expect([...front.count.values()].reduce((sum, one) => sum + one, 0)).toBe(before);
  });

  it("ends with a password change elsewhere, which an open tab learns with its next request", async () => {
    const { front, newContext, open } = world();
    const person = newPerson();
    const page = await open(await newContext());
    await signUp(page, person);
    const elsewhere = await open(await newContext());
    await elsewhere.evaluate(async (login) => {
      await window.auth.login(login);
      await window.auth.changePassword({ currentPassword: login.password, newPassword: "another horse entirely" });
    }, person);
    expect(await askMe(elsewhere, front.issuer)).toBe(200);
    expect(await askMe(page, front.issuer)).toBe(401);
    expect(await snapshotOf(page)).toEqual({ status: "signed_out", user: null, reason: "session_revoked" });
  });
});

describe("a laptop that slept for hours", () => {
  it("has a fresh token before anything is sent, and finds out by itself", async () => {
    const { front, newContext, open } = world();
    const page = await open(await newContext());
    await page.clock.install();
    await page.reload();
    await signUp(page);
    const before = refreshes(world());
    const hours = async (count: number): Promise<void> => {
      const now = await page.evaluate(() => Date.now());
      await page.clock.setSystemTime(now + count * 3_600_000);
    };
    await hours(8);
    expect(await askMe(page, front.issuer)).toBe(200);
    expect(refreshes(world())).toBe(before + 1);
    await hours(8);
    await page.clock.fastForward(20_000);
    await expect.poll(() => refreshes(world()), { timeout: 30_000 }).toBe(before + 2);
    expect(await snapshotOf(page)).toMatchObject({ status: "signed_in", reason: null });
  });
});

describe("no token where scripts, people or logs find it", () => {
  it("not in storages, addresses, the document, the console, or anything the page can reach", async () => {
    const { front, newContext, open } = world();
    const context = await newContext();
    const page = await open(context);
    const printed: string[] = [];
    page.on("console", (message) => printed.push(message.text()));
    await signUp(page);
    await page.evaluate(() => window.auth.refresh());
    await askMe(page, front.issuer);
    await page.reload();
    await shows(page, "signed_in");

    const accessToken = await page.evaluate(() => window.auth.getAccessToken());
    const cookies = await context.cookies(`${front.issuer}/`);
    const refreshToken = cookies.find(({ name }) => name === "ostiary_refresh")?.value;
    const secrets = [accessToken, refreshToken, cookies.find(({ name }) => name === "ostiary_signin")?.value];
    expect(secrets.every((secret) => secret !== null && secret !== undefined && secret.length > 40)).toBe(true);

    const reachable = await page.evaluate(async () =>
      JSON.stringify([
        Object.entries(localStorage),
        Object.entries(sessionStorage),
        await indexedDB.databases(),
        await caches.keys(),
        document.cookie,
        document.documentElement.outerHTML,
        location.href,
        history.state as unknown,
        performance.getEntries(),
        window.seen,
        window.auth,
        window.auth.snapshot(),
      ]),
    );
    for (const secret of secrets) {
      expect(reachable + page.url() + printed.join()).not.toContain(secret);
      expect(reachable).not.toContain(secret?.split(".").at(-1));
    }
  });
});
