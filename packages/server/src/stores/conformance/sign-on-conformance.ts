import { describe, expect, test } from "vitest";
import { systemRandom } from "../../random.ts";
import { event, HASH, newSession, NOW, sessionRevocation, versionChange } from "./fixtures.ts";
import { signedIn, someone } from "./people.ts";
import type { Subject } from "./subject.ts";

const MINUTE = 60_000;
const LONG_AGO = { createdAt: 0, rotatedAt: 0, idleSeconds: 1, expiresAt: 1000 };

export function signOnConformance(subject: Subject): void {
  describe("sign-ons", () => {
    const expiresAt = NOW + 30 * 86_400_000;

    test("make a notice due once, when their session has ended in whichever way", async () => {
      const { oauth, sessions, users } = subject.store;
      const { signOns } = oauth;
      const userId = await someone(subject);
      const [ended, goesOn, all] = [
        await signedIn(subject, userId),
        await signedIn(subject, userId),
        await signedIn(subject, await someone(subject)),
      ];
      const gone = await someone(subject);
      const withUser = await signedIn(subject, gone);
      for (const [signOnId, owner] of [[ended, userId], [goesOn, userId], [withUser, gone]] as const) {
        for (const clientId of ["a", "b"]) await signOns.note({ signOnId, clientId, userId: owner, expiresAt });
      }
      await signOns.note({ signOnId: ended, clientId: "a", userId, expiresAt });
      await signOns.note({ signOnId: all, clientId: "a", userId: "whose", expiresAt });
      expect(await signOns.markEnded("all", NOW)).toBe(0);

      const revocation = {
        at: NOW,
        reason: "logout",
        entry: sessionRevocation(ended),
        audit: event("logout", { userId }),
      } as const;
      await sessions.revoke(ended, revocation);
      expect(await signOns.markEnded({ sessionId: goesOn }, NOW)).toBe(0);
      expect(await signOns.markEnded({ sessionId: ended }, NOW)).toBe(2);
      expect(await signOns.markEnded({ sessionId: ended }, NOW)).toBe(0);
      await users.delete(gone, versionChange("revoked", gone));
      expect(await signOns.markEnded({ userId: gone }, NOW + 1)).toBe(2);

      const due = await signOns.takeDue(NOW + 1, MINUTE, 10);
      expect(due.map(({ signOnId, clientId, tries }) => [signOnId, clientId, tries])).toEqual(
        expect.arrayContaining([[ended, "a", 0], [ended, "b", 0], [withUser, "a", 0], [withUser, "b", 0]]),
      );
      expect(due).toHaveLength(4);
      expect(due[0]).toMatchObject({ signOnId: ended, userId, tries: 0, endedAt: NOW });
      expect(await signOns.takeDue(NOW + MINUTE, MINUTE, 10)).toEqual([]);

      const [first, second, ...rest] = due;
      if (first === undefined || second === undefined) throw new Error("Two were due.");
      await signOns.settle(first, null);
      await signOns.settle(second, NOW + 5 * MINUTE);
      const later = await signOns.takeDue(NOW + 3 * MINUTE, MINUTE, 10);
      expect(later).toHaveLength(rest.length);
      expect(later[0]?.tries).toBe(1);
      for (const notice of later) await signOns.settle(notice, null);
      expect(await signOns.takeDue(NOW + 5 * MINUTE, MINUTE, 10)).toEqual([{ ...second, tries: 1 }]);
    });

    test("go on with the session that takes the place of theirs, by the name that their clients know", async () => {
      const { oauth, sessions } = subject.store;
      const { signOns } = oauth;
      const userId = await someone(subject);
      const [first, second, third] = [
        await signedIn(subject, userId),
        await signedIn(subject, userId),
        await signedIn(subject, userId),
      ];
      for (const clientId of ["a", "b"]) await signOns.note({ signOnId: first, clientId, userId, expiresAt });
      const end = (id: string, renewedBy?: string) => {
        const renewal = renewedBy === undefined ? {} : { renewedBy: { id: renewedBy, expiresAt } };
        return sessions.revoke(id, {
          at: NOW,
          reason: "renewed",
          entry: sessionRevocation(id),
          audit: event("session_revoked", { userId }),
          ...renewal,
        });
      };
      await end(first, second);
      await signOns.note({ signOnId: second, clientId: "a", userId, expiresAt });
      await end(second, third);
      expect(await signOns.markEnded({ userId }, NOW)).toBe(0);
      expect(await signOns.sessionOf(first, "b")).toBe(third);
      expect(await signOns.sessionOf(third, "b")).toBeNull();
      await end(third);
      expect(await signOns.markEnded({ sessionId: third }, NOW + 30 * MINUTE)).toBe(3);
      const due = await signOns.takeDue(NOW + 30 * MINUTE, MINUTE, 100);
      const own = due.filter((notice) => notice.userId === userId).map(({ signOnId, clientId }) => `${signOnId} ${clientId}`);
      expect(own.toSorted()).toEqual([`${first} a`, `${first} b`, `${second} a`].toSorted());
      for (const notice of due) await signOns.settle(notice, null);
    });

    test("of a session that merely expired are dropped with it, and their clients told nothing", async () => {
      const { oauth, sessions } = subject.store;
      const { signOns } = oauth;
      const userId = await someone(subject);
      const [expired, ended] = [newSession(userId, LONG_AGO), newSession(userId, LONG_AGO)];
      for (const session of [expired, ended]) {
        await sessions.create(session, HASH, event("login", { userId }));
        await signOns.note({ signOnId: session.id, clientId: "a", userId, expiresAt });
      }
      await sessions.revoke(ended.id, {
        at: 1000,
        reason: "logout",
        entry: sessionRevocation(ended.id),
        audit: event("logout", { userId }),
      });
      while ((await sessions.dropEnded(LONG_AGO.expiresAt + 2 * 3_600_000, 1)) === 1);
      expect(await sessions.find(expired.id)).toBeNull();
      expect(await signOns.sessionOf(expired.id, "a")).toBeNull();
      expect(await signOns.markEnded({ userId }, NOW)).toBe(1);
      expect(await signOns.sessionOf(ended.id, "a")).toBe(ended.id);
    });

    test("leave out clients that are not to be told now", async () => {
      const { signOns } = subject.store.oauth;
      const signOnId = systemRandom.uuid();
      for (const clientId of ["hanging", "well"]) await signOns.note({ signOnId, clientId, userId: "gone", expiresAt });
      await signOns.markEnded({ sessionId: signOnId }, NOW + 20 * MINUTE);
      const taken = async (except: string[]) => {
        const notices = await signOns.takeDue(NOW + 20 * MINUTE, MINUTE, 100, except);
        return notices.filter((notice) => notice.signOnId === signOnId).map(({ clientId }) => clientId);
      };
      expect(await taken(["hanging", "another"])).toEqual(["well"]);
      expect(await taken([])).toEqual(["hanging"]);
    });

    test("one notice is taken by one of many", async () => {
      const { signOns } = subject.store.oauth;
      const signOnId = systemRandom.uuid();
      await signOns.note({ signOnId, clientId: "a", userId: "gone", expiresAt });
      expect(await signOns.markEnded({ sessionId: signOnId }, NOW + 10 * MINUTE)).toBe(1);
      const taken = await Promise.all(Array.from({ length: 10 }, () => signOns.takeDue(NOW + 10 * MINUTE, MINUTE, 10)));
      expect(taken.flat().filter((notice) => notice.signOnId === signOnId)).toHaveLength(1);
    });

    test("the sessions of a client are found, of all users, until they are ended", async () => {
      const { oauth, sessions } = subject.store;
      const clientId = systemRandom.uuid();
      const own = [
        newSession(await someone(subject), { clientId, scope: "openid" }),
        newSession(await someone(subject), { clientId, scope: "openid" }),
      ];
      for (const session of own) await sessions.create(session, HASH, event("login", { userId: session.userId }));
      await signedIn(subject, await someone(subject));
      const found = await oauth.signOns.sessionsOf(clientId, 10);
      expect(found).toHaveLength(2);
      expect(found).toEqual(expect.arrayContaining(own.map(({ id, userId }) => ({ id, userId }))));
      expect(await oauth.signOns.sessionsOf(clientId, 1)).toHaveLength(1);
      const [first] = own;
      if (first === undefined) throw new Error("There were two.");
      const revocation = {
        at: NOW,
        reason: "client_deleted",
        entry: sessionRevocation(first.id),
        audit: event("session_revoked"),
      } as const;
      await sessions.revoke(first.id, revocation);
      expect(await oauth.signOns.sessionsOf(clientId, 10)).toEqual([{ id: own[1]?.id, userId: own[1]?.userId }]);
    });

    test("the grant of a session says which sign-on it came from", async () => {
      const { signOns } = subject.store.oauth;
      const grant = { sessionId: systemRandom.uuid(), signOnId: systemRandom.uuid(), clientId: "app", expiresAt };
      await signOns.keepGrant(grant);
      expect(await signOns.findGrant(grant.sessionId)).toEqual(grant);
      expect(await signOns.findGrant("nothing")).toBeNull();
    });
  });
}
