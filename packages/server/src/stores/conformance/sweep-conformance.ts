import { describe, expect, test } from "vitest";
import { sweep } from "../../sweeper.ts";
import { event, HASH, NOW, newSession, newUser, presenting } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

const DAY = 86_400_000;

export function sweepConformance(subject: Subject): void {
  describe("a sweep", () => {
    test("takes what ended more than a week ago and nothing else, and lets rotations in after each batch", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const endingAt = (endedAt: number) => newSession(user.id, { rotatedAt: endedAt - 1000, expiresAt: endedAt });
      const over = Array.from({ length: 450 }, () => endingAt(NOW - 8 * DAY));
      const recent = endingAt(NOW - 6 * DAY);
      const live = newSession(user.id);
      for (const session of [...over, recent, live]) await sessions.create(session, HASH, event("login"));

      // A sweep that held anything while it pauses would wait for ever: for a rotation that waits for it.
      let rotations = 0;
      await sweep(subject.store, NOW, 400 * 86_400, async () => {
        await sessions.rotate(live.id, presenting(rotations, NOW));
        rotations++;
      });
      expect(rotations).toBeGreaterThanOrEqual(4);
      const kept = (await sessions.listKept(user.id)).map(({ id }) => id);
      expect(kept.toSorted()).toEqual([recent.id, live.id].toSorted());
      expect(await sessions.find(live.id)).toMatchObject({ generation: rotations });
    });
  });
}
