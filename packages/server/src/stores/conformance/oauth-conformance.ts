import { describe, expect, test } from "vitest";
import type { AuthorizationCode } from "../../oauth/oauth-store.ts";
import { systemRandom } from "../../random.ts";
import { event, HASH, newSession, newUser, NOW, sessionRevocation, versionChange } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

const MINUTE = 60_000;
const LONG_AGO = { createdAt: 0, rotatedAt: 0, idleSeconds: 1, expiresAt: 1000 };

export function oauthConformance(subject: Subject): void {
  async function someone(): Promise<string> {
    const user = newUser();
    await subject.store.users.create(user, event("signup", { userId: user.id }));
    return user.id;
  }

  async function signedIn(userId: string): Promise<string> {
    const session = newSession(userId);
    await subject.store.sessions.create(session, HASH, event("login", { userId }));
    return session.id;
  }

  function codeFor(userId: string, more: Partial<AuthorizationCode> = {}): AuthorizationCode {
    const random = () => Buffer.from(systemRandom.bytes(32)).toString("base64url");
    return {
      hash: random(),
      clientId: systemRandom.uuid(),
      userId,
      signOnId: systemRandom.uuid(),
      sessionId: systemRandom.uuid(),
      jti: random(),
      redirectUri: "https://app.example/callback?a=b",
      codeChallenge: random(),
      scopes: ["openid", "orders:read"],
      resources: ["https://api.example", "https://other.example/v1"],
      nonce: null,
      proofKey: null,
      createdAt: NOW,
      expiresAt: NOW + MINUTE,
      redeemedAt: null,
      ...more,
    };
  }

  describe("authorization codes", () => {
    test("come back as they were kept, and go with their user", async () => {
      const { oauth, users } = subject.store;
      const userId = await someone();
      const [one, other] = [codeFor(userId, { nonce: "n-“0” 🎈", proofKey: "a thumbprint" }), codeFor(userId, { scopes: [], resources: [] })];
      for (const code of [one, other]) await oauth.codes.keep(code);
      expect(await oauth.codes.find(one.hash)).toEqual({ ...one, replayedAt: null });
      expect(await oauth.codes.find(other.hash)).toEqual({ ...other, replayedAt: null });
      expect(await oauth.codes.find("nothing")).toBeNull();
      await users.delete(userId, versionChange("revoked", userId));
      expect(await oauth.codes.find(one.hash)).toBeNull();
    });

    test("that come at once are kept with what goes along, and one whose user is gone fails alone", async () => {
      const { oauth, audit } = subject.store;
      const userId = await someone();
      const [codes, stray] = [Array.from({ length: 8 }, () => codeFor(userId)), codeFor("nobody")];
      const keep = (code: AuthorizationCode): Promise<void> => {
        const { signOnId, clientId } = code;
        const signOn = { signOnId, clientId, userId: code.userId, expiresAt: NOW + MINUTE };
        return oauth.codes.keep(code, { signOn, audit: event("authorized", { userId: code.userId, sessionId: signOnId }) });
      };
      const kept = await Promise.allSettled([...codes, stray].map(keep));
      expect(kept.map(({ status }) => status)).toEqual([...codes.map(() => "fulfilled"), "rejected"]);
      for (const code of codes) expect(await oauth.codes.find(code.hash)).toMatchObject({ hash: code.hash });
      expect(await oauth.codes.find(stray.hash)).toBeNull();
      expect(await audit.list({ types: ["authorized"], userId })).toHaveLength(codes.length);
      expect(await audit.list({ types: ["authorized"], userId: "nobody" })).toEqual([]);
      const noted = await Promise.all([...codes, stray].map(({ signOnId }) => oauth.signOns.markEnded({ sessionId: signOnId }, NOW)));
      expect(noted).toEqual([...codes.map(() => 1), 0]);
      for (const notice of await oauth.signOns.takeDue(NOW, 1, codes.length)) await oauth.signOns.settle(notice, null);
    });

    test("are redeemed once, however many try at once, and keep when they were first replayed", async () => {
      const { oauth } = subject.store;
      const code = codeFor(await someone());
      await oauth.codes.keep(code);
      const alone = codeFor(code.userId);
      await oauth.codes.keep(alone);
      expect(await oauth.codes.redeem(alone.hash, NOW + 1)).toBe(true);
      expect(await oauth.codes.find(alone.hash)).toEqual({ ...alone, redeemedAt: NOW + 1, replayedAt: null });
      expect(await oauth.codes.redeem(alone.hash, NOW + 2)).toBe(false);
      for (const at of [NOW + 2, NOW + 3]) await oauth.codes.noteReplay(alone.hash, at);
      await oauth.codes.noteReplay("nothing", NOW);
      expect(await oauth.codes.find(alone.hash)).toEqual({ ...alone, redeemedAt: NOW + 1, replayedAt: NOW + 2 });
      const tries = await Promise.all(Array.from({ length: 100 }, () => oauth.codes.redeem(code.hash, NOW + 1)));
      expect(tries.filter(Boolean)).toHaveLength(1);
      expect(await oauth.codes.find(code.hash)).toEqual({ ...code, redeemedAt: NOW + 1, replayedAt: null });
      expect(await oauth.codes.redeem("nothing", NOW)).toBe(false);
    });

    test("that were redeemed tell which tokens a client has of a user, or of all, until those have expired", async () => {
      const { oauth } = subject.store;
      const [userId, other, clientId] = [await someone(), await someone(), systemRandom.uuid()];
      const [redeemed, waiting, old, ofOther] = [
        codeFor(userId, { clientId, redeemedAt: NOW }),
        codeFor(userId, { clientId }),
        codeFor(userId, { clientId, redeemedAt: 1, expiresAt: 2 * MINUTE }),
        codeFor(other, { clientId, redeemedAt: NOW }),
      ];
      for (const code of [redeemed, waiting, old, ofOther, codeFor(userId, { redeemedAt: NOW })]) await oauth.codes.keep(code);
      const tokenOf = ({ jti, userId: whose, signOnId }: AuthorizationCode) => ({ jti, userId: whose, signOnId });
      expect(await oauth.codes.tokensOf({ clientId, userId }, 3 * MINUTE)).toEqual([tokenOf(redeemed)]);
      const all = await oauth.codes.tokensOf({ clientId }, 3 * MINUTE);
      expect(all).toHaveLength(2);
      expect(all).toEqual(expect.arrayContaining([tokenOf(redeemed), tokenOf(ofOther)]));
    });

    test("that wait to be redeemed go with a consent that is withdrawn; of those that were, a replay is found out still", async () => {
      const { oauth } = subject.store;
      const userId = await someone();
      const [waiting, redeemed, ofAnother] = [
        codeFor(userId, { clientId: "app" }),
        codeFor(userId, { clientId: "app", redeemedAt: NOW }),
        codeFor(userId, { clientId: "other" }),
      ];
      for (const code of [waiting, redeemed, ofAnother]) await oauth.codes.keep(code);
      expect(await oauth.consents.withdraw(userId, "app", event("consent_withdrawn", { userId }))).toBe(false);
      expect(await oauth.codes.find(waiting.hash)).toBeNull();
      expect(await oauth.codes.find(redeemed.hash)).toEqual({ ...redeemed, replayedAt: null });
      expect(await oauth.codes.find(ofAnother.hash)).toEqual({ ...ofAnother, replayedAt: null });
    });

    test("are dropped some time after they expired, with what else is over", async () => {
      const { oauth } = subject.store;
      const userId = await someone();
      const [old, young] = [codeFor(userId, { expiresAt: 1000 }), codeFor(userId, { expiresAt: NOW })];
      for (const code of [old, young]) await oauth.codes.keep(code);
      const grant = { sessionId: systemRandom.uuid(), signOnId: systemRandom.uuid(), clientId: "app", expiresAt: 1000 };
      await oauth.signOns.keepGrant(grant);
      while ((await oauth.dropExpired(2000, 1)) === 1);
      expect(await oauth.codes.find(old.hash)).toBeNull();
      expect(await oauth.codes.find(young.hash)).toEqual({ ...young, replayedAt: null });
      expect(await oauth.signOns.findGrant(grant.sessionId)).toBeNull();
    });
  });

  describe("consents", () => {
    test("add up by client, are listed, and are withdrawn as a whole", async () => {
      const { oauth, audit } = subject.store;
      const [userId, stranger] = [await someone(), await someone()];
      const { consents } = oauth;
      expect(await consents.find(userId, "app")).toEqual([]);
      await consents.allow(userId, "app", ["profile", "openid"], NOW, event("consent_given", { userId }));
      await consents.allow(userId, "app", ["openid", "email"], NOW + 1, event("consent_given", { userId }));
      await consents.allow(userId, "other", ["openid"], NOW, event("consent_given", { userId }));
      expect(await consents.find(userId, "app")).toEqual(["email", "openid", "profile"]);
      expect(await consents.find(stranger, "app")).toEqual([]);
      expect(await consents.list(userId)).toEqual([
        { clientId: "app", scopes: ["email", "openid", "profile"], at: NOW + 1 },
        { clientId: "other", scopes: ["openid"], at: NOW },
      ]);
      expect(await consents.withdraw(userId, "app", event("consent_withdrawn", { userId }))).toBe(true);
      expect(await consents.find(userId, "app")).toEqual([]);
      const [last] = await audit.list({ limit: 1 });
      expect(await consents.withdraw(userId, "app", event("consent_withdrawn", { userId }))).toBe(false);
      expect(await audit.list({ limit: 1 })).toEqual([last]);
      expect(last?.type).toBe("consent_withdrawn");
    });
  });

  describe("sign-ons", () => {
    const expiresAt = NOW + 30 * 86_400_000;

    test("make a notice due once, when their session has ended in whichever way", async () => {
      const { oauth, sessions, users } = subject.store;
      const { signOns } = oauth;
      const userId = await someone();
      const [ended, goesOn, all] = [await signedIn(userId), await signedIn(userId), await signedIn(await someone())];
      const gone = await someone();
      const withUser = await signedIn(gone);
      for (const [signOnId, owner] of [[ended, userId], [goesOn, userId], [withUser, gone]] as const) {
        for (const clientId of ["a", "b"]) await signOns.note({ signOnId, clientId, userId: owner, expiresAt });
      }
      await signOns.note({ signOnId: ended, clientId: "a", userId, expiresAt });
      await signOns.note({ signOnId: all, clientId: "a", userId: "whose", expiresAt });
      expect(await signOns.markEnded("all", NOW)).toBe(0);

      const revocation = { at: NOW, reason: "logout", entry: sessionRevocation(ended), audit: event("logout", { userId }) } as const;
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
      const userId = await someone();
      const [first, second, third] = [await signedIn(userId), await signedIn(userId), await signedIn(userId)];
      for (const clientId of ["a", "b"]) await signOns.note({ signOnId: first, clientId, userId, expiresAt });
      const end = (id: string, renewedBy?: string) => {
        const renewal = renewedBy === undefined ? {} : { renewedBy: { id: renewedBy, expiresAt } };
        return sessions.revoke(id, { at: NOW, reason: "renewed", entry: sessionRevocation(id), audit: event("session_revoked", { userId }), ...renewal });
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
      const userId = await someone();
      const [expired, ended] = [newSession(userId, LONG_AGO), newSession(userId, LONG_AGO)];
      for (const session of [expired, ended]) {
        await sessions.create(session, HASH, event("login", { userId }));
        await signOns.note({ signOnId: session.id, clientId: "a", userId, expiresAt });
      }
      await sessions.revoke(ended.id, { at: 1000, reason: "logout", entry: sessionRevocation(ended.id), audit: event("logout", { userId }) });
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
      const own = [newSession(await someone(), { clientId, scope: "openid" }), newSession(await someone(), { clientId, scope: "openid" })];
      for (const session of own) await sessions.create(session, HASH, event("login", { userId: session.userId }));
      await signedIn(await someone());
      const found = await oauth.signOns.sessionsOf(clientId, 10);
      expect(found).toHaveLength(2);
      expect(found).toEqual(expect.arrayContaining(own.map(({ id, userId }) => ({ id, userId }))));
      expect(await oauth.signOns.sessionsOf(clientId, 1)).toHaveLength(1);
      const [first] = own;
      if (first === undefined) throw new Error("There were two.");
      const revocation = { at: NOW, reason: "client_deleted", entry: sessionRevocation(first.id), audit: event("session_revoked") } as const;
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

  test("a value that is good for one use is used by one of many", async () => {
    const { once } = subject.store.oauth;
    const value = systemRandom.uuid();
    const tries = await Promise.all(Array.from({ length: 20 }, () => once.use(value, NOW)));
    expect(tries.filter(Boolean)).toHaveLength(1);
  });

  test("values that were used are dropped once they have expired, and others stay used", async () => {
    const { once } = subject.store.oauth;
    const young = systemRandom.uuid();
    for (const value of ["old", "older"]) await once.use(value, 1000);
    await once.use(young, NOW);
    expect(await once.dropExpired(2000, 1)).toBe(1);
    while ((await once.dropExpired(2000, 1)) === 1);
    expect(await once.use("old", 1000)).toBe(true);
    expect(await once.use(young, NOW)).toBe(false);
  });
}
