import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goneAtOf, planRotation, RETIREMENT_MARGIN_SECONDS } from "./plan-rotation.ts";
import type { KeyFacts, RotationPolicy, RotationStep } from "./plan-rotation.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-06-01T00:00:00Z");
const POLICY: RotationPolicy = {
  algorithm: "ES256",
  rotationSeconds: 90 * 86_400,
  publishAheadSeconds: 600,
  tokenSeconds: 900,
};

function key(id: string, state: KeyFacts["state"], more: Partial<KeyFacts> = {}): KeyFacts {
  const common = { id, state, algorithm: "ES256", origin: "generated", tokenSeconds: 900, goneAt: null } as const;
  const activatedAt = state === "upcoming" ? null : NOW - DAY;
  return { ...common, createdAt: NOW - 2 * DAY, activatesAt: null, activatedAt, ...more };
}

const first = key("first", "gone", { createdAt: NOW - 300 * DAY });
const made = (state: "active" | "upcoming", tokenSeconds = 900): RotationStep => ({ step: "make", state, tokenSeconds });
const retired = (id: string): RotationStep => ({ step: "retire", id, goneAt: NOW + (900 + RETIREMENT_MARGIN_SECONDS) * 1000 });
const activated = (id: string): RotationStep => ({ step: "activate", id });
const drop = (id: string): RotationStep => ({ step: "drop", id });
const old = { activatedAt: NOW - 90 * DAY };
const rs256 = { ...POLICY, algorithm: "RS256" };

describe("what is due in a key ring", () => {
  it.each<[string, KeyFacts[], RotationPolicy, RotationStep[]]>([
    ["a new ring: a key that signs, and the next", [], POLICY, [made("active"), made("upcoming")]],
    ["one key: the next", [key("a", "active")], POLICY, [made("upcoming")]],
    ["both: nothing", [key("a", "active"), key("b", "upcoming")], POLICY, []],
    ["the signing key's time not quite over: nothing", [first, key("a", "active", { activatedAt: NOW - 90 * DAY + 1 }), key("b", "upcoming")], POLICY, []],
    ["over: the next signs, and another is made", [first, key("a", "active", old), key("b", "upcoming")], POLICY, [retired("a"), activated("b"), made("upcoming")]],
    ["over, but the next not published long enough: nothing yet", [first, key("a", "active", old), key("b", "upcoming", { createdAt: NOW - 599_999 })], POLICY, []],
    ["over, and published for just long enough", [first, key("a", "active", old), key("b", "upcoming", { createdAt: NOW - 600_000 })], POLICY, [retired("a"), activated("b"), made("upcoming")]],
    ["over, and the next came with the ring itself: no document without it was ever served", [key("a", "active", { ...old, createdAt: NOW }), key("b", "upcoming", { createdAt: NOW })], POLICY, [retired("a"), activated("b"), made("upcoming")]],
    ["somebody asked for the next", [first, key("a", "active"), key("b", "upcoming", { activatesAt: NOW })], POLICY, [retired("a"), activated("b"), made("upcoming")]],
    ["somebody asked for it later: nothing yet", [first, key("a", "active"), key("b", "upcoming", { activatesAt: NOW + 1 })], POLICY, []],
    ["asked for at once, though not published long enough", [first, key("a", "active"), key("b", "upcoming", { createdAt: NOW, activatesAt: NOW })], POLICY, [retired("a"), activated("b"), made("upcoming")]],
    ["an imported key is asked for: it goes before the one that waits", [first, key("a", "active"), key("b", "upcoming"), key("c", "upcoming", { createdAt: NOW - DAY, activatesAt: NOW - 1 })], POLICY, [retired("a"), activated("c")]],
    ["of two that wait, the older", [first, key("a", "active", old), key("c", "upcoming", { createdAt: NOW - DAY }), key("b", "upcoming")], POLICY, [retired("a"), activated("b")]],
    ["no key signs, one waits: it signs, published or not", [first, key("b", "upcoming", { createdAt: NOW })], POLICY, [activated("b"), made("upcoming")]],
    ["retiring, its time not over: nothing", [key("r", "retiring", { goneAt: NOW + 1 }), key("a", "active"), key("b", "upcoming")], POLICY, []],
    ["retiring, its time over: it goes", [key("r", "retiring", { goneAt: NOW }), key("a", "active"), key("b", "upcoming")], POLICY, [drop("r")]],
    ["another algorithm: a key of it is published first", [key("a", "active"), key("b", "upcoming")], rs256, [made("upcoming")]],
    ["another algorithm, published long enough: it signs, and what waited in vain goes", [first, key("a", "active"), key("b", "upcoming"), key("c", "upcoming", { algorithm: "RS256" })], rs256, [retired("a"), activated("c"), drop("b"), made("upcoming")]],
    ["another algorithm, not published long enough", [first, key("a", "active"), key("b", "upcoming"), key("c", "upcoming", { algorithm: "RS256", createdAt: NOW - 1 })], rs256, []],
    ["tokens live longer now: keys verify longer", [key("a", "active"), key("b", "upcoming")], { ...POLICY, tokenSeconds: 901 }, [{ step: "extend", id: "a", tokenSeconds: 901 }, { step: "extend", id: "b", tokenSeconds: 901 }]],
    ["tokens live shorter now: those of before do not", [key("a", "active"), key("b", "upcoming")], { ...POLICY, tokenSeconds: 60 }, []],
    ["tokens lived longer before: the next key's may, too", [key("a", "active", { tokenSeconds: 9000 })], POLICY, [made("upcoming", 9000)]],
    ["the settings name a secret that is not there: it is made", [key("a", "active"), key("b", "upcoming")], { ...POLICY, keyId: "" }, [made("upcoming")]],
    ["the settings name the secret that signs: nothing, however old", [key("a", "active", { ...old, origin: "configured" })], { ...POLICY, keyId: "a" }, []],
    ["the settings name the secret that waits", [first, key("a", "active"), key("b", "upcoming"), key("c", "upcoming", { origin: "configured" })], { ...POLICY, keyId: "c" }, [retired("a"), activated("c"), drop("b")]],
    ["the settings no longer name a secret: one of our own is made", [key("a", "active", { origin: "configured" })], POLICY, [made("upcoming")]],
    ["a new ring where the settings name a secret", [], { ...POLICY, keyId: "" }, [made("active")]],
  ])("%s", (_, keys, policy, steps) => {
    expect(planRotation(keys, NOW, policy)).toEqual(steps);
  });
});

/** The keys as the steps leave them. */
function carriedOut(keys: readonly KeyFacts[], steps: readonly RotationStep[], now: number, algorithm: string): KeyFacts[] {
  const after = new Map(keys.map((one) => [one.id, one]));
  const createdAt = Math.max(now, ...keys.map((one) => one.createdAt + 1));
  for (const step of steps) {
    const id = step.step === "make" ? `made at ${now} ${after.size}` : step.id;
    const before = after.get(id) ?? key(id, "upcoming", { createdAt, algorithm });
    const changes: Record<RotationStep["step"], () => Partial<KeyFacts>> = {
      make: () => (step.step === "make" && step.state === "active" ? { state: "active", activatedAt: now } : {}),
      activate: () => ({ state: "active", activatedAt: now, activatesAt: null }),
      retire: () => ({ state: "retiring", goneAt: step.step === "retire" ? step.goneAt : null }),
      drop: () => ({ state: "gone", goneAt: now }),
      extend: () => ({ tokenSeconds: step.step === "extend" ? step.tokenSeconds : 0 }),
    };
    after.set(id, { ...before, ...changes[step.step]() });
  }
  return [...after.values()];
}

/** What replicas and operators do over time: each moves on by some seconds, and perhaps changes the settings. */
const history = fc.array(
  fc.record({
    after: fc.nat({ max: 2000 }),
    /** This replica's clock. */
    skew: fc.integer({ min: -5, max: 5 }),
    algorithm: fc.constantFrom("ES256", "ES256", "ES256", "RS256"),
    asks: fc.boolean(),
  }),
  { maxLength: 60 },
);

it("at any time, by any replica's clock: one key signs, what is done stays done, and nobody meets a key unprepared", () => {
  const policy = { ...POLICY, rotationSeconds: 3600 };
  fc.assert(
    fc.property(history, (events) => {
      let keys: KeyFacts[] = [];
      let now = NOW;
      for (const { after, skew, algorithm, asks } of events) {
        now += after * 1000;
        const at = now + skew * 1000;
        if (asks) {
          const next = keys.find(({ state }) => state === "upcoming");
          const ripe = next && next.createdAt + 600_000;
          keys = keys.map((one) => (one === next ? { ...one, activatesAt: Math.max(at, ripe ?? 0) } : one));
        }
        const steps = planRotation(keys, at, { ...policy, algorithm });
        const before = keys;
        keys = carriedOut(keys, steps, at, algorithm);
        expect(planRotation(keys, at, { ...policy, algorithm })).toEqual([]);
        expect(keys.filter(({ state }) => state === "active")).toHaveLength(1);
        expect(keys.some((one) => one.state === "upcoming")).toBe(true);
        for (const step of steps) {
          const subject = step.step === "make" ? undefined : before.find(({ id }) => id === step.id);
          if (step.step === "activate") {
            expect(at - subject!.createdAt).toBeGreaterThanOrEqual(subject!.createdAt === before[0]!.createdAt ? 0 : 600_000);
          }
          if (step.step === "drop" && subject!.state !== "upcoming") expect(subject!.goneAt).toBeLessThanOrEqual(at);
          if (step.step === "retire") expect(step.goneAt).toBe(goneAtOf(subject!, at, policy));
        }
      }
    }),
  );
});
