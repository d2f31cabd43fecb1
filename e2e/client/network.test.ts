import { describe, expect, it } from "vitest";
import type { Exchange } from "./front.ts";
import { askMe, browserTests, refreshes, shows, signUp, snapshotOf } from "./browser-tests.ts";

const world = browserTests();
const isRefresh = ({ path }: Exchange): boolean => path === "/refresh";
const keyOf = ({ headers }: Exchange): unknown => headers["idempotency-key"];

describe("the network", () => {
  it("goes and comes back: nobody is signed out, and it is said", async () => {
    const { front, newContext, open } = world();
    const context = await newContext();
    const page = await open(context);
    await signUp(page);
    await context.setOffline(true);
    expect(await page.evaluate(() => window.outcome(() => window.auth.refresh()))).toBe("offline");
    expect(await snapshotOf(page)).toMatchObject({ status: "signed_in", reason: "offline" });
    await context.setOffline(false);
    await page.waitForFunction(() => window.auth.snapshot().reason === null);
    expect(await askMe(page, front.issuer)).toBe(200);
  });

  it("is away while the page is loaded: the session is there when it is back", async () => {
    const { front, newContext, open } = world();
    const page = await open(await newContext());
    await signUp(page);
    front.meddle = (exchange) => exchange.cut();
    await page.reload();
    await page.waitForFunction(() => window.auth.snapshot().reason === "offline");
    expect(await snapshotOf(page)).toEqual({ status: "restoring", user: null, reason: "offline" });
    front.meddle = () => {};
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await shows(page, "signed_in");
  });

  it("belongs to a hotel, which answers everything with a page of its own: nobody is signed out", async () => {
    const { front, newContext, open } = world();
    const page = await open(await newContext());
    await signUp(page);
    for (const status of [200, 401, 403, 404, 502]) {
      front.meddle = (exchange) => {
        if (exchange.method === "OPTIONS") return;
        const cors = { "access-control-allow-origin": world().app, "access-control-allow-credentials": "true" };
        exchange.answer(status, { ...cors, "content-type": "text/html" }, "<h1>Welcome to our hotel</h1>");
      };
      expect(await page.evaluate(() => window.outcome(() => window.auth.refresh()))).toBe("unexpected_answer");
    }
    expect(await snapshotOf(page)).toMatchObject({ status: "signed_in", reason: "offline" });
    front.meddle = () => {};
    expect(await page.evaluate(async () => (await window.auth.refresh()).reason)).toBeNull();
  });
});

describe("an answer that is lost", () => {
  it("is fetched again with the same Idempotency-Key", async () => {
    const { front, newContext, open } = world();
    const page = await open(await newContext());
    await signUp(page);
    const keys: unknown[] = [];
    front.meddle = async (exchange) => {
      if (!isRefresh(exchange) || exchange.method !== "POST") return;
      keys.push(keyOf(exchange));
      if (keys.length > 1) return;
      await exchange.forward();
      exchange.cut();
    };
    expect(await page.evaluate(async () => (await window.auth.refresh()).status)).toBe("signed_in");
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  });

  it("is fetched again with the same key even after a reload, three times in a row", async () => {
    const { front, newContext, open } = world();
    const page = await open(await newContext());
    await signUp(page);
    for (let round = 0; round < 3; round++) {
      const keys: unknown[] = [];
      front.meddle = async (exchange) => {
        if (!isRefresh(exchange) || exchange.method !== "POST") return;
        keys.push(keyOf(exchange));
        await exchange.forward();
        exchange.cut();
      };
      await page.evaluate(() => void window.outcome(() => window.auth.refresh()));
      await expect.poll(() => keys.length, { timeout: 30_000 }).toBeGreaterThan(0);
      const lost = keys[0];
      const fetched: unknown[] = [];
      front.meddle = (exchange) => {
        if (isRefresh(exchange) && exchange.method === "POST") fetched.push(keyOf(exchange));
      };
      await page.reload();
      await shows(page, "signed_in");
      expect(fetched[0]).toBe(lost);
    }
    expect(await askMe(page, front.issuer)).toBe(200);
  });
});

describe("signing out without network", () => {
  it("holds on this machine at once, through a reload, and on the server when it can be reached", async () => {
    const { front, newContext, open } = world();
    const page = await open(await newContext());
    await signUp(page);
    const token = await page.evaluate(() => window.auth.getAccessToken());
    front.meddle = (exchange) => exchange.cut();
    expect(await page.evaluate(() => window.outcome(() => window.auth.logout()))).toBe("offline");
    await shows(page, "signed_out");
    await page.reload();
    await shows(page, "signed_out");
    const before = refreshes(world());
    front.meddle = () => {};
    await page.evaluate(() => dispatchEvent(new Event("online")));
    const me = async (): Promise<number> =>
      (await fetch(`${front.issuer}/me`, { headers: { authorization: `Bearer ${token}` } })).status;
    await expect.poll(me, { timeout: 30_000 }).toBe(401);
    await page.reload();
    await shows(page, "signed_out");
    expect(refreshes(world())).toBe(before);
  });
});
