/** Wrong second steps, counted for the user, for each browser of theirs, and for the address. */
import { expect, it, onTestFinished } from "vitest";
import { countEarlier } from "../../test/earlier-tries.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { budgetsOf, DEFAULT_LIMITS } from "./budgets.ts";
import type { LimitSettings } from "./budgets.ts";
import { createLimits } from "./create-limits.ts";

const NOBODY = { userId: "ada", address: null, knownDevice: null, guessable: true };

async function start(more: Partial<LimitSettings>) {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  const settings = { ...DEFAULT_LIMITS, ...more };
  const limits = createLimits(store.limits, settings);
  const attempt = (who: Partial<Parameters<typeof limits.secondFactor>[0]>, end: "failed" | "succeeded") =>
    limits.secondFactor({ ...NOBODY, ...who }).then(
      async (begun) => {
        await begun[end]();
        return "tried";
      },
      (error: unknown) => (error as { code: string }).code,
    );
  const wrong = (who: Parameters<typeof attempt>[0] = {}) => attempt(who, "failed");
  const right = (who: Parameters<typeof attempt>[0] = {}) => attempt(who, "succeeded");
  return { store, limits, budgets: budgetsOf(settings), wrong, right };
}

it("a hundred in a row end it for a user, however slowly they come; a known browser has a hundred of its own; a reset opens it", async () => {
  const { store, limits, budgets, wrong, right } = await start({ loginTries: 1000 });
  await countEarlier(store, budgets.secondFactorFailures, "ada", 99);
  expect([await wrong({ address: "198.51.100.1" }), await wrong({ address: "198.51.100.2" }), await right()]).toEqual([
    "tried",
    "too_many_attempts",
    "too_many_attempts",
  ]);
  const knownDevice = "her browser";
  await countEarlier(store, budgets.secondFactorDeviceFailures, `ada ${knownDevice}`, 99);
  expect([await wrong({ knownDevice }), await right({ knownDevice })]).toEqual(["tried", "too_many_attempts"]);
  expect([await wrong({ userId: "bob" }), await wrong({ knownDevice: "another of hers" })]).toEqual(["tried", "tried"]);
  await limits.forgiveSecondFactor({ userId: "ada", devices: [] });
  expect(await right()).toBe("tried");
});

it("a right one ends the row of a user", async () => {
  const { store, budgets, wrong, right } = await start({ loginTries: 2 });
  await countEarlier(store, budgets.secondFactorFailures, "ada", 98);
  for (let i = 0; i < 3; i++) expect([await wrong(), await right()]).toEqual(["tried", "tried"]);
  expect([await wrong(), await wrong(), await wrong()]).toEqual(["tried", "tried", "too_many_attempts"]);
});

it("so many from one address, whoever it is of, and right ones in between change nothing", async () => {
  const { wrong, right } = await start({ addressTries: 3 });
  const address = "198.51.100.66";
  const answers = [];
  for (const userId of ["ada", "bob", "eve", "dan"]) {
    answers.push(await wrong({ userId, address }), await right({ userId: "mallory", address }));
  }
  expect(answers).toEqual([
    ...Array.from({ length: 5 }, () => "tried"),
    "too_many_attempts",
    "too_many_attempts",
    "too_many_attempts",
  ]);
  expect([
    await right({ userId: "eve", address: "198.51.100.67" }),
    await wrong({ userId: "eve", address, knownDevice: "hers" }),
  ]).toEqual(["tried", "tried"]);
});
