import { describe, expect, test } from "vitest";
import { systemRandom } from "../../random.ts";
import type { User } from "../../users/user.ts";
import { event, newUser, NOW, versionChange } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

const ROUNDS = 6;

export function lastAdminConformance(subject: Subject): void {
  describe("the last who has a role", () => {
    const holders = async (role: string, count: number): Promise<User[]> => {
      const users = Array.from({ length: count }, () => newUser({ roles: ["user", role] }));
      for (const user of users) await subject.store.users.create(user, event("user_created", { userId: user.id }));
      return users;
    };
    /** The three ways to take a role from somebody, each only if another has it. */
    const takings = (id: string, role: string) => {
      const { users } = subject.store;
      const change = { ...versionChange("revoked", id), unlessLast: role };
      return [
        () => users.setRoles(id, ["user"], change),
        () => users.disable(id, NOW, change),
        () => users.delete(id, change),
      ];
    };

    test("keeps it, and nothing is changed or told; with another it can be taken", async () => {
      const { users, audit } = subject.store;
      const role = `r${systemRandom.uuid()}`;
      const [one, other] = (await holders(role, 2)) as [User, User];
      await users.disable(other.id, NOW, versionChange("revoked", other.id));
      for (const take of takings(one.id, role)) await expect(take()).rejects.toMatchObject({ code: "invalid_request" });
      expect(await users.find(one.id)).toEqual(one);
      expect((await audit.list({ userId: one.id })).map(({ type }) => type)).toEqual(["user_created"]);

      await users.enable(other.id, event("user_enabled"));
      for (const take of takings(one.id, role)) expect(await take()).toMatchObject({ user: { id: one.id } });
      // Whoever asks for no such thing, as the command line does, gets what they want.
      expect(await users.setRoles(other.id, [], versionChange("stale", other.id))).toMatchObject({ user: { roles: [] } });
    });

    test("is one of two who take it from each other at once", async () => {
      const { users } = subject.store;
      for (let i = 0; i < ROUNDS; i++) {
        const role = `r${systemRandom.uuid()}`;
        const [one, other] = (await holders(role, 2)) as [User, User];
        const [takeOne, takeOther] = [takings(one.id, role)[i % 3], takings(other.id, role)[(i + 1) % 3]];
        const done = await Promise.allSettled([takeOne?.(), takeOther?.()]);
        expect(done.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        const left = await Promise.all([one, other].map(({ id }) => users.find(id)));
        expect(left.filter((user) => user !== null && user.disabledAt === null && user.roles.includes(role))).toHaveLength(1);
      }
    });
  });
}
