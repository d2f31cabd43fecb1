import { describe, expect, test } from "vitest";
import { systemRandom } from "../../random.ts";
import { event } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

export function eventCountConformance(subject: Subject): void {
  describe("the number of a session's events", () => {
    test("is that of those between two of them, whatever others do meanwhile", async () => {
      const { audit } = subject.store;
      const [sessionId, other] = [systemRandom.uuid(), systemRandom.uuid()];
      for (let i = 0; i < 4; i++) {
        await audit.append(event("refresh", { sessionId }));
        await audit.append(event("refresh", { sessionId: other }));
      }
      const ids = (await audit.list({ sessionId, after: 0 })).map(({ id }) => id);
      const [first = 0, , , last = 0] = ids;
      expect(await audit.countOfSession(sessionId, { after: first, before: last, atMost: 10 })).toBe(2);
      expect(await audit.countOfSession(sessionId, { after: 0, before: last, atMost: 2 })).toBe(2);
      expect(await audit.countOfSession(sessionId, { after: last, before: first, atMost: 10 })).toBe(0);
      expect(await audit.countOfSession("nobody's", { after: 0, before: last, atMost: 10 })).toBe(0);
    });
  });
}
