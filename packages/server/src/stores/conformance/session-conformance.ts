import { describe, expect, test } from "vitest";
import { event, HASH, NOW, newSession, newUser, presenting, sessionRevocation, versionChange } from "./fixtures.ts";
import type { SignInMethod } from "../../sessions/session.ts";
import type { Subject } from "./subject.ts";

export function sessionConformance(subject: Subject): void {
  describe("sessions", () => {
    test("a browser is known to the users who have signed in with it, and to nobody else", async () => {
      const { users, sessions } = subject.store;
      const [user, other] = [newUser(), newUser()];
      for (const one of [user, other]) await users.create(one, event("user_created"));
      await sessions.create(newSession(user.id, { deviceHash: "a browser" }), HASH, event("login"));
      expect(await sessions.knowsDevice(user.id, "a browser")).toBe(true);
      expect(await sessions.knowsDevice(user.id, "another")).toBe(false);
      expect(await sessions.knowsDevice(other.id, "a browser")).toBe(false);
    });

    test.each([
      [true, "logout"],
      [true, "replaced"],
      [true, "renewed"],
      [true, "refresh_token_revoked"],
      [false, "logout_all"],
      [false, "session_deleted"],
      [false, "password_changed"],
      [false, "identity_unlinked"],
      [false, "second_factor_removed"],
      [false, "second_factors_reset"],
      [false, "user_disabled"],
      [false, "refresh_token_reused"],
      [false, "user_agent_changed"],
      [false, "network_changed"],
    ] as const)(
      "a browser is known: %s, once its session ended by %s; another session of it makes it known",
      async (isKnown, reason) => {
        const { users, sessions } = subject.store;
        const user = newUser();
        await users.create(user, event("user_created"));
        const session = newSession(user.id, { deviceHash: "a browser" });
        await sessions.create(session, HASH, event("login"));
        await sessions.revoke(session.id, { at: NOW, reason, entry: sessionRevocation(session.id), audit: event("logout") });
        expect(await sessions.knowsDevice(user.id, "a browser")).toBe(isKnown);
        await sessions.create(newSession(user.id, { deviceHash: "a browser" }), HASH, event("login"));
        expect(await sessions.knowsDevice(user.id, "a browser")).toBe(true);
      },
    );

    test("it is known by a second factor once a session in it began with one, and not by a password alone, however often", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const begin = (deviceHash: string, methods: readonly SignInMethod[]) =>
        sessions.create(newSession(user.id, { deviceHash, methods }), HASH, event("login"));
      for (const method of ["pwd", "pwd", "fed"] as const) await begin("first steps", [method]);
      const second: readonly SignInMethod[][] = [["pwd", "otp"], ["fed", "passkey"], ["passkey"], ["pwd", "recovery"]];
      for (const methods of second) await begin(methods.join(), methods);
      expect([
        await sessions.knowsDevice(user.id, "first steps"),
        await sessions.knowsDevice(user.id, "first steps", "secondFactor"),
      ]).toEqual([true, false]);
      for (const methods of second) expect(await sessions.knowsDevice(user.id, methods.join(), "secondFactor")).toBe(true);
      const lost = (await sessions.listKept(user.id)).find(({ deviceHash }) => deviceHash === "pwd,otp")?.id ?? "";
      await sessions.revoke(lost, { at: NOW, reason: "session_deleted", entry: sessionRevocation(lost), audit: event("logout") });
      expect(await sessions.knowsDevice(user.id, "pwd,otp", "secondFactor")).toBe(false);
    });

    test("nor is it known by a session of before, which ended by itself, until it is signed in to again or one lives on", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const begin = async (createdAt: number) => {
        const session = newSession(user.id, { deviceHash: "a browser", createdAt });
        await sessions.create(session, HASH, event("login"));
        return session.id;
      };
      const end = (id: string, at: number, reason: "logout" | "session_deleted") =>
        sessions.revoke(id, { at, reason, entry: sessionRevocation(id), audit: event("logout") });
      const [before, lost] = [await begin(NOW), await begin(NOW + 1)];
      await end(lost, NOW + 3, "session_deleted");
      expect(await sessions.knowsDevice(user.id, "a browser")).toBe(true);
      await end(before, NOW + 2, "logout");
      expect(await sessions.knowsDevice(user.id, "a browser")).toBe(false);
      await end(await begin(NOW + 4), NOW + 5, "logout");
      expect(await sessions.knowsDevice(user.id, "a browser")).toBe(true);
    });

    test.each([
      { methods: [] },
      { methods: ["pwd"] },
      { methods: ["fed", "otp"] },
      { methods: ["passkey"] },
    ] as const)("say by what their user signed in, and a rotation changes nothing of it: $methods", async ({ methods }) => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const session = newSession(user.id, { methods, authTime: NOW - 5 });
      await sessions.create(session, HASH, event("login"));
      const told = { methods, authTime: NOW - 5 };
      expect(await sessions.find(session.id)).toMatchObject(told);
      expect((await sessions.rotate(session.id, presenting(0, NOW + 1000)))?.session).toMatchObject({ ...told, generation: 1 });
    });

    test("come back as they were stored, to the last bit", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const session = newSession(user.id, {
        generation: 2 ** 40,
        retired: [{ generation: 3, at: NOW - 5 }, { generation: 4, at: NOW }],
        rotationKeyHash: "abc",
        lateGeneration: 5,
        deviceHash: "def",
        remember: true,
        scope: "a b",
        audience: "https://api.example.com",
        proofKey: "a thumbprint",
      });
      expect(await sessions.create(session, HASH, event("login"))).toEqual(user);
      const found = await sessions.find(session.id);
      expect(found).toEqual({ ...session, secret: found?.secret });
      expect(Buffer.from(found?.secret ?? []).equals(Buffer.from(session.secret))).toBe(true);
      expect(await sessions.find("nothing")).toBeNull();
    });

    test("do not begin with a password that has changed, or for a disabled user", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      expect(await sessions.create(newSession(user.id), "an older hash", event("login"))).toBeNull();
      await users.disable(user.id, NOW, versionChange("revoked", user.id));
      expect(await sessions.create(newSession(user.id), HASH, event("login"))).toBeNull();
      expect(await sessions.create(newSession("nobody"), HASH, event("login"))).toBeNull();
      expect(await sessions.listLive(user.id, NOW)).toEqual([]);
    });

    test("a login that races a password change never leaves a session behind", async () => {
      const { users, sessions } = subject.store;
      for (let round = 0; round < 10; round++) {
        const user = newUser();
        await users.create(user, event("user_created"));
        const session = newSession(user.id);
        const change = { userId: user.id, verifiedHash: HASH, newHash: "new", keepSessionId: null, at: NOW };
        await Promise.all([
          sessions.create(session, HASH, event("login")),
          users.changePassword({ ...change, ...versionChange("stale", user.id) }),
        ]);
        const left = await sessions.find(session.id);
        expect(left === null || left.revokedAt !== null).toBe(true);
      }
    });

    test("are listed while they live", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const live = newSession(user.id);
      const idle = newSession(user.id, { idleSeconds: 10 });
      const revoked = newSession(user.id);
      for (const session of [live, idle, revoked]) await sessions.create(session, HASH, event("login"));
      const draft = { at: NOW, reason: "logout", entry: sessionRevocation(revoked.id), audit: event("logout") } as const;
      await sessions.revoke(revoked.id, draft);
      expect((await sessions.listLive(user.id, NOW + 11_000)).map(({ id }) => id)).toEqual([live.id]);
      const kept = [revoked, idle, live].map(({ id }) => id).toSorted().toReversed();
      expect((await sessions.listKept(user.id)).map(({ id }) => id)).toEqual(kept);
      expect(await sessions.listKept("nobody")).toEqual([]);
    });

    test("are revoked once: the first reason stays, and the log has one entry", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const session = newSession(user.id);
      await sessions.create(session, HASH, event("login"));
      const revoke = (reason: "logout" | "session_deleted") =>
        sessions.revoke(session.id, { at: NOW, reason, entry: sessionRevocation(session.id), audit: event("logout") });
      const first = await revoke("logout");
      expect(first?.entry).toMatchObject({ kind: "session", value: session.id });
      expect(await revoke("session_deleted")).toEqual({ entry: null });
      expect(await sessions.find(session.id)).toMatchObject({ revokedReason: "logout" });
      expect(
        await sessions.revoke("nothing", {
          at: NOW,
          reason: "logout",
          entry: sessionRevocation("nothing"),
          audit: event("logout"),
        }),
      ).toBeNull();
    });

    test("all of a user's are revoked with one entry, the idle ones too", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const all = [newSession(user.id), newSession(user.id), newSession(user.id, { idleSeconds: 1, rotatedAt: NOW - 9000 })];
      for (const session of all) await sessions.create(session, HASH, event("login"));
      const result = await sessions.revokeAll(user.id, NOW, "logout_all", versionChange("revoked", user.id));
      expect(result?.entry).toMatchObject({ kind: "subject", value: user.id, version: 2, effect: "revoked" });
      const rows = await Promise.all(all.map(({ id }) => sessions.find(id)));
      expect(rows.map((row) => row?.revokedReason)).toEqual(["logout_all", "logout_all", "logout_all"]);
    });

    test("that ended long ago are dropped in batches", async () => {
      const { users, sessions } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const old = Array.from({ length: 5 }, () => newSession(user.id, { rotatedAt: 0, idleSeconds: 1, expiresAt: 1000 }));
      const live = newSession(user.id);
      for (const session of [...old, live]) await sessions.create(session, HASH, event("login"));
      expect(await sessions.dropEnded(1000, 3)).toBe(0);
      const anHourLater = 3_601_001;
      expect(await sessions.dropEnded(anHourLater, 3)).toBe(3);
      expect(await sessions.dropEnded(anHourLater, 3)).toBe(2);
      expect(await sessions.dropEnded(anHourLater, 3)).toBe(0);
      expect(await sessions.find(live.id)).not.toBeNull();
    });
  });
}
