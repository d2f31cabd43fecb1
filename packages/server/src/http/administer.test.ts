import { DatabaseSync } from "node:sqlite";
import { createSigner, decode } from "@ostiary/jwt";
import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../test/admin-server.ts";
import { keysOf, ORIGIN, refusal, temporaryFile, TestClient } from "../../test/test-server.ts";

/** A server whose database is changed behind its back, by `sql` with the id of its administrator. */
async function withAdminAnd(sql: string) {
  const path = temporaryFile();
  const started = await startWithAdmin({ databaseUrl: `sqlite:${path}` });
  const database = new DatabaseSync(path);
  database.prepare(sql).run(started.ada.user.id);
  database.close();
  return started;
}

describe("who has an administrator's access token", () => {
  it("403: is no administrator with one that was given to another application", async () => {
    const path = temporaryFile();
    const { server } = await startWithAdmin({ databaseUrl: `sqlite:${path}` });
    const client = new TestClient(server);
    const { accessToken } = await client.login("ada@example.com", { delivery: "body" });
    const { accessKey: key } = await keysOf(path);
    const sign = createSigner({ key, type: "at+jwt" });
    const claims = decode(accessToken).claims;
    expect((await client.call("GET", "/admin/users", { bearer: sign(claims) })).status).toBe(200);
    const bearer = sign({ ...claims, client_id: "another-app" });
    const answer = await client.call("GET", "/admin/users", { bearer });
    expect(refusal(answer)).toEqual({ status: 403, error: "insufficient_scope" });
    expect(refusal(await client.me(bearer))).toEqual({ status: 403, error: "insufficient_scope" });
  });

  it("403: nor from a page of another origin, also of one whose apps may use this server", async () => {
    const { call } = await startWithAdmin({ allowedOrigins: [ORIGIN, "https://app.example.com"] });
    const from = (origin: string) => call("GET", "/admin/users", { headers: { origin } });
    expect((await from(ORIGIN)).status).toBe(200);
    for (const origin of ["https://app.example.com", "https://evil.example", "null"]) {
      expect(refusal(await from(origin))).toEqual({ status: 403, error: "csrf_failed" });
    }
  });

  it("403: nor once the role is gone from the database, whatever the token still says", async () => {
    const { call } = await withAdminAnd(`update users set roles = '["user"]' where id = ?`);
    expect(refusal(await call("GET", "/admin/users"))).toEqual({ status: 403, error: "insufficient_role" });
  });

  it("401: nor once they are disabled", async () => {
    const { call } = await withAdminAnd("update users set disabled_at = 1 where id = ?");
    expect((await call("GET", "/admin/users")).status).toBe(401);
  });
});
