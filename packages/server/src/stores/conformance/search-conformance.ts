import { describe, expect, test } from "vitest";
import { systemRandom } from "../../random.ts";
import { DISABLED_TERM, roleTerm, searchTerms, wordsOf } from "../../users/search-terms.ts";
import { NOW, event, newUser, versionChange } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

export function searchConformance(subject: Subject): void {
  describe("the search for users", () => {
    const search = async (words: readonly string[], exactly: readonly string[] = [], limit = 3) => {
      const ids: string[] = [];
      for (let after: { userId: string; term: string; along: string } | null = null; ; ) {
        const found = await subject.store.users.search({ words, exactly, after, limit });
        ids.push(...found.map(({ user }) => user.id));
        const last = found.at(-1);
        if (last === undefined) return ids;
        after = { userId: last.user.id, term: last.term, along: last.along };
      }
    };

    test("finds each user once, by the beginnings of all words, whatever is changed", async () => {
      const { users } = subject.store;
      const word = `w${systemRandom.uuid().slice(0, 8)}`;
      const role = `role-${word}`;
      const all = Array.from({ length: 8 }, (_, i) =>
        newUser({ email: `${word}.${word}@${word}.example`.replace(".", `${i}.`), name: `Żółć ${word.toUpperCase()}` }),
      );
      for (const user of all) await users.create(user, event("user_created", { userId: user.id }));
      const ids = all.map(({ id }) => id);
      expect((await search([word])).toSorted()).toEqual(ids.toSorted());
      expect((await search(wordsOf(`ŻÓŁĆ ${word}`))).toSorted()).toEqual(ids.toSorted());
      expect(await search([word, "nobody"])).toEqual([]);
      const [one = newUser()] = all;
      await users.rename(one.id, "somebody else", event("profile_updated"));
      expect(await search(["somebody", word])).toEqual([one.id]);
      expect(await search([`żółć`, `${word}0`])).toEqual([]);
      await users.setRoles(one.id, [role], versionChange("stale", one.id));
      expect(await search([], [roleTerm(role)])).toEqual([one.id]);
      await users.disable(one.id, NOW, versionChange("revoked", one.id));
      expect(await search([word], [DISABLED_TERM])).toEqual([one.id]);
      await users.enable(one.id, event("user_enabled"));
      expect(await search([word], [DISABLED_TERM])).toEqual([]);
      await users.delete(one.id, versionChange("revoked", one.id));
      expect((await search([word])).toSorted()).toEqual(ids.slice(1).toSorted());
    });

    test("finds those who came in bulk, and not those who were there already under another id", async () => {
      const { users } = subject.store;
      const name = `b${systemRandom.uuid().slice(0, 8)}`;
      const [one, other] = [newUser({ name }), newUser({ name })];
      await users.create(one, event("user_created"));
      const again = { ...newUser({ name: `${name}-again` }), email: one.email };
      const bulk = [again, other].map((user) => ({ user, audit: event("user_created", { userId: user.id }) }));
      expect([...(await users.createAll(bulk))]).toEqual([other.id]);
      expect((await search([name])).toSorted()).toEqual([one.id, other.id].toSorted());
      expect(await search([`${name}-again`])).toEqual([]);
    });

    test("takes a name that is like a role, or a pattern, for what it is", async () => {
      const { users } = subject.store;
      const user = newUser({ name: "100% role admin _\\" });
      await users.create(user, event("user_created", { userId: user.id }));
      expect(searchTerms(user)).not.toContain(roleTerm("admin"));
      expect(await search([], [roleTerm("admin")])).not.toContain(user.id);
      expect(await search(["100%"])).toContain(user.id);
      expect(await search(["%"])).not.toContain(user.id);
    });

    test("counts up to a bound", async () => {
      const { users, sessions } = subject.store;
      expect(await users.count(1)).toBe(1);
      expect(await sessions.countLive(NOW + 366 * 86_400_000, 5)).toBe(0);
    });
  });
}
