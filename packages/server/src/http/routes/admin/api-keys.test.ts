import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../../../test/admin-server.ts";
import { ANY_TEXT, DAY, refusal, START } from "../../../../test/test-server.ts";

interface ApiKey {
  readonly id: string;
  readonly userId: string | null;
  readonly clientId: string | null;
  readonly revokedAt: string | null;
}

interface Made {
  readonly apiKey: ApiKey;
  readonly key: string;
}

interface Page {
  readonly apiKeys: readonly ApiKey[];
  readonly next: string | null;
}

const SERVICE = { name: "Nightly", registration: { grantTypes: ["client_credentials" as const], scopes: ["jobs:run"] } };

async function start() {
  const started = await startWithAdmin();
  const userId = started.grace.user.id;
  const make = async (body: object = {}) =>
    (await started.call<Made>("POST", "/admin/api-keys", { body: { userId, name: "Laptop", ...body } })).body;
  return { ...started, userId, make };
}

describe("API keys in the administrators' API", () => {
  it("201: the key is told this once, and what it is whenever somebody asks", async () => {
    const { call, userId } = await start();
    const body = { userId, name: " Laptop ", scopes: ["orders:read", "orders:read"], withRoles: true, expiresInDays: 90 };
    const made = await call<Made>("POST", "/admin/api-keys", { body });
    expect([made.status, made.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const { apiKey, key } = made.body;
    expect(key).toMatch(/^ostk_[0-9A-Za-z]{69}$/);
    expect(apiKey).toEqual({
      id: key.slice(5, 25),
      name: "Laptop",
      userId,
      clientId: null,
      scopes: ["orders:read"],
      withRoles: true,
      createdAt: new Date(START).toISOString(),
      expiresAt: new Date(START + 90 * DAY).toISOString(),
      lastUsedAt: null,
      previousUntil: null,
      revokedAt: null,
    });
    expect((await call("GET", `/admin/api-keys/${apiKey.id}`)).body).toEqual({ apiKey });
    expect((await call("GET", `/admin/api-keys?userId=${userId}`)).body).toEqual({ apiKeys: [apiKey], next: null });
  });

  it("200: pages of one owner's keys, or of all, oldest first", async () => {
    const { call, server, userId, make } = await start();
    const { clientId } = await server.clients.create(SERVICE);
    const ids: string[] = [];
    for (const owner of [{}, { userId: undefined, clientId }, {}, {}]) {
      server.time.now += 1;
      ids.push((await make(owner)).apiKey.id);
    }
    const [one, other, three, four] = ids;
    const list = async (query: string) => {
      const { apiKeys, next } = (await call<Page>("GET", `/admin/api-keys?${query}`)).body;
      return [apiKeys.map(({ id }) => id), next];
    };
    expect(await list(`userId=${userId}&limit=2`)).toEqual([[one, three], three]);
    expect(await list(`userId=${userId}&limit=2&after=${three}`)).toEqual([[four], null]);
    expect(await list(`clientId=${clientId}`)).toEqual([[other], null]);
    expect(await list("")).toEqual([ids, null]);
  });

  it("200: another secret; 204: revoked, and whoever did it stands in the audit", async () => {
    const { ada, call, server, make } = await start();
    const { apiKey, key } = await make();
    const path = `/admin/api-keys/${apiKey.id}`;
    const plain = await call<Made>("POST", `${path}/rotate`);
    expect(plain).toMatchObject({ status: 200, body: { apiKey: { id: apiKey.id, previousUntil: null }, key: ANY_TEXT } });
    expect(plain.body.key).not.toBe(key);
    const overlapping = await call<Made>("POST", `${path}/rotate`, { body: { overlapSeconds: 60 } });
    expect(overlapping.body.apiKey).toMatchObject({ previousUntil: new Date(START + 60_000).toISOString() });
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await call<Made>("GET", path)).body.apiKey.revokedAt).toBe(new Date(START).toISOString());
    expect(refusal(await call("POST", `${path}/rotate`))).toEqual({ status: 400, error: "invalid_request" });
    const events = await server.audit.list({ types: ["api_key_created", "api_key_rotated", "api_key_revoked"] });
    expect(events.map(({ type }) => type)).toEqual(["api_key_revoked", "api_key_rotated", "api_key_rotated", "api_key_created"]);
    for (const { userId, detail } of events) {
      expect([userId, detail["keyId"], detail["by"]]).toEqual([
        apiKey.userId,
        apiKey.id,
        { id: ada.user.id, email: "ada@example.com" },
      ]);
      expect(JSON.stringify(detail)).not.toContain(key.slice(25, 68));
    }
  });

  it("400: none is made of what no key can be, and the field is named", async () => {
    const { call, server, userId } = await start();
    const wrong: [string, object][] = [
      ["name", { name: "" }],
      ["name", { name: "a\u0007b" }],
      ["scopes", { scopes: ["a b"] }],
      ["scopes", { scopes: ["openid"] }],
      ["scopes", { scopes: ["offline_access"] }],
      ["expiresInDays", { expiresInDays: 0 }],
      ["expiresInDays", { expiresInDays: 1.5 }],
      ["expiresInDays", { expiresInDays: 4000 }],
      ["owner", { userId: "nobody" }],
      ["userId", { userId: undefined }],
      ["clientId", { clientId: "nobody" }],
      ["owner", { userId: undefined, clientId: "nobody" }],
      ["withRoles", { withRoles: "yes" }],
    ];
    for (const [field, more] of wrong) {
      const refused = await call("POST", "/admin/api-keys", { body: { userId, name: "Laptop", ...more } });
      expect([more, refused]).toMatchObject([
        more,
        { status: 400, body: { error: "invalid_request", reason: "invalid_field", field } },
      ]);
    }
    expect(await server.apiKeys.list()).toEqual([]);
  });

  it("400: none of a client that has no tokens of its own, or may not do that much, nor of a user who is disabled", async () => {
    const { call, server, userId } = await start();
    const guard = await server.clients.create({ name: "API", guard: true });
    const app = await server.clients.create({ name: "Shop", registration: { redirectUris: ["https://shop.example/"] } });
    const job = await server.clients.create(SERVICE);
    await server.users.disable(userId);
    const owners = [
      { clientId: guard.clientId },
      { clientId: app.clientId },
      { clientId: job.clientId, scopes: ["jobs:stop"] },
      { userId },
    ];
    for (const owner of owners) {
      expect(refusal(await call("POST", "/admin/api-keys", { body: { name: "Key", ...owner } }))).toMatchObject({
        status: 400,
        error: "invalid_request",
      });
    }
    expect(await server.apiKeys.list()).toEqual([]);
  });

  it("400: no rotation with an overlap that is none", async () => {
    const { call, make } = await start();
    const { apiKey } = await make();
    for (const overlapSeconds of [-1, 0.5, 2_592_001, "60"]) {
      const refused = await call("POST", `/admin/api-keys/${apiKey.id}/rotate`, { body: { overlapSeconds } });
      expect(refused).toMatchObject({ status: 400, body: { error: "invalid_request", field: "overlapSeconds" } });
    }
  });

  it("403 for who is no administrator, 404 where there is none", async () => {
    const { call, grace, make } = await start();
    const { apiKey } = await make();
    const calls = [
      ["GET", ""],
      ["POST", ""],
      ["GET", `/${apiKey.id}`],
      ["POST", `/${apiKey.id}/rotate`],
      ["DELETE", `/${apiKey.id}`],
    ] as const;
    for (const [method, path] of calls) {
      const refused = await call(method, `/admin/api-keys${path}`, { bearer: grace.accessToken });
      expect(refusal(refused)).toEqual({ status: 403, error: "insufficient_role" });
    }
    for (const [method, path] of [["GET", ""], ["POST", "/rotate"], ["DELETE", ""]] as const) {
      expect(refusal(await call(method, `/admin/api-keys/nothing${path}`))).toEqual({ status: 404, error: "not_found" });
    }
  });
});
