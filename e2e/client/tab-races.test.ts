import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { askMe, browserTests, openTabs, shows, signUp, snapshotOf } from "./browser-tests.ts";

/** Tokens live long, so that nothing is asked but what the tests ask for. */
const world = browserTests();

/**
 * Stops a page before its next statement, timers and answers included, as a frozen one is stopped. (Chromium freezes by
 * itself only what is hidden, and without a window nothing is.)
 */
async function freeze(page: Page): Promise<() => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Debugger.enable");
  const isStopped = new Promise((resolve) => devtools.once("Debugger.paused", resolve));
  await devtools.send("Debugger.pause");
  void page.evaluate(() => 0).catch(() => {});
  await isStopped;
  return async () => {
    await devtools.send("Debugger.disable");
    await devtools.detach();
  };
}

describe("tabs that get in each other's way", () => {
  it("one that is frozen while it holds the lock blocks nobody, and goes on when it thaws", async () => {
    const { front, newContext } = world();
    const context = await newContext();
    const tabs = await openTabs(world(), context, 4);
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
    await expect.poll(() => isHolding, { timeout: 60_000 }).toBe(true);
    const thaw = await freeze(frozen);

    const asked = await Promise.all(
      others.map((tab) => tab.evaluate(async () => (await window.auth.refresh()).status)),
    );
    expect(asked).toEqual(["signed_in", "signed_in", "signed_in"]);
    for (const tab of others) expect(await askMe(tab, front.issuer)).toBe(200);

    held.resolve();
    await thaw();
    expect(await askMe(frozen, front.issuer)).toBe(200);
    for (const tab of tabs) expect(await snapshotOf(tab)).toMatchObject({ status: "signed_in", reason: null });
  });

  it("answers that overtake each other leave a session that goes on", async () => {
    const { front, newContext } = world();
    const context = await newContext();
    // Without the lock every tab asks for itself.
    await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
    const tabs = await openTabs(world(), context, 3);
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
