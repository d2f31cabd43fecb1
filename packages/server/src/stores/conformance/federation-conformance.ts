import { describe, expect, test } from "vitest";
import type { Identity, Transaction } from "../../federation/federation-store.ts";
import { systemRandom } from "../../random.ts";
import { NO_PASSWORD } from "../../users/no-password.ts";
import { event, newUser, NOW, versionChange } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

const ISSUER = "https://id.example";
const MINUTE = 60_000;

export function federationConformance(subject: Subject): void {
  const identityOf = (userId: string, more: Partial<Identity> = {}): Identity => ({
    issuer: ISSUER,
    subject: systemRandom.uuid(),
    userId,
    label: "ada@example.com “Zoë”",
    linkedAt: NOW,
    ...more,
  });
  const linked = (userId: string) => event("identity_linked", { userId });
  const unlinked = (userId: string) => ({ ...versionChange("stale", userId), audit: event("identity_unlinked", { userId }) });
  const keepSessionId = null;

  /** Somebody who has nothing but these. */
  async function withIdentities(count: number, passwordHash = NO_PASSWORD): Promise<Identity[]> {
    const user = newUser({ passwordHash });
    const [first, ...others] = Array.from({ length: count }, (_, i) => identityOf(user.id, { linkedAt: NOW + i }));
    if (first === undefined) throw new Error("At least one.");
    await subject.store.federation.createUser(user, first, event("user_created"));
    for (const other of others) await subject.store.federation.link(other, linked(user.id));
    return [first, ...others];
  }

  describe("identities of other issuers", () => {
    test("come with a new user in one transaction, are found by issuer and subject, and go with the user", async () => {
      const { federation, users, audit } = subject.store;
      const user = newUser({ passwordHash: NO_PASSWORD, emailVerified: true });
      const identity = identityOf(user.id);
      expect(await federation.createUser(user, identity, event("user_created", { userId: user.id }))).toBe("created");
      expect(await users.find(user.id)).toEqual(user);
      expect(
        (await users.search({ words: [user.email], exactly: [], after: null, limit: 2 })).map((found) => found.user),
      ).toEqual([user]);
      expect(await federation.find(ISSUER, identity.subject)).toEqual(identity);
      expect(await federation.find("https://other.example", identity.subject)).toBeNull();
      expect(await audit.list({ userId: user.id })).toHaveLength(1);
      await users.delete(user.id, versionChange("revoked", user.id));
      expect(await federation.find(ISSUER, identity.subject)).toBeNull();
    });

    test("are one user's, however many come with one at once, and nothing stays of the others", async () => {
      const { federation, users } = subject.store;
      const rivals = Array.from({ length: 6 }, () => newUser({ passwordHash: NO_PASSWORD }));
      const contended = identityOf("").subject;
      const outcomes = await Promise.all(
        rivals.map((user) => federation.createUser(user, identityOf(user.id, { subject: contended }), event("user_created"))),
      );
      expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === "identity_taken")).toHaveLength(5);
      const owner = rivals[outcomes.indexOf("created")]?.id;
      expect((await federation.find(ISSUER, contended))?.userId).toBe(owner);
      for (const { id } of rivals) expect(await users.find(id)).toEqual(id === owner ? expect.anything() : null);
    });

    test("bring nobody a second account with the same e-mail, and make none", async () => {
      const { federation, users } = subject.store;
      const there = newUser();
      await users.create(there, event("user_created"));
      const identity = identityOf("new");
      const rival = newUser({ id: "new", email: there.email.toUpperCase(), passwordHash: NO_PASSWORD });
      expect(await federation.createUser(rival, identity, event("user_created"))).toBe("email_taken");
      expect(await federation.find(ISSUER, identity.subject)).toBeNull();
    });

    test("are linked once, and told of in the audit once", async () => {
      const { federation, audit } = subject.store;
      const [one] = await withIdentities(1);
      const [other] = await withIdentities(1);
      if (one === undefined || other === undefined) throw new Error("There are two.");
      const more = identityOf(one.userId, { linkedAt: NOW + 1 });
      const results = await Promise.all([
        federation.link(more, linked(one.userId)),
        federation.link({ ...more, userId: other.userId }, linked(other.userId)),
      ]);
      expect(results.filter(Boolean)).toHaveLength(1);
      const owner = results[0] ? one : other;
      expect((await federation.listOf(owner.userId)).map((each) => each.subject)).toEqual([owner.subject, more.subject]);
      const events = [...(await audit.list({ userId: one.userId })), ...(await audit.list({ userId: other.userId }))];
      expect(events.filter(({ type }) => type === "identity_linked")).toHaveLength(1);
    });

    test("the last way in is not taken away, also if all are at once", async () => {
      const { federation } = subject.store;
      const all = await withIdentities(3);
      const configured = [ISSUER];
      const outcomes = await Promise.all(
        all.map((one) => federation.unlink({ ...one, configured, keepSessionId }, unlinked(one.userId))),
      );
      expect(outcomes.map((one) => (typeof one === "string" ? one : one.entry.effect)).toSorted()).toEqual([
        "last",
        "stale",
        "stale",
      ]);
      expect(await federation.listOf(all[0]?.userId ?? "")).toHaveLength(1);
    });

    test("of which none lets in any more, because its issuer is not configured, are no way in; a password is one", async () => {
      const { federation } = subject.store;
      const [one, two] = await withIdentities(2);
      if (one === undefined || two === undefined) throw new Error("There are two.");
      expect(await federation.unlink({ ...one, configured: [], keepSessionId }, unlinked(one.userId))).toBe("last");
      expect(await federation.unlink({ ...one, userId: "nobody", configured: [ISSUER], keepSessionId }, unlinked("nobody"))).toBe(
        "none",
      );
      const [alone] = await withIdentities(1, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA");
      if (alone === undefined) throw new Error("There is one.");
      expect(
        await federation.unlink({ ...alone, userId: two.userId, configured: [ISSUER], keepSessionId }, unlinked(two.userId)),
      ).toBe("none");
      expect(await federation.unlink({ ...alone, configured: [ISSUER], keepSessionId }, unlinked(alone.userId))).toMatchObject({
        entry: { kind: "subject", value: alone.userId, version: 2 },
      });
      const [only] = await withIdentities(1);
      if (only === undefined) throw new Error("There is one.");
      // Whoever administers it may take the last one, too.
      expect(await federation.unlink({ ...only, configured: null, keepSessionId }, unlinked(only.userId))).toMatchObject({
        user: { id: only.userId },
      });
      expect(await federation.listOf(only.userId)).toEqual([]);
    });
  });

  describe("sign-ins under way at other issuers", () => {
    const transaction = (more: Partial<Transaction> = {}): Transaction => ({
      hash: systemRandom.uuid(),
      browserHash: "browser",
      provider: "google",
      purpose: "sign_in",
      detail: { returnTo: "https://app.example/?a=“b”", n: 1, none: null },
      expiresAt: NOW + MINUTE,
      ...more,
    });

    test("are taken by one caller, however many there are at once", async () => {
      const { federation } = subject.store;
      const begun = transaction();
      await federation.begin(begun);
      const key = { ...begun, now: NOW };
      expect(await federation.look(key)).toEqual(begun);
      const taken = await Promise.all(Array.from({ length: 10 }, () => federation.take(key)));
      expect(taken.filter((one) => one !== null)).toEqual([begun]);
      expect(await federation.look(key)).toBeNull();
    });

    test("are nothing to another browser or provider, nor when they are over, and stay as they are", async () => {
      const { federation } = subject.store;
      const begun = transaction();
      await federation.begin(begun);
      const wrong = [{ browserHash: "other" }, { provider: "github" }, { hash: "other" }, { now: NOW + MINUTE }];
      for (const one of wrong) {
        expect(await federation.look({ ...begun, now: NOW, ...one })).toBeNull();
        expect(await federation.take({ ...begun, now: NOW, ...one })).toBeNull();
      }
      expect(await federation.take({ ...begun, now: NOW })).toEqual(begun);
    });

    test("are dropped when they are over, a few at a time", async () => {
      const { federation } = subject.store;
      const over = Array.from({ length: 5 }, () => transaction({ expiresAt: 1000 }));
      const live = transaction();
      for (const one of [...over, live]) await federation.begin(one);
      expect(await federation.dropExpired(NOW, 3)).toBe(3);
      expect(await federation.dropExpired(NOW, 3)).toBe(2);
      expect(await federation.look({ ...live, now: NOW })).toEqual(live);
    });
  });
}
