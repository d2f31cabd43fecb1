import { describe, expect, test } from "vitest";
import { event, HASH, NOW, newSession, newUser, presenting, sessionRevocation, versionChange } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

export function rotationConformance(subject: Subject): void {
  async function begin() {
    const user = newUser();
    await subject.store.users.create(user, event("user_created"));
    const session = newSession(user.id);
    await subject.store.sessions.create(session, HASH, event("login"));
    return { user, session };
  }

  describe("rotation", () => {
    test("writes the next generation, audits it, and returns the user as of then", async () => {
      const { sessions, users, audit } = subject.store;
      const { user, session } = await begin();
      await users.setRoles(user.id, ["admin"], versionChange("stale", user.id));
      const result = await sessions.rotate(session.id, presenting(0, NOW + 1000));
      expect(result).toMatchObject({ outcome: { outcome: "rotate" }, entry: null });
      expect(result?.user).toMatchObject({ roles: ["admin"], tokenVersion: 2 });
      expect(await sessions.find(session.id)).toMatchObject({ generation: 1, rotatedAt: NOW + 1000 });
      expect((await audit.list({ sessionId: session.id })).map(({ type }) => type)).toEqual(["refresh"]);
      expect(await sessions.rotate("nothing", presenting(0, NOW))).toBeNull();
    });

    test("one token a hundred times at once: one rotation, and everyone gets the same generation", async () => {
      const { sessions, audit } = subject.store;
      const { session } = await begin();
      const results = await Promise.all(
        Array.from({ length: 100 }, () => sessions.rotate(session.id, presenting(0, NOW + 1000))),
      );
      expect(results.filter((result) => result?.outcome.outcome === "rotate")).toHaveLength(1);
      expect(new Set(results.map((result) => result?.session.generation))).toEqual(new Set([1]));
      expect(new Set(results.map((result) => result?.session.rotatedAt))).toEqual(new Set([NOW + 1000]));
      const types = (await audit.list({ sessionId: session.id, limit: 1000 })).map(({ type }) => type);
      expect(types.filter((type) => type === "refresh")).toHaveLength(1);
      expect(types.filter((type) => type === "refresh_repeated")).toHaveLength(99);
    });

    test("many sessions at once, some twice: each rotates once, and each is audited as its own", async () => {
      const { sessions, audit } = subject.store;
      const begun = await Promise.all(Array.from({ length: 20 }, begin));
      const twice = [...begun, ...begun.slice(0, 5)];
      const results = await Promise.all(twice.map(({ session }) => sessions.rotate(session.id, presenting(0, NOW + 1000))));
      expect(results.map((result) => result?.session.id)).toEqual(twice.map(({ session }) => session.id));
      expect(results.map((result) => result?.user.id)).toEqual(twice.map(({ user }) => user.id));
      expect(results.filter((result) => result?.outcome.outcome === "rotate")).toHaveLength(begun.length);
      for (const [i, { user, session }] of begun.entries()) {
        expect(await sessions.find(session.id)).toMatchObject({ userId: user.id, generation: 1, rotatedAt: NOW + 1000 });
        const types = (await audit.list({ sessionId: session.id })).map(({ type }) => type).toSorted();
        expect(types).toEqual(i < 5 ? ["refresh", "refresh_repeated"] : ["refresh"]);
      }
    });

    test("a theft ends the session, logs it and audits it in one go, once", async () => {
      const { sessions, revocations, audit } = subject.store;
      const { session } = await begin();
      await sessions.rotate(session.id, presenting(0, NOW));
      await sessions.rotate(session.id, presenting(1, NOW + 20_000));
      const thefts = await Promise.all(
        Array.from({ length: 5 }, () => sessions.rotate(session.id, presenting(0, NOW + 60_000))),
      );
      expect(thefts.filter((result) => result?.outcome.outcome === "theft")).toHaveLength(1);
      expect(thefts.filter((result) => result?.outcome.outcome === "refuse")).toHaveLength(4);
      const entries = (await revocations.entriesAfter(0, 10_000)).filter(({ value }) => value === session.id);
      expect(entries).toHaveLength(1);
      expect(await sessions.find(session.id)).toMatchObject({ revokedReason: "refresh_token_reused" });
      expect((await audit.list({ sessionId: session.id })).filter(({ type }) => type === "refresh_token_reused")).toHaveLength(1);
    });

    test("never brings a revoked session back", async () => {
      const { sessions } = subject.store;
      for (let round = 0; round < 10; round++) {
        const { session } = await begin();
        const revocation = { at: NOW, reason: "logout", entry: sessionRevocation(session.id), audit: event("logout") } as const;
        await Promise.all([
          sessions.rotate(session.id, presenting(0, NOW + 1)),
          sessions.revoke(session.id, revocation),
          sessions.rotate(session.id, presenting(0, NOW + 2)),
        ]);
        expect(await sessions.find(session.id)).toMatchObject({ revokedAt: NOW, revokedReason: "logout" });
      }
    });

    test("a decision that throws changes nothing and holds nothing", async () => {
      const { sessions } = subject.store;
      const { session } = await begin();
      const fault = new Error("a fault of the caller");
      await expect(
        sessions.rotate(session.id, () => {
          throw fault;
        }),
      ).rejects.toBe(fault);
      expect(await sessions.rotate(session.id, presenting(0, NOW))).toMatchObject({ outcome: { outcome: "rotate" } });
    });
  });
}
