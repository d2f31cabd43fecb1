import { describe, expect, test } from "vitest";
import type { AuditQuery, RecordedEvent } from "../../audit/audit-store.ts";
import { systemRandom } from "../../random.ts";
import { NOW, event } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

export function auditConformance(subject: Subject): void {
  describe("the audit", () => {
    test("is read page by page, newest or oldest first, of one user or one session", async () => {
      const { audit } = subject.store;
      const [userId, sessionId, other] = [systemRandom.uuid(), systemRandom.uuid(), systemRandom.uuid()];
      for (let i = 0; i < 5; i++) {
        await audit.append(event("refresh", { userId, sessionId }));
        await audit.append(event("login", { userId, sessionId: other }));
      }
      const [ofUser, ofSession] = [await audit.list({ userId }), await audit.list({ sessionId })];
      expect(ofUser).toHaveLength(10);
      expect(ofSession.map(({ type }) => type)).toEqual(Array.from({ length: 5 }, () => "refresh"));
      expect(ofUser.map(({ id }) => id)).toEqual(ofUser.map(({ id }) => id).toSorted((a, b) => b - a));

      const newestFirst = await pages((last) => audit.list({ sessionId, limit: 2, ...(last && { before: last.id }) }));
      expect(newestFirst).toEqual(ofSession);
      const oldestFirst = await pages((last) => audit.list({ sessionId, limit: 2, after: last?.id ?? 0 }));
      expect(oldestFirst).toEqual(ofSession.toReversed());
      const [newest, , oldest] = ofSession;
      const between: AuditQuery = { sessionId, after: oldest?.id ?? 0, before: newest?.id ?? 0 };
      expect(await audit.list(between)).toEqual([ofSession[1]]);
    });

    test("is read by type and by time, and counted, also where numbers are missing", async () => {
      const { audit } = subject.store;
      const userId = systemRandom.uuid();
      // Later than whatever other tests have left.
      const start = NOW + 3650 * 86_400_000;
      for (let i = 0; i < 12; i++) {
        await audit.append({ ...event(i % 3 === 0 ? "login" : "refresh", { userId }), at: start + i * 1000 });
      }
      const times = async (query: AuditQuery) => (await audit.list({ userId, ...query })).map(({ at }) => (at - start) / 1000);
      expect(await times({ types: ["login"] })).toEqual([9, 6, 3, 0]);
      expect(await times({ types: ["login"], limit: 2 })).toEqual([9, 6]);
      expect(await times({ types: ["login", "refresh", "login"], limit: 5 })).toEqual([11, 10, 9, 8, 7]);
      expect(await times({ types: ["login", "refresh"], after: 0, limit: 4 })).toEqual([0, 1, 2, 3]);
      expect(await times({ since: start + 2000, until: start + 5000 })).toEqual([4, 3, 2]);
      expect(await times({ since: start + 2001, until: start + 5001 })).toEqual([5, 4, 3]);
      expect(await times({ until: start })).toEqual([]);
      expect(await times({ since: start + 11_001 })).toEqual([]);
      const count = async (...seconds: number[]) => {
        const counts = await audit.count(
          ["login", "refresh", "theft" as "login"],
          seconds.map((second) => start + second * 1000),
        );
        return counts.map((one) => Object.fromEntries(one));
      };
      expect(await count(0, 12)).toEqual([{ login: 4, refresh: 8 }]);
      expect(await count(0.001, 3, 4, 12, 99)).toEqual([{ refresh: 2 }, { login: 1 }, { login: 2, refresh: 6 }, {}]);
      expect(await count(12)).toEqual([]);
    });

    test("is read by address, forwards and backwards, and says where to go on", async () => {
      const { audit } = subject.store;
      const [mine, other] = [`ip-${systemRandom.uuid()}`, `ip-${systemRandom.uuid()}`];
      for (let i = 0; i < 9; i++) {
        await audit.append({ ...event(i % 2 === 0 ? "login" : "refresh"), ip: i % 3 === 0 ? other : mine, detail: { i } });
      }
      const read = async (query: object, by: "before" | "after", start?: number) => {
        const all: unknown[] = [];
        for (let cursor = start; ; ) {
          const { events, next } = await audit.listFrom({
            ip: mine,
            limit: 2,
            ...query,
            ...(cursor === undefined ? {} : { [by]: cursor }),
          });
          all.push(...events.map(({ detail }) => detail["i"]));
          if (next === null) return all;
          cursor = next;
        }
      };
      expect(await read({}, "before")).toEqual([8, 7, 5, 4, 2, 1]);
      expect(await read({}, "after", 0)).toEqual([1, 2, 4, 5, 7, 8]);
      expect(await read({ types: ["login"] }, "before")).toEqual([8, 4, 2]);
      expect(await read({ ip: "nobody's" }, "before")).toEqual([]);
    });

    test("drops what is older, and nothing else", async () => {
      const { audit } = subject.store;
      const userId = systemRandom.uuid();
      const [year, now] = [365 * 86_400_000, Date.parse("2026-01-01T00:00:00Z")];
      for (const at of [now - year, now - year, now]) await audit.append({ ...event("login", { userId }), at });
      // Among so many of the first, these are.
      expect(await audit.dropOlder(now - year + 1, 100_000)).toBe(2);
      expect((await audit.list({ userId })).map(({ at }) => at)).toEqual([now]);
      expect(await audit.dropOlder(now - year + 1, 100_000)).toBe(0);
    });
  });
}

/** All that `next` gives until it gives nothing. */
async function pages(next: (last: RecordedEvent | undefined) => Promise<RecordedEvent[]>): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for (;;) {
    const page = await next(all.at(-1));
    if (page.length === 0) return all;
    all.push(...page);
  }
}
