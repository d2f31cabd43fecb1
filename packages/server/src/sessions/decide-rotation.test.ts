import { describe, expect, it } from "vitest";
import { decideRotation, repeatedLate, rotated } from "./decide-rotation.ts";
import type { Presented, RefusalReason, RotationDecision } from "./decide-rotation.ts";
import type { RevokedReason, Session } from "./session.ts";

const NOW = Date.UTC(2030, 0, 1, 12);
const GRACE = { graceSeconds: 10 };
const STRICT = { graceSeconds: 0 };
const CURRENT = 7;

const refuse = (reason: RefusalReason): RotationDecision => ({ outcome: "refuse", reason });
const THEFT: RotationDecision = { outcome: "theft" };
const ROTATE: RotationDecision = { outcome: "rotate" };
const REPEAT: RotationDecision = { outcome: "repeat", late: false };
const REPEAT_AND_RENEW: RotationDecision = { outcome: "repeat", late: true };

/** A session in its seventh generation, rotated an hour ago, when nobody was in a hurry. */
function session(changes: Partial<Session> = {}): Session {
  return {
    id: "session",
    userId: "user",
    clientId: "first-party",
    generation: CURRENT,
    secret: new Uint8Array(32),
    refreshKeyId: "old-key",
    retired: [{ generation: CURRENT - 1, at: NOW - 3_600_000 }],
    rotationKeyHash: "hash-of-its-key",
    lateGeneration: null,
    deviceHash: "device",
    createdAt: NOW - 86_400_000,
    rotatedAt: NOW - 3_600_000,
    expiresAt: NOW + 30 * 86_400_000,
    idleSeconds: 7 * 86_400,
    remember: false,
    authTime: NOW - 86_400_000,
    methods: ["pwd"],
    device: { label: "Chrome on macOS", ip: null, userAgent: null },
    scope: null,
    audience: null,
    proofKey: null,
    revokedAt: null,
    revokedReason: null,
    ...changes,
  };
}

/** The current token, by the cookie of the browser that signed in. */
function presented(changes: Partial<Presented> = {}): Presented {
  return {
    generation: CURRENT,
    genuine: true,
    expiresAt: NOW + 86_400_000,
    delivery: "cookie",
    knownDevice: true,
    idempotencyKeyHash: null,
    ...changes,
  };
}

const byBody = { delivery: "body", knownDevice: false } as const;
const previous = { generation: CURRENT - 1 };
const retired = (generation: number, millisecondsAgo: number) => [{ generation, at: NOW - millisecondsAgo }];
/** A row as a rotation leaves it, so long ago. */
const rotatedAgo = (milliseconds: number) => ({
  rotatedAt: NOW - milliseconds,
  retired: retired(CURRENT - 1, milliseconds),
});
const decide = (row: Partial<Session>, token: Partial<Presented>, policy = GRACE) =>
  decideRotation(session(row), presented(token), NOW, policy);

describe("decideRotation, row by row", () => {
  it("1: refuses a dead session's token, and says why", () => {
    const revoked = { revokedAt: NOW - 1 };
    expect(decide({ ...revoked, revokedReason: "logout" }, {})).toEqual(refuse("session_revoked"));
    expect(decide({ ...revoked, revokedReason: "refresh_token_reused" }, {})).toEqual(refuse("refresh_token_reused"));
    expect(decide({ expiresAt: NOW }, {})).toEqual(refuse("session_expired"));
    expect(decide({ idleSeconds: 3600 }, {})).toEqual(refuse("session_expired"));
    expect(decide({}, { genuine: false })).toEqual(refuse("signature_invalid"));
  });

  it("2: rotates a token newer than the row, for a store that lost the write", () => {
    expect(decide({}, { generation: CURRENT + 3 })).toEqual(ROTATE);
    expect(decide({ idleSeconds: 3600 }, { generation: CURRENT + 3 })).toEqual(ROTATE);
  });

  it("3: repeats a browser's current token while the grace of the one before it runs", () => {
    expect(decide(rotatedAgo(9_999), {})).toEqual(REPEAT);
    expect(decide(rotatedAgo(9_999), { knownDevice: false })).toEqual(REPEAT);
    expect(decide(rotatedAgo(10_000), {})).toEqual(REPEAT);
    expect(decide(rotatedAgo(10_001), {})).toEqual(ROTATE);
  });

  it("3: repeats it too while the grace of the one before runs anew, after a late repeat", () => {
    expect(decide({ retired: retired(CURRENT - 1, 10_000) }, {})).toEqual(REPEAT);
  });

  it("4: rotates the current token: always by body, and at once after login", () => {
    expect(decide({}, {})).toEqual(ROTATE);
    expect(decide(rotatedAgo(0), byBody)).toEqual(ROTATE);
    expect(decide({ generation: 0, rotatedAt: NOW, retired: [] }, { generation: 0 })).toEqual(ROTATE);
  });

  it("5: repeats the current token to whoever lost a race, however many generations behind, within the grace", () => {
    expect(decide({ retired: retired(CURRENT - 3, 10_000) }, { generation: CURRENT - 3 })).toEqual(REPEAT);
    expect(decide({ retired: retired(CURRENT - 3, 10_000) }, { generation: CURRENT - 3, ...byBody })).toEqual(REPEAT);
    expect(decide({ retired: retired(CURRENT - 3, 10_001) }, { generation: CURRENT - 3 })).toEqual(THEFT);
    expect(decide({ retired: retired(CURRENT - 1, 1) }, { ...previous, knownDevice: false })).toEqual(THEFT);
  });

  it("6: repeats to the caller of the last rotation, who knows its key, at any time", () => {
    expect(decide({}, { ...previous, ...byBody, idempotencyKeyHash: "hash-of-its-key" })).toEqual(REPEAT_AND_RENEW);
    expect(decide({}, { ...previous, ...byBody, idempotencyKeyHash: "hash-of-another-key" })).toEqual(THEFT);
    expect(decide({ rotationKeyHash: null }, { ...previous, ...byBody })).toEqual(THEFT);
    expect(decide({}, { generation: CURRENT - 2, ...byBody, idempotencyKeyHash: "hash-of-its-key" })).toEqual(THEFT);
  });

  it("7: forgives the browser that signed in one lost answer, not two in a row", () => {
    expect(decide({}, previous)).toEqual(REPEAT_AND_RENEW);
    expect(decide({ lateGeneration: CURRENT - 2 }, previous)).toEqual(REPEAT_AND_RENEW);
    expect(decide({ lateGeneration: CURRENT - 1 }, previous)).toEqual(THEFT);
    expect(decide({ lateGeneration: CURRENT }, previous)).toEqual(THEFT);
    expect(decide({}, { ...previous, knownDevice: false })).toEqual(THEFT);
    expect(decide({}, { ...previous, delivery: "body" })).toEqual(THEFT);
  });

  it("8: takes every other old token for stolen", () => {
    expect(decide({}, { generation: CURRENT - 2 })).toEqual(THEFT);
    expect(decide({}, { generation: 0 })).toEqual(THEFT);
  });

  it("grace 0: the second use of a token is theft at once", () => {
    const justNow = rotatedAgo(0);
    expect(decide(justNow, {}, STRICT)).toEqual(ROTATE);
    expect(decide(justNow, previous, STRICT)).toEqual(THEFT);
    expect(decide(justNow, { ...previous, ...byBody }, STRICT)).toEqual(THEFT);
    expect(decide(justNow, { ...previous, idempotencyKeyHash: "hash-of-its-key" }, STRICT)).toEqual(REPEAT_AND_RENEW);
    expect(decide(justNow, { generation: CURRENT + 1 }, STRICT)).toEqual(ROTATE);
  });
});

type Relation = "older" | "previous" | "current" | "newer";
/** One situation in words, from which both the arguments and the expected outcome are made. */
interface Situation {
  readonly relation: Relation;
  readonly firstGeneration: boolean;
  readonly genuine: boolean;
  readonly delivery: "cookie" | "body";
  readonly knownDevice: boolean;
  readonly key: "none" | "matching" | "other" | "none, none stored" | "some, none stored";
  readonly strict: boolean;
  /** Milliseconds since the birth of the current generation, and since the presented one was retired. */
  readonly age: number;
  readonly retiredAgo: number | null;
  readonly handedOutLate: Relation | null;
  readonly revoked: RevokedReason | null;
  /** Milliseconds left. */
  readonly idleLeft: number;
  readonly absoluteLeft: number;
  readonly tokenLeft: number;
}

/** DESIGN's table: the first row that applies decides. */
const TABLE: readonly (readonly [when: (s: Situation) => boolean, then: RotationDecision])[] = [
  [(s) => !s.genuine, refuse("signature_invalid")],
  [(s) => s.revoked === "refresh_token_reused", refuse("refresh_token_reused")],
  [(s) => s.revoked !== null, refuse("session_revoked")],
  [(s) => s.absoluteLeft <= 0, refuse("session_expired")],
  [(s) => s.relation === "newer" && s.tokenLeft <= 0, refuse("session_expired")],
  [(s) => s.relation !== "newer" && s.idleLeft <= 0, refuse("session_expired")],
  [(s) => s.relation === "newer", ROTATE],
  [(s) => s.relation === "current" && s.delivery === "cookie" && justBorn(s), REPEAT],
  [(s) => s.relation === "current", ROTATE],
  [(s) => s.relation === "previous" && s.key === "matching", REPEAT_AND_RENEW],
  [(s) => withinGrace(s) && s.delivery === "body", REPEAT],
  [(s) => withinGrace(s) && s.knownDevice, REPEAT],
  [(s) => s.relation === "previous" && s.delivery === "cookie" && s.knownDevice && notBefore(s), REPEAT_AND_RENEW],
  [() => true, THEFT],
];
const justBorn = (s: Situation) => !s.firstGeneration && s.age <= 10_000 && !s.strict;
const withinGrace = (s: Situation) => s.retiredAgo !== null && s.retiredAgo <= 10_000 && !s.strict;
const notBefore = (s: Situation) => s.handedOutLate !== "current" && s.handedOutLate !== "previous" && !s.strict;

const BOUNDS = [0, 9_999, 10_000, 10_001];
const REVOKED_REASONS: readonly RevokedReason[] = [
  "logout",
  "logout_all",
  "session_deleted",
  "password_changed",
  "user_disabled",
  "refresh_token_reused",
];
const everything: { readonly [K in keyof Situation]: readonly Situation[K][] } = {
  relation: ["older", "previous", "current", "newer"],
  firstGeneration: [true, false],
  genuine: [true, false],
  delivery: ["cookie", "body"],
  knownDevice: [true, false],
  key: ["none", "matching", "other", "none, none stored", "some, none stored"],
  strict: [true, false],
  age: BOUNDS,
  retiredAgo: [null, ...BOUNDS],
  handedOutLate: [null, "older", "previous", "current"],
  revoked: [null, ...REVOKED_REASONS],
  idleLeft: [1, 0, -1],
  absoluteLeft: [1, 0, -1],
  tokenLeft: [1, 0, -1],
};
const alive = { genuine: [true], revoked: [null], idleLeft: [1], absoluteLeft: [1], tokenLeft: [1] };
const fewTimes = {
  age: [0, 10_000],
  retiredAgo: [null, 0],
  handedOutLate: [null, "current"],
  key: ["none", "matching"],
} as const;

describe("decideRotation agrees with the table", () => {
  it("in every situation of a live session", () => {
    expectAgreement({ ...everything, ...alive }, 8_000);
  });

  it("in every way a session or a token can be dead, whatever else is the case", () => {
    expectAgreement({ ...everything, ...fewTimes }, 169_344);
  });
});

function expectAgreement(choices: typeof everything, howMany: number): void {
  const disagreements: unknown[] = [];
  let situations = 0;
  for (const situation of combinations(choices)) {
    if (!possible(situation)) continue;
    situations++;
    const expected = TABLE.find(([when]) => when(situation))?.[1];
    const policy = situation.strict ? STRICT : GRACE;
    const actual = decideRotation(rowIn(situation), tokenIn(situation), NOW, policy);
    if (!same(actual, expected)) disagreements.push({ situation, actual, expected });
  }
  expect(disagreements.slice(0, 3)).toEqual([]);
  expect(situations).toBe(howMany);
}

function possible(s: Situation): boolean {
  if (s.firstGeneration && (past(s) || s.handedOutLate !== null)) return false;
  return past(s) || s.retiredAgo === null;
}

function past(s: Situation): boolean {
  return s.relation === "older" || s.relation === "previous";
}

function rowIn(s: Situation): Session {
  const generation = s.firstGeneration ? 0 : CURRENT;
  const presentedRetired = s.retiredAgo === null ? [] : retired(generationIn(s, s.relation), s.retiredAgo);
  const predecessorRetired = s.firstGeneration ? [] : retired(CURRENT - 1, s.age);
  return session({
    generation,
    retired: past(s) ? presentedRetired : predecessorRetired,
    rotationKeyHash: s.key.endsWith("none stored") ? null : "hash-of-its-key",
    lateGeneration: s.handedOutLate === null ? null : generationIn(s, s.handedOutLate),
    rotatedAt: NOW - s.age,
    idleSeconds: (s.age + s.idleLeft) / 1000,
    expiresAt: NOW + s.absoluteLeft,
    revokedAt: s.revoked === null ? null : NOW - 1,
    revokedReason: s.revoked,
  });
}

function tokenIn(s: Situation): Presented {
  return presented({
    generation: generationIn(s, s.relation),
    genuine: s.genuine,
    expiresAt: NOW + s.tokenLeft,
    delivery: s.delivery,
    knownDevice: s.knownDevice,
    idempotencyKeyHash: keyHashIn(s),
  });
}

function keyHashIn({ key }: Situation): string | null {
  if (key === "matching") return "hash-of-its-key";
  return key.startsWith("none") ? null : "hash-of-another-key";
}

function generationIn(s: Situation, relation: Relation): number {
  return (s.firstGeneration ? 0 : CURRENT) + { older: -3, previous: -1, current: 0, newer: 4 }[relation];
}

function combinations(choices: typeof everything): Situation[] {
  let all: object[] = [{}];
  for (const [name, values] of Object.entries(choices)) {
    all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  }
  return all as Situation[];
}

function same(a: RotationDecision, b: RotationDecision | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

describe("rotated", () => {
  const rotate = (row: Partial<Session>, token: Partial<Presented> = {}) =>
    rotated(session(row), presented(token), NOW, GRACE, "new-key");

  it("moves on by one generation, born now, signed by the key given, and keeps the rest", () => {
    const before = session();
    const after = rotate({}, { idempotencyKeyHash: "next-hash" });
    expect(after).toEqual({
      ...before,
      generation: CURRENT + 1,
      refreshKeyId: "new-key",
      retired: [{ generation: CURRENT, at: NOW }],
      rotationKeyHash: "next-hash",
      rotatedAt: NOW,
    });
  });

  it("forgets the key of the rotation before", () => {
    expect(rotate({}).rotationKeyHash).toBeNull();
  });

  it("keeps the generations whose grace still runs, oldest first, and drops the others", () => {
    const times = [...retired(4, 10_001), ...retired(5, 10_000), ...retired(6, 1)];
    expect(rotate({ retired: times }).retired).toEqual([...times.slice(1), { generation: CURRENT, at: NOW }]);
  });

  it("goes on from a newer token, and retires the generations the store had lost along with it", () => {
    const after = rotate({ retired: [] }, { generation: CURRENT + 2 });
    expect(after.generation).toBe(CURRENT + 3);
    expect(after.retired).toEqual([CURRENT, CURRENT + 1, CURRENT + 2].map((generation) => ({ generation, at: NOW })));
  });

  it.each([31, 32, 33, 1_000_000])("remembers no more than 32 retirements, a gap of %d healed", (gap) => {
    const { retired: kept } = rotate({ retired: retired(CURRENT - 1, 0) }, { generation: CURRENT + gap });
    expect(kept).toHaveLength(32);
    expect(kept.at(0)?.generation).toBe(CURRENT + gap - 31);
    expect(kept.at(-1)).toEqual({ generation: CURRENT + gap, at: NOW });
  });

  it("remembers no more than 32 rotations within one grace: the newest", () => {
    let row = session({ generation: 0, retired: [] });
    for (let generation = 0; generation < 40; generation++) {
      row = rotated(row, presented({ generation }), NOW + generation, GRACE, "new-key");
    }
    expect(row.retired.map((entry) => entry.generation)).toEqual(Array.from({ length: 32 }, (_, i) => i + 8));
  });
});

describe("repeatedLate", () => {
  it("marks the generation handed out, and starts the grace of the presented one anew", () => {
    const times = [...retired(CURRENT - 1, 60_000), ...retired(CURRENT - 2, 20_000)];
    const before = session({ retired: times });
    expect(repeatedLate(before, presented(previous), NOW)).toEqual({
      ...before,
      lateGeneration: CURRENT,
      retired: [{ generation: CURRENT - 2, at: NOW - 20_000 }, { generation: CURRENT - 1, at: NOW }],
    });
  });

  it("marks nothing for the caller of the rotation, who knows its key", () => {
    const token = presented({ ...previous, idempotencyKeyHash: "hash-of-its-key" });
    const after = repeatedLate(session({ lateGeneration: CURRENT - 3 }), token, NOW);
    expect(after).toEqual(session({ lateGeneration: CURRENT - 3, retired: retired(CURRENT - 1, 0) }));
  });

  it("remembers no more than 32 retirements: the newest", () => {
    const times = Array.from({ length: 32 }, (_, i) => ({ generation: CURRENT - 40 + i, at: NOW }));
    const { retired: kept } = repeatedLate(session({ retired: times }), presented(previous), NOW);
    expect(kept).toHaveLength(32);
    expect(kept.at(-1)).toEqual({ generation: CURRENT - 1, at: NOW });
    expect(kept).not.toContainEqual(times[0]);
  });
});
