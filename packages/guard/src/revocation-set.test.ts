import type { RevocationEntry } from "@ostiary/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRevocationSet } from "./revocation-set.ts";

const NOW = 1_800_000_000;
const token = { jti: "j1", kid: "k1", sid: "s1", sub: "u1", ver: 3 };

function entry(fields: Partial<RevocationEntry> & Pick<RevocationEntry, "kind" | "value">): RevocationEntry {
  return { seq: 1, effect: "revoked", expiresAt: NOW + 900, reason: "logout", ...fields };
}

function setAt(seconds = NOW) {
  const time = { seconds };
  return { time, set: createRevocationSet({ clock: () => time.seconds * 1000 }) };
}

test.each([
  [{ kind: "key", value: "k1" }, "token_revoked"],
  [{ kind: "token", value: "j1" }, "token_revoked"],
  [{ kind: "session", value: "s1" }, "session_revoked"],
  [{ kind: "subject", value: "u1", version: 4 }, "token_revoked"],
  [{ kind: "subject", value: "u1", version: 4, effect: "stale" }, "token_stale"],
  [{ kind: "key", value: "k1", effect: "stale" }, "token_stale"],
  [{ kind: "subject", value: "u1" }, "token_revoked"],
  [{ kind: "subject", value: "u1", version: 3 }, undefined],
  [{ kind: "subject", value: "u2", version: 9 }, undefined],
  [{ kind: "session", value: "j1" }, undefined],
  [{ kind: "session", value: "__proto__" }, undefined],
] as const)("%j gives %s", (fields, reason) => {
  const { set } = setAt();
  expect(set.check(token)).toBeUndefined();
  set.apply(entry(fields));
  expect(set.check(token)).toBe(reason);
});

test("the token's own revocation is named before its session's, and the session's before the user's", () => {
  const { set } = setAt();
  set.apply(entry({ kind: "subject", value: "u1", version: 9, effect: "stale" }));
  expect(set.check(token)).toBe("token_stale");
  set.apply(entry({ kind: "subject", value: "u1", version: 4 }));
  expect(set.check(token)).toBe("token_revoked");
  set.apply(entry({ kind: "session", value: "s1" }));
  expect(set.check(token)).toBe("session_revoked");
  set.apply(entry({ kind: "token", value: "j1" }));
  expect(set.check(token)).toBe("token_revoked");
});

test("a higher version is not forgotten for a lower one, nor revoked for stale", () => {
  const { set } = setAt();
  set.apply(entry({ kind: "subject", value: "u1", version: 5 }));
  set.apply(entry({ kind: "subject", value: "u1", version: 2, expiresAt: NOW + 1 }));
  set.apply(entry({ kind: "subject", value: "u1", version: 7, effect: "stale" }));
  expect(set.check({ ...token, ver: 4 })).toBe("token_revoked");
  expect(set.check({ ...token, ver: 6 })).toBe("token_stale");
  expect(set.check({ ...token, ver: 7 })).toBeUndefined();
});

const anyEntry: fc.Arbitrary<RevocationEntry> = fc.record({
  seq: fc.nat(),
  kind: fc.constantFrom("session", "subject", "token", "key"),
  value: fc.constantFrom("a", "b"),
  version: fc.integer({ min: 1, max: 5 }),
  effect: fc.constantFrom("revoked", "stale"),
  expiresAt: fc.integer({ min: NOW, max: NOW + 900 }),
  reason: fc.constant("logout"),
});

const id = fc.constantFrom("a", "b", "c");
const anyToken = fc.record({ jti: id, kid: id, sid: id, sub: id, ver: fc.integer({ min: 1, max: 6 }) });

test("repeated and reordered entries leave the same verdicts", () => {
  const entries = fc.array(anyEntry, { maxLength: 12 }).chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 })),
  );
  fc.assert(
    fc.property(entries, fc.array(anyToken), ([inOrder, shuffled], tokens) => {
      const [first, second] = [setAt().set, setAt().set];
      for (const each of inOrder) first.apply(each);
      for (const each of shuffled) second.apply(each);
      expect(tokens.map((each) => second.check(each))).toEqual(tokens.map((each) => first.check(each)));
    }),
  );
});

test("nothing that was refused is accepted again while its token could live, whatever comes after", () => {
  fc.assert(
    fc.property(anyToken, fc.array(anyEntry, { maxLength: 20 }), (presented, entries) => {
      const { set } = setAt();
      let refused = false;
      for (const each of entries) {
        set.apply(each);
        const verdict = set.check(presented);
        if (refused) expect(verdict).toBeDefined();
        refused = verdict !== undefined;
      }
    }),
  );
});

test("a clock that ran two minutes ahead and is set back revives nothing", () => {
  const { set, time } = setAt();
  set.apply(entry({ kind: "session", value: "s1", expiresAt: NOW + 60 }));
  time.seconds = NOW + 60 + 120;
  set.sweep();
  time.seconds = NOW;
  expect(set.check(token)).toBe("session_revoked");
});

test("an entry that comes late with an earlier time shortens nothing", () => {
  const { set, time } = setAt();
  for (const expiresAt of [NOW + 900, NOW + 1]) {
    set.apply(entry({ kind: "session", value: "s1", expiresAt }));
    set.apply(entry({ kind: "subject", value: "u1", version: 9, expiresAt }));
  }
  time.seconds += 900;
  set.sweep();
  expect(set.size).toBe(2);
  time.seconds += 301;
  set.sweep();
  expect(set.size).toBe(0);
});

test("the set forgets by itself and stays bounded under endless revocations", () => {
  const { set, time } = setAt();
  set.apply(entry({ kind: "session", value: "outlier", expiresAt: NOW + 1_000_000 }));
  let largest = 0;
  for (let i = 0; i < 100_000; i++) {
    if (i % 10 === 0) time.seconds++;
    set.apply(entry({ kind: i % 2 === 0 ? "session" : "token", value: `v${i}`, expiresAt: time.seconds + 900 }));
    largest = Math.max(largest, set.size);
  }
  // Ten a second for 1,200 seconds are 12,000; the sweep may lag behind by a third of that.
  expect(largest).toBeLessThan(17_000);
  time.seconds += 1_201;
  const left = set.size;
  set.sweep(1_000);
  expect(set.size).toBeGreaterThanOrEqual(left - 1_000);
  set.sweep();
  expect(set.size).toBe(1);
});
