import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../../../test/admin-server.ts";
import { TestClient } from "../../../../test/test-server.ts";

describe("two administrators who shut each other out at the same time", () => {
  const ways = [
    ["PATCH", "", { roles: ["user"] }],
    ["POST", "/disable", undefined],
    ["DELETE", "", undefined],
  ] as const;

  it.each(ways)("leave one of them: %s /admin/users/{id}%s", async (method, path, body) => {
    const { server, ada, grace, client, call } = await startWithAdmin();
    await call("PATCH", `/admin/users/${grace.user.id}`, { body: { roles: ["user", "admin"] } });
    const asGrace = (await client.refresh()).body.accessToken;
    const take = (id: string, bearer: string) =>
      new TestClient(server).call(method, `/admin/users/${id}${path}`, { bearer, body });
    const answers = await Promise.all([take(grace.user.id, ada.accessToken), take(ada.user.id, asGrace)]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    const { users } = await server.users.search({ role: "admin" });
    expect(users.filter(({ disabledAt }) => disabledAt === null)).toHaveLength(1);
  });

  it("do not by the command line, and it may leave none: whoever has the database can make another", async () => {
    const { server, ada } = await startWithAdmin();
    expect(await server.users.setRoles(ada.user.id, ["user"])).toMatchObject({ roles: ["user"] });
  });
});
