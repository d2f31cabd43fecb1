import { beforeAll, describe, expect, it, vi } from "vitest";
import { explore } from "./rotation-search/explore.ts";
import { fingerprint } from "./rotation-search/fingerprint.ts";
import { limits, promises, strict, thieves, thievesInTheGrace } from "./rotation-search/scenarios.ts";
import type { Expectation } from "./rotation-search/scenarios.ts";
import { initialState } from "./rotation-search/state.ts";
import type { Scenario, State } from "./rotation-search/state.ts";

/** More than any of these scenarios has. */
const AMPLE = { depth: 200, states: 200_000 };
const SMALL = { depth: 14, states: 200_000 };
/** Against hanging; the whole file takes a few seconds. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe("an honest owner is never refused", () => {
  it.each(promises.map(named))("%s", (_, expectation) => expectExactly(expectation));
});

describe("an honest owner is refused by nothing but", () => {
  it.each(limits.map(named))("%s", (_, expectation) => expectExactly(expectation));

  it("two missed answers in a row, in these steps", () => {
    expect(shortest("two missed answers in a row", "owner refused: theft")).toEqual([
      "owner sends 0",
      "0 of the owner arrives: rotate, 1 under way",
      "answer 1 is lost",
      "15 s pass",
      "owner sends 0",
      "0 of the owner arrives: repeat, 1 under way",
      "answer 1 is lost",
      "15 s pass",
      "owner sends 0",
      "0 of the owner arrives: theft",
    ]);
  });

  it("an old request that arrives after its grace, in these steps", () => {
    expect(shortest("exchanges longer than half the grace", "owner refused: theft")).toEqual([
      "owner sends 0",
      "0 of the owner arrives: rotate, 1 under way",
      "5 s pass",
      "owner sends 0",
      "the owner receives 1",
      "owner sends 1",
      "5 s pass",
      "5 s pass",
      "1 of the owner arrives: rotate, 2 under way",
      "0 of the owner arrives: theft",
    ]);
  });
});

describe("with grace 0 the second use of a token is theft, but for lost writes and keys", () => {
  it.each(strict.map(named))("%s", (_, expectation) => expectExactly(expectation));
});

describe("owner and thief cannot both go on: after the theft the session changes hands twice at the most", () => {
  it.each(thieves.map(named))("%s", (_, expectation) => expectExactly(expectation));
});

describe("only grace windows let a thief stay", () => {
  let without: readonly string[] = [];
  let withCookie: readonly string[] = [];

  beforeAll(() => {
    [without = [], withCookie = []] = thievesInTheGrace.map((scenario) => {
      const { findings } = explore(scenario, AMPLE);
      return [...findings.keys()].map((finding) => finding.replace("crossings ", ""));
    });
  });

  it("two late repeats never follow each other without a grace window between", () => {
    const wellSpaced = /^([gG]|[lL](?![lL]))+$/;
    for (const pattern of [...without, ...withCookie]) expect(pattern).toMatch(wellSpaced);
  });

  it("a thief stays who meets the grace after every rotation of the owner, or after every second one", () => {
    expect(withCookie).toEqual(expect.arrayContaining(["ggg", "lgl", "glg"]));
  });

  it("a thief stays whose rotations the owner follows within the grace, each time or every second time", () => {
    expect(without).toEqual(expect.arrayContaining(["GGG", "LGL", "GLG"]));
  });

  it("a thief without the device cookie is never answered late", () => {
    expect(without.join()).not.toContain("l");
    expect(without).toContain("ggg");
  });
});

describe("the search merges only states that no future can tell apart", () => {
  const rich: Scenario = {
    name: "as much as there is",
    graceSeconds: 10,
    owner: "browser",
    ownerDevice: true,
    timeSteps: [5, 15],
    longestExchange: 5,
    thief: { device: true, graceHits: true },
    waiting: 2,
    underWay: 2,
    keys: true,
    missedAnswers: "apart",
    lostWrites: 1,
  };
  it.each([
    ["with a thief", rich, 7],
    ["with days", { ...rich, thief: null, timeSteps: [5, 345_600] }, 8],
    ["by body", { ...rich, thief: null, owner: "body" as const }, 9],
  ])("%s", (_, scenario, depth) => {
    const bounds = { depth, states: Infinity };
    const unmerged = new Set([fingerprint(initialState(scenario), scenario)]);
    const merged = new Set(unmerged);
    const everyState = explore(scenario, bounds, {
      identify: (state) => {
        unmerged.add(fingerprint(state, scenario));
        return everything(state);
      },
    });
    const representatives = explore(scenario, bounds, {
      identify: (state) => {
        const print = fingerprint(state, scenario);
        merged.add(print);
        return print;
      },
    });
    expect(everyState.states).toBeGreaterThan(representatives.states);
    expect(merged).toEqual(unmerged);
    expect(lengths(representatives.findings)).toEqual(lengths(everyState.findings));
  });
});

function expectExactly({ scenario, findings, large }: Expectation): void {
  const result = explore(scenario, large ? SMALL : AMPLE);
  const found = [...result.findings.keys()].toSorted();
  if (large) {
    expect(findings).toEqual(expect.arrayContaining(found));
  } else {
    expect(found).toEqual([...findings].toSorted());
    expect(result.complete).toBe(true);
  }
}

function shortest(scenarioName: string, finding: string): readonly string[] | undefined {
  const expectation = limits.find(({ scenario }) => scenario.name === scenarioName);
  return expectation && explore(expectation.scenario, AMPLE).findings.get(finding);
}

function named(expectation: Expectation): [string, Expectation] {
  return [expectation.scenario.name, expectation];
}

function everything(state: State): string {
  return JSON.stringify(state, (key, value: unknown) => (key === "secret" || key === "device" ? undefined : value));
}

function lengths(findings: ReadonlyMap<string, readonly string[]>): Record<string, number> {
  return Object.fromEntries([...findings].map(([finding, trace]) => [finding, trace.length]));
}
