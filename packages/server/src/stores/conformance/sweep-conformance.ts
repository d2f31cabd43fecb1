import { setImmediate as turn } from "node:timers/promises";
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

      // In order of happening: each rotation is asked for while the sweep pauses, and the sweep goes on at once.
      const happened: string[] = [];
      const rotations: Promise<unknown>[] = [];
      await sweep(subject.store, NOW, async () => {
        happened.push("batch");
        const asked = sessions.rotate(live.id, presenting(rotations.length, NOW));
        rotations.push(asked.then(() => happened.push("rotation")));
        await turn();
      });
      const duringSweep = happened.filter((what) => what === "rotation").length;
      await Promise.all(rotations);
      expect(happened.filter((what) => what === "batch").length).toBeGreaterThanOrEqual(4);
      expect(duringSweep).toBeGreaterThanOrEqual(2);
      const kept = (await sessions.listKept(user.id)).map(({ id }) => id);
      expect(kept.toSorted()).toEqual([recent.id, live.id].toSorted());
      expect(await sessions.find(live.id)).toMatchObject({ generation: rotations.length });
    });
  });
}
