import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { ISSUER, ORIGIN, TestClient, refusal, startTestServer, temporaryFile } from "../../../../test/test-server.ts";

describe("GET /healthz and /readyz, at the server's root", () => {
  it("200: alive, and ready", async () => {
    const { fetch } = await startTestServer();
    const client = new TestClient({ fetch, issuer: ORIGIN });
    for (const path of ["/healthz", "/readyz"]) {
      expect(await client.call("GET", path)).toMatchObject({ status: 200, body: { status: "ok" } });
    }
    const below = new TestClient({ fetch, issuer: ISSUER });
    expect(refusal(await below.call("GET", "/healthz"))).toEqual({ status: 404, error: "not_found" });
  });

  it("503 store_unavailable: alive, but not ready once the store is gone", async () => {
    const server = await startTestServer();
    await server.close();
    const client = new TestClient({ fetch: server.fetch, issuer: ORIGIN });
    expect((await client.call("GET", "/healthz")).status).toBe(200);
    const ready = await client.call("GET", "/readyz");
    expect(refusal(ready)).toEqual({ status: 503, error: "unavailable", reason: "store_unavailable" });
    expect(ready.headers.get("retry-after")).toBe("1");
  });

  it("503 store_unavailable: the schema is older than this version", async () => {
    const path = temporaryFile();
    const { fetch } = await startTestServer({ databaseUrl: `sqlite:${path}` });
    const other = new DatabaseSync(path);
    other.exec("delete from kysely_migration");
    other.close();
    const client = new TestClient({ fetch, issuer: ORIGIN });
    expect(refusal(await client.call("GET", "/readyz"))).toMatchObject({ status: 503, reason: "store_unavailable" });
  });
});
