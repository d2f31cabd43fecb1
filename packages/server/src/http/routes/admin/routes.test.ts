import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../../../test/admin-server.ts";
import { PASSWORD, TestClient, auditTypes, refusal } from "../../../../test/test-server.ts";
import { adminRoutes } from "./routes.ts";

const guarded = adminRoutes.filter(({ path }) => path !== "/admin/first");

describe("every route for administrators", () => {
  it("401 missing_token, 401 invalid_token, 403 insufficient_role", async () => {
    const { server, grace } = await startWithAdmin();
    for (const { method, path } of guarded) {
      const call = (bearer?: string) => new TestClient(server).call(method.toUpperCase(), path.replace("{id}", "x"), { bearer });
      expect([path, refusal(await call())]).toEqual([path, { status: 401, error: "missing_token" }]);
      expect([path, refusal(await call("a.b.c"))]).toEqual([
        path,
        { status: 401, error: "invalid_token", reason: "token_malformed" },
      ]);
      expect([path, refusal(await call(grace.accessToken))]).toEqual([path, { status: 403, error: "insufficient_role" }]);
    }
  });

  it("a role that was taken, a user who was disabled: refused with the very next request", async () => {
    const { server, ada, call } = await startWithAdmin();
    expect((await call("GET", "/admin/users")).status).toBe(200);
    await server.users.setRoles(ada.user.id, ["user"]);
    expect(refusal(await call("GET", "/admin/users"))).toEqual({ status: 401, error: "invalid_token", reason: "token_stale" });
    await server.users.disable(ada.user.id);
    expect(refusal(await call("GET", "/admin/users"))).toMatchObject({ status: 401, reason: "token_revoked" });
  });

  it("404 not_found for ids that nobody has, also for ones that no database could hold", async () => {
    const { call } = await startWithAdmin();
    const withId = guarded.filter(({ path }) => path.includes("{id}"));
    expect(withId.length).toBeGreaterThan(8);
    for (const { method, path } of withId) {
      for (const id of ["x", "00000000-0000-7000-8000-000000000000", "%00", "%F0%9F%92%A9", "x".repeat(3000)]) {
        const body = path.startsWith("/admin/users") ? { roles: ["user"] } : { name: "x" };
        const options = method === "patch" ? { body } : {};
        const answer = await call(method.toUpperCase(), path.replace("{id}", id), options);
        expect([method, path, refusal(answer)]).toEqual([method, path, { status: 404, error: "not_found" }]);
      }
    }
  });

  it("400 invalid_request names the parameter that is wrong, unknown or there twice", async () => {
    const { call } = await startWithAdmin();
    const cases: [string, string][] = [
      ["/admin/users?limit=0", "limit"],
      ["/admin/users?limit=201", "limit"],
      ["/admin/users?limit=x", "limit"],
      ["/admin/users?after=nonsense", "after"],
      ["/admin/users?wat=1", "wat"],
      ["/admin/users?text=a&text=b", "text"],
      ["/admin/users?disabled=no", "disabled"],
      ["/admin/audit?before=-1", "before"],
      ["/admin/audit?type=LOGIN", "type"],
      ["/admin/audit?since=yesterday", "since"],
      ["/admin/overview?range=year", "range"],
    ];
    for (const [path, field] of cases) {
      expect([path, refusal(await call("GET", path))]).toEqual([
        path,
        { status: 400, error: "invalid_request", reason: "invalid_field", field },
      ]);
    }
  });

  it("what is done is audited with who did it", async () => {
    const { server, ada, grace, call } = await startWithAdmin();
    const by = { id: ada.user.id, email: "ada@example.com" };
    const before = await auditTypes(server);
    const grace2 = `/admin/users/${grace.user.id}`;
    await call("PATCH", grace2, { body: { roles: ["user", "support"] } });
    await call("POST", `${grace2}/sign-out`);
    await call("POST", `${grace2}/disable`);
    await call("POST", `${grace2}/enable`);
    await call("POST", `${grace2}/unlock`);
    await call("POST", "/admin/users", { body: { email: "new@example.com", password: PASSWORD } });
    const [session] = await server.sessions.list(ada.user.id);
    await call("DELETE", `/admin/users/${grace.user.id}`);
    const { body } = await call<{ client: { clientId: string } }>("POST", "/admin/clients", {
      body: { name: "API", guard: true },
    });
    await call("PATCH", `/admin/clients/${body.client.clientId}`, { body: { name: "The API" } });
    await call("POST", `/admin/clients/${body.client.clientId}/secret`);
    await call("DELETE", `/admin/clients/${body.client.clientId}`);
    // The first next key was published with the first; the one after it has to wait.
    await call("POST", "/admin/keys/rotate");
    await call("POST", "/admin/keys/rotate");
    await call("DELETE", `/admin/sessions/${session!.id}`);
    const events = (await server.audit.list({ limit: 1000 })).toReversed().slice(before.length);
    expect(events.map(({ type }) => type)).toEqual([
      "roles_changed",
      "logout_all",
      "user_disabled",
      "user_enabled",
      "user_unlocked",
      "user_created",
      "user_deleted",
      "client_created",
      "client_updated",
      "client_secret_rotated",
      "client_deleted",
      "key_state_changed",
      "key_state_changed",
      "key_rotation_planned",
      "session_revoked",
    ]);
    for (const { type, detail, ip } of events) expect([type, detail["by"], ip]).toEqual([type, by, "203.0.113.7"]);
  });
});
