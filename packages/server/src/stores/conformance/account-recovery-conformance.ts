/** What taking an account back by mail leaves of whoever had it, and how it comes through against others. */
import { describe, expect, it } from "vitest";
import type { MailLink } from "../../mail/mail-link.ts";
import { systemRandom } from "../../random.ts";
import type { PendingRow } from "../../second-factors/second-factor-store.ts";
import type { EmailChange } from "../../users/user-store.ts";
import { event, HASH, newLink, newPasskey, newSession, newUser, NOW, versionChange } from "./fixtures.ts";
import { newUserWithLink, resetPassword } from "./people.ts";
import type { Subject } from "./subject.ts";

export function accountRecoveryConformance(subject: Subject): void {
  const pendingOf = (userId: string): PendingRow => ({
    hash: systemRandom.uuid(),
    kind: "sign_in",
    userId,
    browserHash: null,
    detail: {},
    challenge: null,
    tries: 0,
    expiresAt: NOW + 60_000,
  });

  async function additionTo(userId: string) {
    const pending = pendingOf(userId);
    await subject.store.secondFactors.begin(pending);
    return { pending: { ...pending, now: NOW }, recoveryHashes: ["a", "b"], audit: event("second_factor_added", { userId }) };
  }

  /** A passkey, an authenticator app and recovery codes, with a sign-in under way. */
  async function withFactors(userId: string, [passkeyAt, totpAt]: [number, number]) {
    const { secondFactors } = subject.store;
    const passkey = newPasskey(userId, { createdAt: passkeyAt });
    const totp = { userId, sealed: systemRandom.bytes(20), lastStep: 1, createdAt: totpAt };
    await secondFactors.addPasskey(passkey, await additionTo(userId));
    await secondFactors.keepTotp(totp, await additionTo(userId));
    const pending = pendingOf(userId);
    await secondFactors.begin(pending);
    return { passkey, totp, pending: { ...pending, now: NOW } };
  }

  const confirm = (userId: string, { hash }: MailLink, email: string): EmailChange => ({
    ...versionChange("stale", userId),
    link: { userId, hash, at: NOW },
    email,
    verifiedHash: HASH,
    takenBack: null,
  });
  const undo = (userId: string, link: MailLink, email: string): EmailChange => ({
    ...confirm(userId, link, email),
    verifiedHash: null,
    takenBack: { newHash: `${HASH}x`, since: link.createdAt, ousted: (id) => versionChange("revoked", id) },
  });
  describe("an account that is taken back by mail", () => {
    it("keeps its second factors, but with the first proof of its address no passkey stands alone any more; later resets leave them as they are", async () => {
      const { mail, secondFactors } = subject.store;
      const { user, link: first } = await newUserWithLink(subject);
      const reset = (link: MailLink, verifiedHash: string, newHash: string) =>
        resetPassword(subject, user.id, link, verifiedHash, newHash);
      const strangers = await withFactors(user.id, [NOW, NOW]);
      expect(await reset(first, HASH, `${HASH}1`)).not.toBeNull();
      const { passkey, totp, pending } = strangers;
      const barred = { totp, passkeys: [{ ...passkey, userVerified: false }], recoveryCodesLeft: 2 };
      expect([await secondFactors.of(user.id), await secondFactors.look(pending)]).toEqual([barred, null]);
      const own = newPasskey(user.id, { createdAt: NOW + 1 });
      await secondFactors.addPasskey(own, await additionTo(user.id));
      const second = newLink(user.id, { createdAt: NOW + 1 });
      await mail.keepLink(second, NOW);
      expect(await reset(second, `${HASH}1`, `${HASH}2`)).not.toBeNull();
      expect(await secondFactors.of(user.id)).toEqual({ ...barred, passkeys: [...barred.passkeys, own] });
    });

    it("loses the second factors that came with or after the change of its address, and none from before", async () => {
      const { users, secondFactors } = subject.store;
      const { user, link } = await newUserWithLink(subject, { purpose: "undo_email", slot: "undo_email 1" });
      const { passkey, pending } = await withFactors(user.id, [NOW - 1, NOW]);
      expect(await users.changeEmail(undo(user.id, link, `old-${user.email}`))).toMatchObject({ user: { id: user.id } });
      expect(await secondFactors.of(user.id)).toEqual({ totp: null, passkeys: [passkey], recoveryCodesLeft: 0 });
      expect(await secondFactors.look(pending)).toBeNull();
      const { user: other, link: way } = await newUserWithLink(subject, { purpose: "undo_email", slot: "undo_email 1" });
      const { passkey: mine, totp } = await withFactors(other.id, [NOW - 1, NOW - 1]);
      expect(await users.changeEmail(undo(other.id, way, `old-${other.email}`))).toMatchObject({ user: { id: other.id } });
      expect(await secondFactors.of(other.id)).toEqual({ totp, passkeys: [mine], recoveryCodesLeft: 2 });
    });

    it("gets its address back from whoever has signed up with it meanwhile, but not from one who has verified it", async () => {
      const { users, mail, sessions } = subject.store;
      const { user, link } = await newUserWithLink(subject, { purpose: "undo_email", slot: "undo_email 1" });
      const email = `old-${user.email}`;
      const squatter = newUser({ email });
      await users.create(squatter, event("user_created"));
      const session = newSession(squatter.id);
      await sessions.create(session, HASH, event("login"));
      const done = await users.changeEmail(undo(user.id, link, email));
      expect(done).toMatchObject({
        user: { id: user.id, email },
        ousted: { user: { id: squatter.id, disabledAt: NOW, tokenVersion: 2 }, entry: { value: squatter.id, effect: "revoked" } },
      });
      expect((await users.findByEmail(email))?.id).toBe(user.id);
      expect(await users.find(squatter.id)).toMatchObject({ disabledAt: NOW });
      expect((await sessions.find(session.id))?.revokedAt).toBe(NOW);
      const { user: other, link: way } = await newUserWithLink(subject, { purpose: "undo_email", slot: "undo_email 1" });
      const proven = newUser({ emailVerified: true });
      await users.create(proven, event("user_created"));
      expect(await users.changeEmail(undo(other.id, way, proven.email))).toBe("taken");
      expect([(await users.find(proven.id))?.disabledAt, (await mail.findLink(way.hash))?.usedAt]).toEqual([null, null]);
    });

    it("does not get it from the last who has a role that must not be lost, until somebody else has it", async () => {
      const { users, mail } = subject.store;
      const role = `r${systemRandom.uuid()}`;
      const { user, link } = await newUserWithLink(subject, { purpose: "undo_email", slot: "undo_email 1" });
      const [last, plain] = [newUser({ roles: ["user", role] }), newUser()];
      for (const one of [last, plain]) await users.create(one, event("user_created"));
      const { takenBack, ...rest } = undo(user.id, link, last.email);
      const ousted = (id: string) => ({ ...versionChange("revoked", id), unlessLast: role });
      const asked = { ...rest, takenBack: takenBack && { ...takenBack, ousted } };
      expect(await users.changeEmail(asked)).toBe("taken");
      expect([await users.find(last.id), (await mail.findLink(link.hash))?.usedAt]).toEqual([last, null]);
      await users.setRoles(plain.id, [role], versionChange("stale", plain.id));
      expect(await users.changeEmail(asked)).toMatchObject({ ousted: { user: { id: last.id, disabledAt: NOW } } });
      // Whoever has not got it keeps nothing by there being one alone who has.
      const { user: other, link: way } = await newUserWithLink(subject, { purpose: "undo_email", slot: "undo_email 1" });
      const squatter = newUser();
      await users.create(squatter, event("user_created"));
      const another = { ...asked, link: { userId: other.id, hash: way.hash, at: NOW }, email: squatter.email };
      expect(await users.changeEmail(another)).toMatchObject({ ousted: { user: { id: squatter.id } } });
    });

    it("is not moved by a link from before its password was changed", async () => {
      const { users } = subject.store;
      const { user, link } = await newUserWithLink(subject, { purpose: "confirm_email" });
      const change = {
        ...versionChange("revoked", user.id),
        userId: user.id,
        verifiedHash: HASH,
        newHash: `${HASH}1`,
        keepSessionId: null,
        at: NOW,
      };
      expect(await users.changePassword(change)).not.toBeNull();
      expect(await users.changeEmail(confirm(user.id, link, `new-${user.email}`))).toBeNull();
      expect(await users.find(user.id)).toMatchObject({ email: user.email, tokenVersion: 2 });
    });

    it("whoever signs up with its address at the same moment, it has one owner: never fails, and an undo comes through", async () => {
      const { users } = subject.store;
      for (let i = 0; i < 15; i++) {
        const { user, link } = await newUserWithLink(subject, { purpose: "confirm_email" });
        const { user: victim, link: way } = await newUserWithLink(subject, { purpose: "undo_email", slot: "undo_email 1" });
        const [wanted, back] = [`new-${user.email}`, `old-${victim.email}`];
        const signUp = (email: string) => users.create(newUser({ email }), event("user_created"));
        const [changed, made, undone] = await Promise.all([
          users.changeEmail(confirm(user.id, link, wanted)),
          signUp(wanted),
          users.changeEmail(undo(victim.id, way, back)),
          signUp(back),
        ]);
        expect(changed === "taken").toBe(made !== null);
        expect((await users.findByEmail(wanted))?.id).toBe(made?.id ?? user.id);
        expect(undone).toMatchObject({ user: { id: victim.id } });
        expect((await users.findByEmail(back))?.id).toBe(victim.id);
      }
    });
  });
}
