import { describe, expect, test } from "vitest";
import { event, HASH, NOW, newSession, newUser, presenting, versionChange } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

export function userConformance(subject: Subject): void {
  describe("users", () => {
    test("come back as they were stored, by id and by e-mail identity", async () => {
      const { users } = subject.store;
      const user = newUser({ email: "Zoë@Example.com", name: "Zoë 🎈", roles: ["user", "a \"b\""], emailVerified: true });
      expect(await users.create(user, event("user_created", { userId: user.id }))).toEqual(user);
      expect(await users.find(user.id)).toEqual(user);
      expect(await users.findByEmail("zoë@example.com")).toEqual(user);
      expect(await users.find("nobody")).toBeNull();
      expect(await users.findByEmail("nobody@example.com")).toBeNull();
    });

    test("an e-mail identity belongs to one user, also when many ask at once", async () => {
      const { users, audit } = subject.store;
      const rivals = Array.from({ length: 10 }, (_, i) =>
        newUser({ email: i % 2 === 0 ? "one@example.com" : "ONE@example.com" }),
      );
      const made = await Promise.all(rivals.map((user) => users.create(user, event("user_created", { userId: user.id }))));
      expect(made.filter(Boolean)).toHaveLength(1);
      const events = await Promise.all(rivals.map(({ id }) => audit.list({ userId: id })));
      expect(events.flat()).toHaveLength(1);
    });

    test("many come at once, and whoever is there already stays as they are", async () => {
      const { users, audit } = subject.store;
      const there = newUser({ name: "as before" });
      await users.create(there, event("user_created"));
      const [one, two] = [newUser(), newUser()];
      const rows = [one, { ...newUser(), email: there.email.toUpperCase() }, two, newUser({ id: there.id })];
      const created = await users.createAll(rows.map((user) => ({ user, audit: event("user_created", { userId: user.id }) })));
      expect(created).toEqual(new Set([one.id, two.id]));
      expect(await users.find(two.id)).toEqual(two);
      expect(await users.find(there.id)).toEqual(there);
      expect([await audit.list({ userId: one.id }), await audit.list({ userId: there.id })].map(({ length }) => length)).toEqual([
        1, 0,
      ]);
    });

    test("somebody of another table is made once, however many bring them, and is brought up to date", async () => {
      const { users, audit } = subject.store;
      const user = newUser({ email: "Adopted@example.com" });
      const audits = { made: event("user_created", { userId: user.id }), updated: event("profile_updated", { userId: user.id }) };
      const all = await Promise.all([1, 2, 3].map(() => users.adopt(user, audits)));
      expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
      expect(await users.findByEmail("adopted@example.com")).toEqual(user);
      const changed = { ...user, email: "adopted@example.org", emailVerified: true, name: "Ada" };
      // What is not of the profile stays.
      expect(await users.adopt({ ...changed, passwordHash: "other", roles: [], tokenVersion: 7 }, audits)).toEqual({
        user: changed,
        isNew: false,
      });
      expect(
        (await users.search({ words: ["adopted@example.org"], exactly: [], after: null, limit: 2 })).map((one) => one.user),
      ).toEqual([changed]);
      const types = (await audit.list({ userId: user.id })).map(({ type }) => type);
      expect(types).toEqual(["profile_updated", "profile_updated", "profile_updated", "user_created"]);
    });

    test("an e-mail goes from one of another table to the next, also in a circle", async () => {
      const { users } = subject.store;
      const [one, two] = [newUser(), newUser()];
      const audits = { made: event("user_created"), updated: event("profile_updated") };
      for (const user of [one, two]) await users.adopt(user, audits);
      await users.adopt({ ...one, email: two.email }, audits);
      expect((await users.findByEmail(two.email))?.id).toBe(one.id);
      await users.adopt({ ...two, email: one.email }, audits);
      expect([(await users.findByEmail(one.email))?.id, (await users.findByEmail(two.email))?.id]).toEqual([two.id, one.id]);
    });

    test("an e-mail has one of another table, however many are given it or exchange theirs at once", async () => {
      const { users } = subject.store;
      const audits = { made: event("user_created"), updated: event("profile_updated") };
      const [one, two, ...others] = Array.from({ length: 6 }, () => newUser());
      if (one === undefined || two === undefined) throw new Error("There are six.");
      await Promise.all([one, two].map((user) => users.adopt(user, audits)));
      for (let round = 0; round < 10; round++) {
        const [first, second] = round % 2 === 0 ? [two.email, one.email] : [one.email, two.email];
        await Promise.all([users.adopt({ ...one, email: first }, audits), users.adopt({ ...two, email: second }, audits)]);
      }
      const contended = newUser().email;
      await Promise.all([one, two, ...others].map((user) => users.adopt({ ...user, email: contended }, audits)));
      expect([one, two, ...others].map(({ id }) => id)).toContain((await users.findByEmail(contended))?.id);
    });

    test("a hash is replaced once, by whoever verified it, and nothing else changes", async () => {
      const { users } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const upgrade = (hash: string) =>
        users.upgradeHash(user.id, HASH, hash, event("password_hash_upgraded", { userId: user.id }));
      const done = await Promise.all([upgrade("first"), upgrade("second")]);
      expect(done.filter(Boolean)).toHaveLength(1);
      expect(await users.find(user.id)).toEqual({ ...user, passwordHash: done[0] ? "first" : "second" });
    });

    test("are listed page by page, in the order of their ids", async () => {
      const { users } = subject.store;
      for (let i = 0; i < 5; i++) await users.create(newUser(), event("user_created"));
      const all = await users.list({ limit: 1000 });
      const pages = [];
      for (let after: string | undefined; ; ) {
        const page = await users.list({ limit: 2, ...(after === undefined ? {} : { after }) });
        if (page.length === 0) break;
        pages.push(...page);
        after = page.at(-1)?.id;
      }
      expect(pages).toEqual(all);
      expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted());
    });

    test("a password is changed only by whoever knew the last one", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const [kept, other] = [newSession(user.id), newSession(user.id)];
      for (const session of [kept, other]) await sessions.create(session, HASH, event("login"));

      const change = (newHash: string) =>
        users.changePassword({
          userId: user.id,
          verifiedHash: HASH,
          newHash,
          keepSessionId: kept.id,
          at: NOW,
          ...versionChange("stale", user.id),
        });
      const changed = await Promise.all([change("first"), change("second")]);
      const winner = changed.find((result) => result !== null);
      expect(changed.filter((result) => result !== null)).toHaveLength(1);
      expect(winner?.user.tokenVersion).toBe(2);
      expect(winner?.entry).toMatchObject({ kind: "subject", value: user.id, version: 2, effect: "stale" });
      expect(await sessions.find(kept.id)).toMatchObject({ revokedAt: null });
      expect(await sessions.find(other.id)).toMatchObject({ revokedAt: NOW, revokedReason: "password_changed" });
    });

    test("roles and disabling raise the token version, once for each change", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const session = newSession(user.id);
      await sessions.create(session, HASH, event("login"));

      const changes = Array.from({ length: 5 }, () => users.setRoles(user.id, ["admin"], versionChange("stale", user.id)));
      const versions = (await Promise.all(changes)).map((result) => result?.user.tokenVersion);
      expect(versions.toSorted((a = 0, b = 0) => a - b)).toEqual([2, 3, 4, 5, 6]);
      expect(await sessions.find(session.id)).toMatchObject({ revokedAt: null });

      const disabled = await users.disable(user.id, NOW, versionChange("revoked", user.id));
      expect(disabled?.user).toMatchObject({ tokenVersion: 7, disabledAt: NOW, roles: ["admin"] });
      expect(await sessions.find(session.id)).toMatchObject({ revokedReason: "user_disabled" });
      expect(await users.setRoles("nobody", [], versionChange("stale", "nobody"))).toBeNull();
      expect(await users.disable("nobody", NOW, versionChange("revoked", "nobody"))).toBeNull();
    });

    test("who was disabled can be enabled again; what was ended stays ended", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const before = newSession(user.id);
      await sessions.create(before, HASH, event("login"));
      await users.disable(user.id, NOW, versionChange("revoked", user.id));
      expect(await users.enable(user.id, event("user_enabled"))).toEqual({ ...user, tokenVersion: 2 });
      expect(await sessions.find(before.id)).toMatchObject({ revokedReason: "user_disabled" });
      expect(await sessions.create(newSession(user.id), HASH, event("login"))).toMatchObject({ id: user.id });
      expect(await users.enable("nobody", event("user_enabled"))).toBeNull();
    });

    test("who is deleted is gone with all sessions, and the log says so of every token", async () => {
      const { users, sessions, audit } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created", { userId: user.id }));
      const session = newSession(user.id);
      await sessions.create(session, HASH, event("login"));
      const deleted = await users.delete(user.id, versionChange("revoked", user.id));
      expect(deleted).toMatchObject({
        user: { id: user.id, tokenVersion: 2 },
        entry: { kind: "subject", value: user.id, version: 2, effect: "revoked" },
      });
      expect(await users.find(user.id)).toBeNull();
      expect(await users.findByEmail(user.email)).toBeNull();
      expect(await sessions.find(session.id)).toBeNull();
      expect(await sessions.rotate(session.id, presenting(0, NOW))).toBeNull();
      expect(await sessions.create(newSession(user.id), HASH, event("login"))).toBeNull();
      expect(await audit.list({ userId: user.id })).toHaveLength(2);
      expect(await users.delete(user.id, versionChange("revoked", user.id))).toBeNull();
      expect(await users.create(newUser({ email: user.email }), event("user_created"))).not.toBeNull();
    });

    test("a change for nobody leaves nothing behind", async () => {
      const before = await subject.store.audit.list({ limit: 1 });
      await subject.store.users.raiseTokenVersion("nobody", versionChange("stale", "nobody"));
      await subject.store.sessions.revokeAll("nobody", NOW, "logout_all", versionChange("revoked", "nobody"));
      expect(await subject.store.audit.list({ limit: 1 })).toEqual(before);
    });
  });
}
