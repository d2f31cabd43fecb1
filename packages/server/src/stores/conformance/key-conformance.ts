import { describe, expect, test } from "vitest";
import { auditEvent, LOCAL_ORIGIN } from "../../audit/audit-event.ts";
import type { KeyRing, RingChange, StoredKey } from "../../keys/key-store.ts";
import { NOW } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

export function keyConformance(subject: Subject): void {
  function newKey(id: string, more: Partial<StoredKey> = {}): StoredKey {
    return {
      id,
      purpose: "access",
      algorithm: "ES256",
      origin: "generated",
      state: "upcoming",
      sealed: new Uint8Array([0, 255, 39, 0]),
      tokenSeconds: 900,
      createdAt: NOW,
      activatesAt: null,
      activatedAt: null,
      retiredAt: null,
      goneAt: null,
      compromised: false,
      ...more,
    };
  }

  function changeOf(ring: KeyRing, keys: StoredKey[], more: Partial<RingChange> = {}): RingChange {
    return { revision: ring.revision, secretId: "secret", keys, revocations: [], audit: [], ...more };
  }

  describe("the key ring", () => {
    test("gives back what was written, byte for byte and to the millisecond, oldest first", async () => {
      const { keys } = subject.store;
      const ring = await keys.read();
      expect(ring.keys).toEqual([]);
      const all = { activatesAt: NOW + 1, activatedAt: NOW + 2, retiredAt: NOW + 3, goneAt: NOW + 4, compromised: true };
      const [first, second] = [newKey("b"), newKey("a", { createdAt: NOW + 1, state: "gone", sealed: new Uint8Array(), ...all })];
      expect(await keys.write(changeOf(ring, [second, first]))).toEqual([]);
      const { keys: read, ...rest } = await keys.read();
      expect(rest).toEqual({ revision: ring.revision + 1, dataKey: null, secretId: "secret" });
      expect(read.map((key) => ({ ...key, sealed: [...key.sealed] }))).toEqual([
        { ...first, sealed: [0, 255, 39, 0] },
        { ...second, sealed: [] },
      ]);
      expect(await keys.revision()).toBe(ring.revision + 1);
    });

    test("of several changes made at once from one ring, one is written, whole", async () => {
      const { keys, audit, revocations } = subject.store;
      const ring = await keys.read();
      const change = (i: number): RingChange =>
        changeOf(ring, [newKey(`raced-${i}`, { createdAt: NOW + 10 + i })], {
          revocations: [{ kind: "key", value: `raced-${i}`, effect: "stale", reason: "test", at: NOW }],
          audit: [auditEvent("key_state_changed", NOW, LOCAL_ORIGIN, {}, { raced: i })],
        });
      const [last] = await audit.list({ limit: 1 });
      const written = await Promise.all(Array.from({ length: 8 }, (_, i) => keys.write(change(i))));
      const [entries, ...others] = written.filter((entry) => entry !== null);
      expect(others).toEqual([]);
      const after = await keys.read();
      const raced = after.keys.filter(({ id }) => id.startsWith("raced-"));
      expect(raced).toHaveLength(1);
      expect(after.revision).toBe(ring.revision + 1);
      expect(entries).toMatchObject([{ kind: "key", value: raced[0]?.id, effect: "stale" }]);
      expect(await revocations.entriesAfter((entries?.[0]?.seq ?? 0) - 1, 10)).toEqual(entries);
      expect(await audit.list({ after: last?.id ?? 0 })).toHaveLength(1);
    });

    test("a change from a ring of before is not written", async () => {
      const { keys } = subject.store;
      const ring = await keys.read();
      await keys.write(changeOf(ring, [newKey("b", { state: "active", activatedAt: NOW })]));
      expect(await keys.write(changeOf(ring, [newKey("b", { state: "gone" })]))).toBeNull();
      expect((await keys.read()).keys.find(({ id }) => id === "b")).toMatchObject({ state: "active" });
    });
  });
}
