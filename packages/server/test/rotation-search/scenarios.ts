import type { Scenario } from "./state.ts";

/** A scenario and every finding a complete search comes up with: no more, no fewer. */
export interface Expectation {
  readonly scenario: Scenario;
  readonly findings: readonly string[];
  /** Too large for the test suite to search to the end. */
  readonly large?: boolean;
}

const REFUSED = "owner refused: theft";
const PUT_BACK_LATE = "older token put back by a late answer";
const PUT_BACK_AT_ONCE = "older token put back in no time";
const DAY_SECONDS = 86_400;

/** One tab of a browser, the default grace, exchanges of at most half of it, and nothing goes wrong. */
const browser: Omit<Scenario, "name"> = {
  graceSeconds: 10,
  owner: "browser",
  ownerDevice: true,
  keys: false,
  waiting: 1,
  underWay: 1,
  timeSteps: [5, 15],
  longestExchange: 5,
  missedAnswers: "none",
  lostWrites: 0,
  thief: null,
};
const body: Omit<Scenario, "name"> = { ...browser, owner: "body", ownerDevice: false };
const tabs = (count: number) => ({ ...browser, waiting: count, underWay: count });

/** What an honest owner is promised. */
export const promises: readonly Expectation[] = [
  { scenario: { name: "three tabs race", ...tabs(3) }, findings: [] },
  { scenario: { name: "the same by quarters of the grace", ...tabs(2), timeSteps: [2.5, 15] }, findings: [] },
  { scenario: { name: "two tabs race while the store loses writes twice", ...tabs(2), lostWrites: 2 }, findings: [] },
  {
    scenario: { name: "a tab misses answers, never two in a row", ...browser, missedAnswers: "apart" },
    findings: [],
  },
  {
    scenario: { name: "the same, the store losing writes twice", ...browser, missedAnswers: "apart", lostWrites: 2 },
    findings: [],
  },
  {
    scenario: { name: "a tab with keys misses any", ...browser, keys: true, missedAnswers: "any", lostWrites: 2 },
    findings: [],
  },
  { scenario: { name: "a body client", ...body, lostWrites: 2 }, findings: [] },
  {
    scenario: {
      name: "a body client with keys misses any answers",
      ...body,
      keys: true,
      missedAnswers: "any",
      lostWrites: 2,
    },
    findings: [],
  },
  {
    scenario: {
      name: "the same, retries given up and still arriving",
      ...body,
      keys: true,
      underWay: 3,
      missedAnswers: "any",
    },
    findings: [],
  },
  {
    scenario: { name: "days pass, the store loses writes", ...tabs(2), timeSteps: [4 * DAY_SECONDS], lostWrites: 1 },
    findings: ["owner refused: session_expired"],
  },
];

/** What an honest owner can still be hit by: each the smallest world in which it happens. */
export const limits: readonly Expectation[] = [
  { scenario: { name: "two missed answers in a row", ...browser, missedAnswers: "any" }, findings: [REFUSED] },
  {
    scenario: { name: "exchanges longer than half the grace", ...tabs(2), longestExchange: 10 },
    findings: [REFUSED],
  },
  {
    scenario: { name: "a missed answer, and two tabs that try again", ...tabs(2), missedAnswers: "apart" },
    findings: [REFUSED, PUT_BACK_LATE],
  },
  {
    scenario: {
      name: "a missed answer, and an abandoned retry that still arrives",
      ...browser,
      underWay: 2,
      missedAnswers: "apart",
    },
    findings: [REFUSED],
  },
  {
    // A key is kept until an answer has come, but another request's answer to the same token may be that answer.
    scenario: { name: "the same with keys, twice", ...browser, keys: true, underWay: 2, missedAnswers: "any" },
    findings: [REFUSED],
  },
  {
    scenario: { name: "two tabs that share a key", ...tabs(2), keys: true, missedAnswers: "any" },
    findings: [REFUSED, PUT_BACK_LATE],
  },
  {
    scenario: { name: "a missed answer, two tabs, a lost write", ...tabs(2), missedAnswers: "apart", lostWrites: 1 },
    findings: [REFUSED, PUT_BACK_LATE, PUT_BACK_AT_ONCE],
    large: true,
  },
  { scenario: { name: "a race without the device cookie", ...tabs(2), ownerDevice: false }, findings: [REFUSED] },
  {
    scenario: {
      name: "a missed answer without the device cookie",
      ...browser,
      ownerDevice: false,
      missedAnswers: "apart",
    },
    findings: [REFUSED],
  },
  {
    scenario: { name: "a missed answer by body, without keys", ...body, missedAnswers: "apart" },
    findings: [REFUSED],
  },
];

/** Grace 0: a token is good for one use, but for lost writes and keys. */
export const strict: readonly Expectation[] = [
  { scenario: { name: "strict: one tab", ...browser, graceSeconds: 0, lostWrites: 2 }, findings: [] },
  {
    scenario: {
      name: "strict: a body client with keys misses any answers",
      ...body,
      graceSeconds: 0,
      keys: true,
      missedAnswers: "any",
    },
    findings: [],
  },
  { scenario: { name: "strict: two tabs race", ...tabs(2), graceSeconds: 0 }, findings: [REFUSED] },
  {
    scenario: { name: "strict: one missed answer", ...browser, graceSeconds: 0, missedAnswers: "apart" },
    findings: [REFUSED],
  },
  {
    scenario: { name: "strict: a thief", ...browser, graceSeconds: 0, thief: { device: true, graceHits: false } },
    findings: ["turns t"],
  },
];

const THREE_TURNS = ["turns t", "turns to", "turns tot"];

/** A thief, where neither he nor the owner meets the other's rotation within the grace. */
export const thieves: readonly Expectation[] = [
  {
    scenario: { name: "a thief without the device cookie", ...tabs(2), thief: { device: false, graceHits: false } },
    findings: [...THREE_TURNS, "crossings L"],
  },
  {
    scenario: { name: "a thief with the device cookie", ...tabs(2), thief: { device: true, graceHits: false } },
    findings: [...THREE_TURNS, "crossings L", "crossings l"],
  },
  {
    scenario: {
      name: "the same, of an owner who misses answers",
      ...browser,
      missedAnswers: "any",
      thief: { device: true, graceHits: false },
    },
    findings: [...THREE_TURNS, "crossings L", "crossings l", REFUSED],
  },
  {
    scenario: { name: "a thief of a body client", ...body, thief: { device: false, graceHits: false } },
    findings: ["turns t"],
  },
  {
    scenario: {
      name: "a thief of a body client with keys that misses answers",
      ...body,
      keys: true,
      missedAnswers: "any",
      thief: { device: false, graceHits: false },
    },
    findings: ["turns t"],
  },
  {
    // The lost write may be the very one that marked a late repeat, or the mark of the next one.
    scenario: {
      name: "a thief with the device cookie, and a lost write",
      ...browser,
      lostWrites: 1,
      thief: { device: true, graceHits: false },
    },
    findings: [
      ...THREE_TURNS,
      "turns toto",
      "turns totot",
      "turns tototo",
      "turns tototot",
      ...["L", "l", "LL", "Ll", "lL", "ll", "LlL", "Lll"].map((pattern) => `crossings ${pattern}`),
    ],
    large: true,
  },
];

/** Where grace windows may be met; the patterns are for the test to judge. One step of time is enough to leave them. */
const inTheGrace: Omit<Scenario, "name"> = { ...browser, timeSteps: [15] };
export const thievesInTheGrace: readonly Scenario[] = [
  { ...inTheGrace, name: "a thief in the grace, without the device cookie", thief: { device: false, graceHits: true } },
  { ...inTheGrace, name: "a thief in the grace, with the device cookie", thief: { device: true, graceHits: true } },
];
