import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { systemRandom } from "../../random.ts";
import { event, HASH, NOW, newSession, newUser, sessionRevocation, versionChange } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

export function logConformance(subject: Subject): void {
  describe("the revocation log", () => {
    test("numbers entries upwards and gives them back in order", async () => {
      const { users, revocations } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const made = [];
      for (let i = 0; i < 3; i++) made.push((await users.raiseTokenVersion(user.id, versionChange("stale", user.id)))?.entry);
      const first = made[0]?.seq ?? 0;
      expect(await revocations.entriesAfter(first - 1, 2)).toEqual(made.slice(0, 2));
      expect(await revocations.entriesAfter(first, 10)).toEqual(made.slice(1));
    });

    test("a reader that follows it while many write misses nothing", async () => {
      const { users, sessions, revocations } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const all = Array.from({ length: 40 }, () => newSession(user.id));
      for (const session of all) await sessions.create(session, HASH, event("login"));

      const seen: string[] = [];
      let after = 0;
      const writers = { busy: true };
      const reader = (async () => {
        for (let more = true; more; ) {
          // Where the database is in this process, nothing else would let the writers have their turn.
          await turn();
          // Asked before the reading: what is committed while the last reading is under way is read by another.
          const busy = writers.busy;
          const entries = await revocations.entriesAfter(after, 5);
          more = busy || entries.length > 0;
          for (const { seq, value } of entries) {
            expect(seq).toBeGreaterThan(after);
            after = seq;
            seen.push(value);
          }
        }
      })();
      const reason = "logout" as const;
      const waiting = [...all];
      // Each waits for the log's lock and for the disk: of more at once, a busy machine would refuse some.
      const writer = async (): Promise<void> => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
          await sessions.revoke(next.id, { at: NOW, reason, entry: sessionRevocation(next.id), audit: event("logout") });
        }
      };
      await Promise.all([writer(), writer(), writer(), writer()]);
      writers.busy = false;
      await reader;
      const mine = new Set(all.map(({ id }) => id));
      expect(seen.filter((value) => mine.has(value))).toHaveLength(40);
    });

    test("keeps an entry as long as the longest token about, also after the lifetime was lowered", async () => {
      const { users, revocations } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const now = NOW / 1000;
      await revocations.recordTokenLifetime(3600, now);
      await revocations.recordTokenLifetime(60, now);
      const result = await users.raiseTokenVersion(user.id, versionChange("stale", user.id));
      expect(result?.entry.expiresAt).toBeGreaterThanOrEqual(now + 3600);
      expect(result?.entry.expiresAt).toBeLessThanOrEqual(now + 3600 + 600);
    });

    test("takes single tokens, which have no row of their own, with their audit", async () => {
      const { revocations, audit } = subject.store;
      const draft = { kind: "token", value: systemRandom.uuid(), effect: "revoked", reason: "test", at: NOW } as const;
      const entry = await revocations.append(draft, event("token_revoked", { sessionId: draft.value }));
      expect(entry).toMatchObject({ kind: "token", value: draft.value, effect: "revoked", reason: "test" });
      expect(entry).not.toHaveProperty("version");
      expect(await revocations.entriesAfter(entry.seq - 1, 10)).toEqual([entry]);
      expect(await audit.list({ sessionId: draft.value })).toMatchObject([{ type: "token_revoked" }]);
    });

    test("drops what is over, in batches, and never gives a number twice", async () => {
      const { users, revocations } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const last = await users.raiseTokenVersion(user.id, versionChange("stale", user.id));
      const far = NOW / 1000 + 10_000_000;
      expect(await revocations.dropExpired(NOW / 1000 - 10_000_000, 100)).toBe(0);
      while ((await revocations.dropExpired(far, 7)) === 7);
      // All but the newest: readers would take an empty log for one that has lost what they have seen.
      expect(await revocations.entriesAfter(0, 10)).toEqual([last?.entry]);
      const next = await users.raiseTokenVersion(user.id, versionChange("stale", user.id));
      expect(next?.entry.seq).toBeGreaterThan(last?.entry.seq ?? Infinity);
    });
  });
}
