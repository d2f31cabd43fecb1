import { describe, expect, test } from "vitest";
import type { StoredKey } from "../../keys/key-store.ts";
import { NOW } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

export function keyConformance(subject: Subject): void {
  function candidate(id: string, algorithm: string): StoredKey {
    const sealed = new Uint8Array([0, 255, 39, 0]);
    return { id, purpose: "access", algorithm, state: "active", sealed, createdAt: NOW };
  }

  describe("keys", () => {
    test("of several that are made at once, one is active for everyone", async () => {
      const { keys } = subject.store;
      const ids = Array.from({ length: 8 }, (_, i) => `ring-${i}`);
      const active = await Promise.all(ids.map((id) => keys.ensureActive(candidate(id, "ES256"))));
      expect(new Set(active.map(({ id }) => id)).size).toBe(1);
      const stored = (await keys.list()).filter(({ purpose }) => purpose === "access");
      expect(stored).toHaveLength(1);
      expect([...(stored[0]?.sealed ?? [])]).toEqual([0, 255, 39, 0]);
    });

    test("an algorithm that changes retires the key before", async () => {
      const { keys } = subject.store;
      await keys.ensureActive(candidate("other", "RS256"));
      const states = (await keys.list()).map(({ algorithm, state }) => `${algorithm} ${state}`);
      expect(states.toSorted()).toEqual(["ES256 retiring", "RS256 active"]);
    });
  });
}
