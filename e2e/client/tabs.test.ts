import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserTests, openTabs, refreshes, shows, signUp, snapshotOf } from "./browser-tests.ts";

/** A life so short that sessions pass through many of them while a test looks on. */
const world = browserTests({ env: { OSTIARY_ACCESS_TOKEN_TTL: "5s" } });
const patience = { timeout: 60_000 };

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
    await expect
      .poll(async () => Math.min(...(await Promise.all(tabs.map(workOf))).map(({ tokens }) => tokens)), patience)
      .toBeGreaterThan(3);
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
    const tabs = await openTabs(world(), context, 10);
    for (const tab of tabs) expect(await tab.evaluate(async () => (await window.auth.ready()).status)).toBe("signed_in");
  });

  it("a sign-out in one is a sign-out in all", async () => {
    const context = await world().newContext();
    const tabs = await openTabs(world(), context, 5);
    await signUp(tabs[0]!);
    for (const tab of tabs) await shows(tab, "signed_in");
    await tabs[3]!.evaluate(() => window.auth.logout());
    for (const tab of tabs) await shows(tab, "signed_out");
    expect(new Set(await Promise.all(tabs.map(async (tab) => (await snapshotOf(tab)).reason)))).toEqual(new Set(["signed_out"]));
    expect(await context.cookies(`${world().front.issuer}/`)).toHaveLength(1);
  });
});
