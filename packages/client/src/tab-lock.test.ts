import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createFakeClock, settle } from "../test/fake-clock.ts";
import type { Environment, Locks, Page } from "./environment.ts";
import { createTabLock } from "./tab-lock.ts";

/** Real Web Locks, and tabs that are told apart by nothing but that they are different clients. */
function createTabs(locks: Locks | null = navigator.locks) {
  const clock = createFakeClock();
  const name = randomUUID();
  const environment = { page: { locks } as Page, after: clock.after, random: () => 0.5 } as Environment;
  return { clock, openTab: () => createTabLock(environment, name) };
}

const never = new Promise<never>(() => {});

describe("the tab lock", () => {
  it("lets one tab work at a time, in order", async () => {
    const { openTab } = createTabs();
    const log: string[] = [];
    const work = (tab: string) => async () => {
      log.push(`${tab} begins`);
      await settle();
      log.push(`${tab} ends`);
    };
    await Promise.all(["a", "b", "c"].map((tab) => openTab().run(work(tab))));
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("hands on results and failures, and is free again after either", async () => {
    const lock = createTabs().openTab();
    await expect(lock.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await lock.run(async () => 42)).toBe(42);
  });

  it("a frozen tab that holds it blocks nobody for longer than four seconds", async () => {
    const { clock, openTab } = createTabs();
    void openTab().run(() => never);
    await settle();
    const others = Promise.all([1, 2, 3, 4, 5].map((n) => openTab().run(async () => n)));
    await clock.advance(4000);
    expect(await others).toEqual([1, 2, 3, 4, 5]);
    expect(await openTab().run(async () => "at once")).toBe("at once");
  });

  it("work whose lock was taken goes on, once, and its result arrives", async () => {
    const { clock, openTab } = createTabs();
    const { promise, resolve } = Promise.withResolvers<string>();
    let begun = 0;
    const slow = openTab().run(() => {
      begun++;
      return promise;
    });
    await settle();
    const other = openTab().run(async () => "other");
    await clock.advance(4000);
    expect(await other).toBe("other");
    resolve("slow");
    expect(await slow).toBe("slow");
    expect(begun).toBe(1);
  });

  it.each([
    ["there are no Web Locks", null],
    ["they are refused, as in a sandboxed frame", { request: () => Promise.reject(new DOMException("No.", "SecurityError")) }],
  ])("the work is done where %s", async (_, locks) => {
    const lock = createTabs(locks).openTab();
    expect(await lock.run(async () => 1)).toBe(1);
    await expect(lock.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await Promise.all([lock.run(async () => 2), lock.run(async () => 3)])).toEqual([2, 3]);
  });
});
