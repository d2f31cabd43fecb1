import type { ErrorBody, TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { startUnclaimed, startWithAdmin } from "../../../../test/admin-server.ts";
import { PASSWORD, TestClient, auditTypes, refusal } from "../../../../test/test-server.ts";

interface Page<Item> {
  readonly next: string | null;
  readonly users: Item[];
}
interface User {
  readonly id: string;
  readonly email: string;
  readonly roles: string[];
  readonly disabledAt: string | null;
}

describe("users", () => {
  it("are found by the beginnings of words, by role, by state and by id, page by page", async () => {
    const { server, ada, grace, call } = await startWithAdmin();
    for (let i = 0; i < 7; i++) {
      await server.users.create({
        email: `lovelace-${i}@Corp.example`,
        password: PASSWORD,
        name: `Łucja  Ada${i}`,
        roles: ["user", "support"],
      });
    }
    const emails = async (query: string) => {
      const all: string[] = [];
      for (let after = ""; ; ) {
        const { body, status } = await call<Page<User>>("GET", `/admin/users?limit=3&${query}${after && `&after=${after}`}`);
        expect(status).toBe(200);
        all.push(...body.users.map(({ email }) => email));
        if (body.next === null) return all;
        after = body.next;
      }
    };
    const seven = Array.from({ length: 7 }, (_, i) => `lovelace-${i}@Corp.example`);
    expect(await emails("text=lovelace")).toEqual(["ada@example.com", ...seven]);
    expect(await emails("text=lovelace+corp")).toEqual(seven);
    expect(await emails("text=CORP.EXAMPLE")).toEqual(seven);
    expect(await emails("text=%C5%82ucja+ada3")).toEqual(["lovelace-3@Corp.example"]);
    expect(await emails("text=grace@ex")).toEqual(["grace@example.com"]);
    expect(await emails("role=admin")).toEqual(["ada@example.com"]);
    expect(await emails("role=adm")).toEqual([]);
    expect(await emails("role=support&text=ada6")).toEqual(["lovelace-6@Corp.example"]);
    expect(await emails(`text=${grace.user.id.toUpperCase()}`)).toEqual(["grace@example.com"]);
    expect(await emails("text=%01role+admin")).toEqual([]);
    expect(await emails("text=%25")).toEqual([]);
    expect(await emails("")).toEqual([...seven.toReversed(), "grace@example.com", "ada@example.com"]);

    await server.users.disable(grace.user.id);
    expect(await emails("disabled=true")).toEqual(["grace@example.com"]);
    await server.users.enable(grace.user.id);
    expect(await emails("disabled=true")).toEqual([]);
    await new TestClient(server).call("PATCH", "/me", { bearer: ada.accessToken, body: { name: "Countess" } });
    expect(await emails("text=lovelace")).toEqual(seven);
    expect(await emails("text=countess")).toEqual(["ada@example.com"]);
  });

  it("201, 409: are created, and can sign in", async () => {
    const { server, call } = await startWithAdmin();
    const body = { email: "new@example.com", password: PASSWORD, name: "New", roles: ["user", "support"] };
    const made = await call<{ user: User }>("POST", "/admin/users", { body });
    expect([made.status, made.body.user.roles]).toEqual([201, ["user", "support"]]);
    expect((await new TestClient(server).login("new@example.com")).user.id).toBe(made.body.user.id);
    expect(refusal(await call("POST", "/admin/users", { body }))).toEqual({ status: 409, error: "email_taken" });
    expect(refusal(await call("POST", "/admin/users", { body: { ...body, roles: ["a b"] } }))).toMatchObject({
      status: 400,
      field: "roles",
    });
  });

  it("a change of roles counts at once, for tokens that are about, and nobody is signed out", async () => {
    const { server, grace, client, call } = await startWithAdmin();
    const path = `/admin/users/${grace.user.id}`;
    const changed = await call<{ user: User }>("PATCH", path, { body: { roles: ["user", "admin"] } });
    expect(changed.body.user.roles).toEqual(["user", "admin"]);
    expect((await client.me(grace.accessToken)).body.reason).toBe("token_stale");
    const fresh = (await client.refresh()).body.accessToken;
    const asGrace = () => new TestClient(server).call("GET", path, { bearer: fresh });
    expect((await asGrace()).status).toBe(200);
    await call("PATCH", path, { body: { roles: ["user"] } });
    expect(refusal(await asGrace())).toMatchObject({ status: 401, reason: "token_stale" });
  });

  it("checklist 84: disabled, enabled again, signed out everywhere, deleted: each at once", async () => {
    const { server, grace, client, call } = await startWithAdmin();
    const path = `/admin/users/${grace.user.id}`;
    const login = () =>
      new TestClient(server).call("POST", "/login", { body: { email: "grace@example.com", password: PASSWORD } });
    expect((await call<{ user: User }>("POST", `${path}/disable`)).body.user.disabledAt).not.toBeNull();
    expect((await client.me(grace.accessToken)).status).toBe(401);
    expect((await login()).status).toBe(401);
    expect((await call<{ user: User }>("POST", `${path}/enable`)).body.user.disabledAt).toBeNull();
    expect((await login()).status).toBe(200);
    const again = await new TestClient(server).login("grace@example.com");
    expect((await call("POST", `${path}/sign-out`)).status).toBe(204);
    expect((await client.me(again.accessToken)).body.reason).toBe("token_revoked");
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await call("GET", path)).status).toBe(404);
    expect((await login()).status).toBe(401);
  });

  it("400: no administrator shuts themselves out", async () => {
    const { ada, call } = await startWithAdmin();
    const path = `/admin/users/${ada.user.id}`;
    const answers = [
      await call("PATCH", path, { body: { roles: ["user"] } }),
      await call("POST", `${path}/disable`),
      await call("DELETE", path),
    ];
    for (const answer of answers) expect(refusal(answer)).toEqual({ status: 400, error: "invalid_request" });
    expect((await call("PATCH", path, { body: { roles: ["admin"] } })).status).toBe(200);
  });
});

describe("the first administrator", () => {
  const claim = (
    server: Parameters<typeof auditTypes>[0] & ConstructorParameters<typeof TestClient>[0],
    token: string,
    more = {},
  ) =>
    new TestClient(server).call<{ user: User } & ErrorBody>("POST", "/admin/first", {
      body: { token, email: "first@example.com", password: PASSWORD, ...more },
    });

  it("201: by the link of the start, once", async () => {
    const server = await startUnclaimed();
    const token = (await server.firstAdminToken())!;
    expect(refusal(await claim(server, "wrong"))).toEqual({ status: 404, error: "not_found" });
    expect(refusal(await claim(server, token, { password: "short" }))).toMatchObject({ status: 400, field: "password" });
    const [one, other] = await Promise.all([claim(server, token), claim(server, token, { email: "second@example.com" })]);
    expect([one.status, other.status].toSorted((a, b) => a - b)).toEqual([201, 404]);
    const winner = one.status === 201 ? one : other;
    expect(winner.body.user.roles).toEqual(["user", "admin"]);
    const { accessToken } = (await new TestClient(server).login(winner.body.user.email)) satisfies TokenResponse;
    expect((await new TestClient(server).call("GET", "/admin/users", { bearer: accessToken })).status).toBe(200);
    expect(await server.firstAdminToken()).toBeNull();
  });

  it("404: when there is an administrator meanwhile, or no link was ever printed", async () => {
    const server = await startUnclaimed();
    expect((await claim(server, "")).status).toBe(404);
    const token = (await server.firstAdminToken())!;
    await server.users.create({ email: "root@example.com", password: PASSWORD, roles: ["admin"] });
    expect((await claim(server, token)).status).toBe(404);
  });
});
