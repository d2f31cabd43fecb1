import { describe, expect, test } from "vitest";
import { systemRandom } from "../../random.ts";
import type { Addition, PendingKey, PendingRow, TotpSecret } from "../../second-factors/second-factor-store.ts";
import { NO_PASSWORD } from "../../users/no-password.ts";
import { event, HASH, NOW, newPasskey, newSession, versionChange } from "./fixtures.ts";
import { someone } from "./people.ts";
import type { Subject } from "./subject.ts";

const MINUTE = 60_000;
const ISSUERS: readonly string[] = ["https://issuer.example"];

export function secondFactorConformance(subject: Subject): void {
  const row = (userId: string | null, more: Partial<PendingRow> = {}): PendingRow => ({
    hash: systemRandom.uuid(),
    kind: "sign_in",
    userId,
    browserHash: null,
    detail: { returnTo: "“quoted”", n: 1, none: null },
    challenge: null,
    tries: 0,
    expiresAt: NOW + MINUTE,
    ...more,
  });
  const keyOf = ({ hash, kind, userId, browserHash }: PendingRow): PendingKey => ({ hash, kind, userId, browserHash, now: NOW });
  const totpOf = (userId: string, lastStep = 1): TotpSecret => ({
    userId,
    sealed: systemRandom.bytes(20),
    lastStep,
    createdAt: NOW,
  });
  const removalOf = (userId: string) => ({ userId, issuers: ISSUERS, keepSessionId: null });

  async function addition(userId: string): Promise<Addition> {
    const pending = row(userId, { kind: "add_totp" });
    await subject.store.secondFactors.begin(pending);
    return { pending: keyOf(pending), recoveryHashes: ["a", "b", "c"], audit: event("second_factor_added", { userId }) };
  }

  describe("second factors", () => {
    test("are kept byte for byte; recovery codes come with the first and go with the last; all go with the user", async () => {
      const { secondFactors: factors, users } = subject.store;
      const userId = await someone(subject);
      const [totp, passkey] = [totpOf(userId), newPasskey(userId)];
      expect(await factors.keepTotp(totp, await addition(userId))).toEqual({ withCodes: true });
      expect(await factors.addPasskey(passkey, await addition(userId))).toEqual({ withCodes: false });
      expect(await factors.of(userId)).toEqual({ totp, passkeys: [passkey], recoveryCodesLeft: 3 });
      expect(await factors.removeTotp(removalOf(userId), versionChange("stale", userId))).toMatchObject({
        user: { tokenVersion: 2 },
      });
      expect(await factors.removeTotp(removalOf(userId), versionChange("stale", userId))).toBeNull();
      expect(await factors.of(userId)).toMatchObject({ recoveryCodesLeft: 3 });
      expect(await factors.removePasskey({ ...removalOf(userId), id: passkey.id }, versionChange("stale", userId))).toMatchObject(
        { user: { tokenVersion: 3 } },
      );
      expect(await factors.of(userId)).toEqual({ totp: null, passkeys: [], recoveryCodesLeft: 0 });
      expect(await factors.replaceRecoveryCodes(userId, ["x"], event("recovery_codes_replaced"))).toBe(false);
      await factors.keepTotp(totp, await addition(userId));
      await factors.addPasskey(passkey, await addition(userId));
      const waiting = row(userId);
      await factors.begin(waiting);
      await users.delete(userId, versionChange("revoked", userId));
      expect(await factors.of(userId)).toEqual({ totp: null, passkeys: [], recoveryCodesLeft: 0 });
      expect(await factors.look(keyOf(waiting))).toBeNull();
      expect(await factors.findPasskey(passkey.id)).toBeNull();
    });

    test("are added once by what is pending, and a passkey is one user's", async () => {
      const { secondFactors: factors } = subject.store;
      const [ada, bob] = [await someone(subject), await someone(subject)];
      const passkey = newPasskey(ada);
      const once = await addition(ada);
      const added = await Promise.all([1, 2, 3].map(() => factors.addPasskey(passkey, once)));
      expect(added.filter((one) => one !== null)).toEqual([{ withCodes: true }]);
      const theirs = await addition(bob);
      expect(await factors.addPasskey({ ...passkey, userId: bob }, theirs)).toBeNull();
      expect(await factors.of(bob)).toEqual({ totp: null, passkeys: [], recoveryCodesLeft: 0 });
      expect(await factors.look(theirs.pending)).not.toBeNull();
      expect(await factors.renamePasskey(bob, passkey.id, "Mine")).toBeNull();
      expect(await factors.renamePasskey(ada, passkey.id, "Mine")).toEqual({ ...passkey, name: "Mine" });
    });

    test("checklist 98: of a hundred answers with one code at once, one counts; an older code never after a newer", async () => {
      const { secondFactors: factors } = subject.store;
      const userId = await someone(subject);
      await factors.keepTotp(totpOf(userId, 10), await addition(userId));
      const waiting = Array.from({ length: 100 }, () => row(userId));
      for (const one of waiting) await factors.begin(one);
      const use = { kind: "otp", userId, step: 12 } as const;
      const outcomes = await Promise.all(waiting.map((one) => factors.finish(keyOf(one), use, null)));
      expect(outcomes.filter((one) => one === "finished")).toHaveLength(1);
      expect(outcomes.filter((one) => one === "refused")).toHaveLength(99);
      for (const step of [12, 11]) expect(await factors.finish(null, { ...use, step }, null)).toBe("refused");
      expect(await factors.finish(null, { ...use, step: 13 }, null)).toBe("finished");
    });

    test("a recovery code counts once, and a sign-in is finished once, whatever comes at once", async () => {
      const { secondFactors: factors } = subject.store;
      const userId = await someone(subject);
      await factors.keepTotp(totpOf(userId), await addition(userId));
      const use = { kind: "recovery", userId, hash: "a" } as const;
      const used = await Promise.all(
        Array.from({ length: 10 }, () => factors.finish(null, use, event("recovery_code_used", { userId }))),
      );
      expect(used.filter((one) => one === "finished")).toHaveLength(1);
      expect(await factors.of(userId)).toMatchObject({ recoveryCodesLeft: 2 });
      const one = row(userId);
      await factors.begin(one);
      const ends = await Promise.all(["b", "c"].map((hash) => factors.finish(keyOf(one), { ...use, hash }, null)));
      expect(ends.toSorted()).toEqual(["expired", "finished"]);
      expect(await factors.of(userId)).toMatchObject({ recoveryCodesLeft: 1 });
    });

    test("a passkey's count grows or stays 0", async () => {
      const { secondFactors: factors } = subject.store;
      const userId = await someone(subject);
      const passkey = newPasskey(userId);
      await factors.addPasskey(passkey, await addition(userId));
      const outcomes: string[] = [];
      for (const counter of [0, 0, 3, 3, 2, 0, 4]) {
        outcomes.push(
          await factors.finish(
            null,
            { kind: "passkey", id: passkey.id, userId, counter, backedUp: false, at: NOW + counter },
            null,
          ),
        );
      }
      expect(outcomes).toEqual(["finished", "finished", "finished", "refused", "refused", "refused", "finished"]);
      expect(await factors.findPasskey(passkey.id)).toEqual({ ...passkey, counter: 4, backedUp: false, lastUsedAt: NOW + 4 });
    });

    test("the last way in is not taken away, also if all are at once", async () => {
      const { secondFactors: factors } = subject.store;
      const userId = await someone(subject, { passwordHash: NO_PASSWORD });
      const passkeys = [newPasskey(userId), newPasskey(userId), newPasskey(userId, { userVerified: false })];
      for (const one of passkeys) await factors.addPasskey(one, await addition(userId));
      const outcomes = await Promise.all(
        passkeys.slice(0, 2).map(({ id }) => factors.removePasskey({ ...removalOf(userId), id }, versionChange("stale", userId))),
      );
      expect(outcomes.filter((one) => one === "last")).toHaveLength(1);
      expect((await factors.of(userId)).passkeys).toHaveLength(2);
      expect(await factors.reset(userId, versionChange("stale", userId))).not.toBeNull();
      expect(await factors.reset(userId, versionChange("stale", userId))).toBeNull();
    });

    test("take the other sessions with them, in the same step; all of them where they are reset", async () => {
      const { secondFactors: factors, sessions } = subject.store;
      const userId = await someone(subject);
      const [own, other, third] = [newSession(userId), newSession(userId), newSession(userId)];
      for (const one of [own, other]) await sessions.create(one, HASH, event("login"));
      const ends = async () =>
        (await Promise.all([own, other, third].map(({ id }) => sessions.find(id)))).map((one) => one?.revokedReason);
      const passkey = newPasskey(userId);
      await factors.keepTotp(totpOf(userId), await addition(userId));
      await factors.addPasskey(passkey, await addition(userId));
      const removal = { ...removalOf(userId), keepSessionId: own.id };
      await factors.removeTotp(removal, versionChange("stale", userId));
      expect(await ends()).toEqual([null, "second_factor_removed", undefined]);
      await sessions.create(third, HASH, event("login"));
      await factors.removePasskey({ ...removal, id: passkey.id }, versionChange("stale", userId));
      expect(await ends()).toEqual([null, "second_factor_removed", "second_factor_removed"]);
      await factors.keepTotp(totpOf(userId), await addition(userId));
      const done = await factors.reset(userId, versionChange("stale", userId));
      expect(await ends()).toEqual(["second_factors_reset", "second_factor_removed", "second_factor_removed"]);
      const seq = done?.entry.seq ?? 0;
      expect((await subject.store.revocations.entriesAfter(seq - 1, 9)).find((one) => one.seq === seq)).toMatchObject({
        value: userId,
        version: 4,
        effect: "stale",
      });
    });
  });

  describe("what is pending", () => {
    test("is nothing to another browser, user or kind, nor when it is over, and is taken once", async () => {
      const { secondFactors: factors } = subject.store;
      const begun = row(await someone(subject), { browserHash: "browser" });
      await factors.begin(begun);
      const key = keyOf(begun);
      for (const wrong of [
        { browserHash: null },
        { browserHash: "other" },
        { userId: "other" },
        { kind: "passkey" },
        { now: NOW + MINUTE },
      ] as const) {
        expect(await factors.look({ ...key, ...wrong })).toBeNull();
        expect(await factors.take({ ...key, ...wrong })).toBeNull();
        expect(await factors.countTry({ ...key, ...wrong }, 5)).toBeNull();
        expect(await factors.setChallenge({ ...key, ...wrong }, "x")).toBe(false);
      }
      expect(await factors.look({ ...key, userId: null })).toEqual(begun);
      const taken = await Promise.all(Array.from({ length: 10 }, () => factors.take(key)));
      expect(taken.filter((one) => one !== null)).toEqual([begun]);
    });

    test("is tried so many times and no more, however many come at once", async () => {
      const { secondFactors: factors } = subject.store;
      const begun = row(null, { kind: "passkey" });
      await factors.begin(begun);
      const tried = await Promise.all(Array.from({ length: 20 }, () => factors.countTry(keyOf(begun), 5)));
      expect(tried.filter((one) => one !== null)).toHaveLength(5);
      expect(await factors.setChallenge(keyOf(begun), "anew")).toBe(true);
      expect(await factors.look(keyOf(begun))).toEqual({ ...begun, tries: 5, challenge: "anew" });
    });

    test("is dropped when it is over, a few at a time", async () => {
      const { secondFactors: factors } = subject.store;
      for (let i = 0; i < 5; i++) await factors.begin(row(null, { expiresAt: 1000 }));
      expect([await factors.dropExpired(NOW, 3), await factors.dropExpired(NOW, 3)]).toEqual([3, 2]);
    });
  });
}
