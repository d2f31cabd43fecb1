import type { BrowserContext, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { askMe, browserTests, refreshes, shows, signUp, snapshotOf } from "./browser-tests.ts";

/** A life so short that sessions pass through many of them while a test looks on. */
const world = browserTests({ env: { OSTIARY_ACCESS_TOKEN_TTL: "5s" } });
const patience = { timeout: 60_000 };

async function openTabs(context: BrowserContext, count: number): Promise<Page[]> {
  return Promise.all(Array.from({ length: count }, () => world().open(context)));
}

/** Has a tab call the API all the time, and note what came of it. */
function work(page: Page): Promise<void> {
  return page.evaluate(
    (url) => {
      const seen = { statuses: {} as Record<string, number>, tokens: new Set<string>() };
      Object.assign(window, { work: seen });
      const once = async (): Promise<void> => {
        const outcome = String(await window.outcome(async () => (await window.auth.fetch(url)).status));
        seen.statuses[outcome] = (seen.statuses[outcome] ?? 0) + 1;
        seen.tokens.add(String(await window.outcome(() => window.auth.getAccessToken())));
        setTimeout(() => void once(), 250);
      };
      void once();
    },
    `${world().front.issuer}/me`,
  );
}

interface Work {
  readonly statuses: Record<string, number>;
  readonly tokens: number;
}

function workOf(page: Page): Promise<Work> {
  return page.evaluate(() => {
    const { statuses, tokens } = (window as unknown as { work: { statuses: Record<string, number>; tokens: Set<string> } }).work;
    return { statuses, tokens: tokens.size };
  });
}

describe("tabs at work through many expiries", () => {
  it.each([
    [2, "the issuer's own port"],
    [10, "another port"],
  ])("%i, from %s: every request is answered, and they ask together", async (count, where) => {
    const { front, app, newContext, open } = world();
    const origin = where === "another port" ? app : front.origin;
    const context = await newContext();
    const tabs = await Promise.all(Array.from({ length: count }, () => open(context, origin)));
    await signUp(tabs[0]!);
    for (const tab of tabs) await shows(tab, "signed_in");
    const before = refreshes(world());
    await Promise.all(tabs.map(work));
    const generations = count === 2 ? 5 : 4;
    await expect
      .poll(async () => Math.min(...(await Promise.all(tabs.map(workOf))).map(({ tokens }) => tokens)), patience)
      .toBeGreaterThan(generations);
    const done = await Promise.all(tabs.map(workOf));
    expect(done.map(({ statuses }) => Object.keys(statuses))).toEqual(done.map(() => ["200"]));
    const asked = refreshes(world()) - before;
    const lives = Math.max(...done.map(({ tokens }) => tokens));
    // One request a life is the aim, one a tab and life would be no agreement at all.
    expect(asked).toBeLessThan(count === 2 ? lives * 2 : (lives * count) / 2);
  });
});

describe("tabs of one browser", () => {
  it("open at once and share the answer to one of them", async () => {
    const { newContext, open } = world();
    const context = await newContext();
    await signUp(await open(context));
    const tabs = await openTabs(context, 10);
    for (const tab of tabs) expect(await tab.evaluate(async () => (await window.auth.ready()).status)).toBe("signed_in");
  });

  it("a sign-out in one is a sign-out in all", async () => {
    const context = await world().newContext();
    const tabs = await openTabs(context, 5);
    await signUp(tabs[0]!);
    for (const tab of tabs) await shows(tab, "signed_in");
    await tabs[3]!.evaluate(() => window.auth.logout());
    for (const tab of tabs) await shows(tab, "signed_out");
    expect(new Set(await Promise.all(tabs.map(async (tab) => (await snapshotOf(tab)).reason)))).toEqual(new Set(["signed_out"]));
    expect(await context.cookies(`${world().front.issuer}/`)).toHaveLength(1);
  });

  it("a frozen one that holds the lock blocks nobody, and goes on when it thaws", async () => {
    const { front, newContext } = world();
    const context = await newContext();
    const tabs = await openTabs(context, 4);
    const [frozen, ...others] = tabs as [Page, ...Page[]];
    await signUp(frozen);
    for (const tab of tabs) await shows(tab, "signed_in");

    const held = Promise.withResolvers<void>();
    let isHolding = false;
    front.meddle = async ({ path, method }) => {
      if (path !== "/refresh" || method !== "POST" || isHolding) return;
      isHolding = true;
      await held.promise;
    };
    await frozen.evaluate(() => void window.outcome(() => window.auth.refresh()));
    await expect.poll(() => isHolding, patience).toBe(true);
    const devtools = await context.newCDPSession(frozen);
    await devtools.send("Page.setWebLifecycleState", { state: "frozen" });

    const asked = await Promise.all(
      others.map((tab) => tab.evaluate(async () => (await window.auth.refresh()).status)),
    );
    expect(asked).toEqual(["signed_in", "signed_in", "signed_in"]);
    for (const tab of others) expect(await askMe(tab, front.issuer)).toBe(200);

    held.resolve();
    await devtools.send("Page.setWebLifecycleState", { state: "active" });
    expect(await askMe(frozen, front.issuer)).toBe(200);
    for (const tab of tabs) expect(await snapshotOf(tab)).toMatchObject({ status: "signed_in", reason: null });
  });

  it("answers that overtake each other leave a session that goes on", async () => {
    const { front, newContext } = world();
    const context = await newContext();
    // Without the lock every tab asks for itself.
    await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
    const tabs = await openTabs(context, 3);
    await signUp(tabs[0]!);
    for (const tab of tabs) await shows(tab, "signed_in");
    for (let round = 0; round < 3; round++) {
      const answered: (() => void)[] = [];
      front.meddle = async (exchange) => {
        const { path, method } = exchange;
        if (path !== "/refresh" || method !== "POST" || answered.length === tabs.length) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        answered.push(resolve);
        // All have reached the server before the first answer leaves, and the last is answered first.
        await exchange.forward();
        if (answered.length === tabs.length) for (const release of answered.toReversed()) release();
        await promise;
      };
      const outcomes = tabs.map((tab) => tab.evaluate(async () => (await window.auth.refresh()).status));
      expect(await Promise.all(outcomes)).toEqual(["signed_in", "signed_in", "signed_in"]);
      front.meddle = () => {};
    }
    for (const tab of tabs) {
      await tab.reload();
      await shows(tab, "signed_in");
      expect(await askMe(tab, front.issuer)).toBe(200);
    }
  });
});
