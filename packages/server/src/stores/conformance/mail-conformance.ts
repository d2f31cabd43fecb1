import { describe, expect, it } from "vitest";
import { auditEvent, LOCAL_ORIGIN } from "../../audit/audit-event.ts";
import type { AuditEventType } from "../../audit/audit-event.ts";
import type { MailDraft } from "../../mail/mail-draft.ts";
import type { MailLink } from "../../mail/mail-link.ts";
import { randomText, systemRandom } from "../../random.ts";
import type { PasswordChange } from "../../users/user-store.ts";
import type { User } from "../../users/user.ts";
import { openStore } from "../open-store.ts";
import { HASH, newLink, newSession, newUser, event, versionChange, presenting, NOW } from "./fixtures.ts";
import { newUserWithLink, resetPassword } from "./people.ts";
import type { Subject } from "./subject.ts";

const MINUTE = 60_000;
const random = (): string => randomText(systemRandom, 32);

function newMail(more: Partial<MailDraft> = {}): MailDraft {
  const times = { createdAt: NOW, expiresAt: NOW + 10 * MINUTE };
  return {
    id: random(),
    kind: "new_device",
    userId: null,
    to: "ada@example.com",
    language: "ko",
    detail: { ip: null },
    link: null,
    ...times,
    ...more,
  };
}

export function mailConformance(subject: Subject): void {
  const told = (type: AuditEventType, mail: MailDraft) => auditEvent(type, NOW, LOCAL_ORIGIN, {}, {}, mail);
  /** Takes all that is due, whatever else the suite has left there. */
  const take = async (now = NOW) =>
    new Map((await subject.store.mail.takeDue(now, MINUTE, 10_000)).map((mail) => [mail.id, mail]));

  describe("the outbox", () => {
    it("holds a mail from the transaction of what it tells of, for one who takes it, until it is settled", async () => {
      const { mail, audit } = subject.store;
      const { link, ...draft } = newMail();
      await audit.append(told("login", { ...draft, link }));
      expect((await take()).get(draft.id)).toEqual({ ...draft, tries: 0 });
      expect((await take()).has(draft.id)).toBe(false);
      expect((await take(NOW + MINUTE)).get(draft.id)?.tries).toBe(1);
      await mail.retryAt(draft.id, NOW + 5 * MINUTE);
      expect((await take(NOW + 4 * MINUTE)).has(draft.id)).toBe(false);
      expect((await take(NOW + 5 * MINUTE)).get(draft.id)?.tries).toBe(2);
      await mail.settle(draft.id, event("mail_sent"));
      expect((await take(NOW + 99 * MINUTE)).has(draft.id)).toBe(false);
    });

    it("has nothing of what was not done", async () => {
      const user = newUser();
      const [first, second] = [newMail(), newMail()];
      await subject.store.users.create(user, told("user_created", first));
      await subject.store.users.create({ ...newUser(), email: user.email }, told("user_created", second));
      const taken = await take();
      expect([taken.has(first.id), taken.has(second.id)]).toEqual([true, false]);
    });

    it("has what a theft is told with", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      const session = newSession(user.id, { generation: 5, retired: [] });
      await users.create(user, event("user_created"));
      await sessions.create(session, HASH, event("login"));
      const mail = newMail({ kind: "session_stolen" });
      await sessions.rotate(session.id, (row) => {
        const rotation = presenting(1, NOW + 60 * MINUTE)(row);
        return { ...rotation, audit: rotation.audit && { ...rotation.audit, mail } };
      });
      expect((await take()).has(mail.id)).toBe(true);
    });

    it("gives each mail to one of several replicas that look at once", async () => {
      const other = await openStore(subject.place);
      try {
        const mails = Array.from({ length: 20 }, () => newMail());
        for (const mail of mails) await subject.store.audit.append(told("login", mail));
        const takers = [subject.store, other, subject.store, other].map((store) => store.mail.takeDue(NOW, MINUTE, 10_000));
        const taken = (await Promise.all(takers)).flat().map(({ id }) => id);
        for (const { id } of mails) expect(taken.filter((one) => one === id)).toHaveLength(1);
      } finally {
        await other.close();
      }
    });
  });

  describe("a mailed link", () => {
    it("is kept as it is, and gives way to a newer one in its slot, but not to an older one", async () => {
      const { mail } = subject.store;
      const { user, link } = await newUserWithLink(subject);
      expect(await mail.findLink(link.hash)).toEqual(link);
      const newer = newLink(user.id, { createdAt: NOW + 2, boundTo: null });
      expect(await mail.keepLink(newer, NOW)).toBe(true);
      expect(await mail.findLink(link.hash)).toBeNull();
      expect(await mail.keepLink(newLink(user.id, { createdAt: NOW + 1 }), NOW)).toBe(false);
      expect(await mail.findLink(newer.hash)).toEqual(newer);
      expect(await mail.keepLink(newLink(user.id, { slot: "another" }), NOW)).toBe(true);
      expect(await mail.findLink(newer.hash)).toEqual(newer);
    });

    it("stays used when its mail is sent once more, and is not there where it is over", async () => {
      const { mail, users } = subject.store;
      const { user, link } = await newUserWithLink(subject, { purpose: "verify_email" });
      expect(await mail.keepLink(link, NOW)).toBe(true);
      await users.verifyEmail({ userId: user.id, hash: link.hash, at: NOW }, event("email_verified"));
      expect(await mail.keepLink(link, NOW)).toBe(false);
      expect(await mail.keepLink(newLink(user.id, { slot: "b" }), NOW + 10 * MINUTE)).toBe(false);
    });

    it("of a hundred who come at once with one, one gets through", async () => {
      const { users } = subject.store;
      const { user, link } = await newUserWithLink(subject);
      const change = (i: number): PasswordChange => ({
        ...versionChange("revoked", user.id),
        userId: user.id,
        verifiedHash: HASH,
        newHash: `${HASH}${i}`,
        keepSessionId: null,
        link: { hash: link.hash, verifiesEmail: true },
        at: NOW,
      });
      // A store that is overrun may refuse some, within its time: they have changed nothing either.
      const changed = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => users.changePassword(change(i))));
      expect(changed.filter((one) => one.status === "fulfilled" && one.value !== null)).toHaveLength(1);
      for (const one of changed) if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "unavailable" });
      expect(await users.find(user.id)).toMatchObject({ emailVerified: true, tokenVersion: 2 });
      // Nor once more with the right password.
      const now = await users.find(user.id);
      expect(await users.changePassword({ ...change(0), verifiedHash: now?.passwordHash ?? "" })).toBeNull();
      expect(await users.find(user.id)).toEqual(now);
    });

    it("makes one account: of many who come at once with one link, and of several links to one address", async () => {
      const { users, mail } = subject.store;
      const linkTo = async (address: string, slot: string): Promise<MailLink> => {
        const link = newLink("", { userId: null, purpose: "confirm_sign_up", slot, address, boundTo: null, payload: "{}" });
        expect(await mail.keepLink(link, NOW)).toBe(true);
        return link;
      };
      const make = (user: User, { hash }: MailLink) => users.create(user, event("user_created"), { hash, at: NOW });
      const one = await linkTo(newUser().email, "confirm_sign_up");
      const made = await Promise.all(Array.from({ length: 20 }, () => make(newUser(), one)));
      expect(made.filter((user) => user !== null)).toHaveLength(1);
      expect(await mail.findLink(one.hash)).toMatchObject({ usedAt: NOW, payload: null });
      const { email } = newUser();
      const several = await Promise.all(["a", "b", "c", "d"].map((slot) => linkTo(email, `${email} ${slot}`)));
      const owners = await Promise.all(several.map((link) => make({ ...newUser(), email }, link)));
      const [owner, ...others] = owners.filter((user) => user !== null);
      expect([await users.findByEmail(email.toLowerCase()), others]).toEqual([owner, []]);
    });

    it("shows for the first time whose address it is: what was connected until then is gone, and what is connected later stays", async () => {
      const { mail, federation } = subject.store;
      const { user, link: first } = await newUserWithLink(subject);
      const second = newLink(user.id, { createdAt: NOW + 1 });
      const connect = (of: string) =>
        federation.link(
          { issuer: "https://id.example", subject: of, userId: user.id, label: null, linkedAt: NOW },
          event("identity_linked"),
        );
      const ways = async () => (await federation.listOf(user.id)).length;
      const reset = (link: MailLink, verifiedHash: string, newHash: string) =>
        resetPassword(subject, user.id, link, verifiedHash, newHash);
      await connect(random());
      expect([await reset(first, "another", `${HASH}1`), await ways()]).toEqual([null, 1]);
      await mail.keepLink(second, NOW);
      expect([(await reset(second, HASH, `${HASH}1`))?.user.emailVerified, await ways()]).toEqual([true, 0]);
      await connect(random());
      const third = newLink(user.id, { createdAt: NOW + 2 });
      await mail.keepLink(third, NOW);
      expect([(await reset(third, `${HASH}1`, `${HASH}2`))?.user.emailVerified, await ways()]).toEqual([true, 1]);
    });

    it("of many who verify an address with one, one gets through", async () => {
      const { user, link } = await newUserWithLink(subject, { purpose: "verify_email" });
      const use = { userId: user.id, hash: link.hash, at: NOW };
      const verified = await Promise.all(
        Array.from({ length: 20 }, () => subject.store.users.verifyEmail(use, event("email_verified", { userId: user.id }))),
      );
      expect(verified.filter((one) => one !== null)).toHaveLength(1);
      expect(await subject.store.audit.list({ userId: user.id, types: ["email_verified"] })).toHaveLength(1);
    });

    it("changes nothing once it is over, or for another user", async () => {
      const { users } = subject.store;
      const { user, link } = await newUserWithLink(subject, { purpose: "verify_email" });
      const { user: other } = await newUserWithLink(subject);
      const use = { userId: user.id, hash: link.hash, at: NOW };
      expect(await users.verifyEmail({ ...use, userId: other.id }, event("email_verified"))).toBeNull();
      expect(await users.verifyEmail({ ...use, at: link.expiresAt }, event("email_verified"))).toBeNull();
      expect((await users.find(user.id))?.emailVerified).toBe(false);
      expect((await users.verifyEmail(use, event("email_verified")))?.emailVerified).toBe(true);
    });

    it("gives another address, by which alone the user is found then", async () => {
      const { users, sessions } = subject.store;
      const { user, link } = await newUserWithLink(subject, { purpose: "confirm_email" });
      const session = newSession(user.id);
      await sessions.create(session, HASH, event("login"));
      const email = `New-${user.email}`;
      const change = {
        ...versionChange("stale", user.id),
        link: { userId: user.id, hash: link.hash, at: NOW },
        email,
        verifiedHash: HASH,
        takenBack: null,
      };
      expect(await users.changeEmail(change)).toMatchObject({ user: { email, emailVerified: true, tokenVersion: 2 } });
      expect(await users.changeEmail(change)).toBeNull();
      expect((await users.findByEmail(email.toLowerCase()))?.id).toBe(user.id);
      expect(await users.findByEmail(user.email)).toBeNull();
      const [word = ""] = email.toLowerCase().split("@");
      const found = await users.search({ words: [word], exactly: [], after: null, limit: 5 });
      expect(found.map((one) => one.user.id)).toEqual([user.id]);
      expect((await sessions.find(session.id))?.revokedAt).toBeNull();
    });

    it("does not take an address that somebody has: then it is good still", async () => {
      const { users, mail } = subject.store;
      const { user, link } = await newUserWithLink(subject, { purpose: "confirm_email" });
      const { user: other } = await newUserWithLink(subject);
      const change = {
        ...versionChange("stale", user.id),
        link: { userId: user.id, hash: link.hash, at: NOW },
        email: other.email,
        verifiedHash: HASH,
        takenBack: null,
      };
      expect(await users.changeEmail(change)).toBe("taken");
      expect((await users.find(user.id))?.email).toBe(user.email);
      expect((await mail.findLink(link.hash))?.usedAt).toBeNull();
    });

    it("takes a change back: the address, with another password, without any session or identity, and without links made later", async () => {
      const { users, sessions, mail, federation } = subject.store;
      const { user, link } = await newUserWithLink(subject, { purpose: "undo_email", slot: "undo_email 1" });
      const session = newSession(user.id);
      await sessions.create(session, HASH, event("login"));
      await federation.link(
        { issuer: "https://id.example", subject: random(), userId: user.id, label: null, linkedAt: NOW },
        event("identity_linked"),
      );
      const [older, later] = [
        newLink(user.id, { slot: "undo_email 0", createdAt: NOW - 1 }),
        newLink(user.id, { slot: "undo_email 2", createdAt: NOW + 1 }),
      ];
      for (const one of [older, later]) await mail.keepLink(one, NOW);
      const takenBack = { newHash: `${HASH}x`, since: link.createdAt, ousted: (id: string) => versionChange("revoked", id) };
      const email = `old-${user.email}`;
      const change = {
        ...versionChange("revoked", user.id),
        link: { userId: user.id, hash: link.hash, at: NOW },
        email,
        verifiedHash: null,
        takenBack,
      };
      expect(await users.changeEmail(change)).toMatchObject({ user: { email, passwordHash: `${HASH}x` } });
      expect((await sessions.find(session.id))?.revokedAt).toBe(NOW);
      expect(await federation.listOf(user.id)).toEqual([]);
      expect([await mail.findLink(older.hash), await mail.findLink(later.hash)].map((one) => one === null)).toEqual([
        false,
        true,
      ]);
    });

    it("goes with its user, and when it has been over for long", async () => {
      const { users, mail } = subject.store;
      const { user, link } = await newUserWithLink(subject);
      await users.delete(user.id, versionChange("revoked", user.id));
      expect(await mail.findLink(link.hash)).toBeNull();
      const { link: over } = await newUserWithLink(subject, { expiresAt: NOW - MINUTE, createdAt: NOW - 2 * MINUTE });
      while ((await mail.dropExpired(NOW - MINUTE + 1, 10)) === 10);
      expect(await mail.findLink(over.hash)).toBeNull();
    });
  });
}
