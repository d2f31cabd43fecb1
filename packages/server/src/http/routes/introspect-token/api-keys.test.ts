/** What guards are told about API keys, by what has happened to the key and to its owner. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ANY_TEXT, DAY, ISSUER, MINUTE, SECOND, START, TestClient, temporaryFile } from "../../../../test/test-server.ts";
import { startTokenEndpoint } from "../../../../test/token-endpoint.ts";
import type { NewApiKey } from "../../../api-keys/create-api-key.ts";
import { newKeyText } from "../../../api-keys/key-text.ts";
import type { OstiaryConfig } from "../../../ostiary-config.ts";
import { systemRandom } from "../../../random.ts";
import { openStore } from "../../../stores/open-store.ts";

const API = "https://api.example";
const INACTIVE = { active: false };

async function start(config: OstiaryConfig = {}) {
  const { send, server, tokens, ...rest } = await startTokenEndpoint<Record<string, unknown>>("/oauth/introspect", {
    audience: [API],
    ...config,
  });
  const owner = { userId: tokens.user.id };
  const introspect = async (key: string, more: Record<string, string> = {}) => (await send(key, more)).body;
  const make = (more: Partial<NewApiKey> = {}) =>
    server.apiKeys.create({ owner, name: "Laptop", scopes: ["orders:read"], ...more });
  const account = (more: object = {}) =>
    server.clients.create({
      name: "Nightly",
      registration: { grantTypes: ["client_credentials"], scopes: ["orders:read", "orders:write"], roles: ["batch"], ...more },
    });
  return { ...rest, server, tokens, owner, send, introspect, make, account };
}

describe("POST /oauth/introspect about a user's API key", () => {
  it("200: what an access token would say, of the user and never of more than the key was given", async () => {
    const { owner, make, send } = await start();
    const { id, key } = await make();
    const { status, headers, body } = await send(key);
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(body).toEqual({
      active: true,
      token_type: "Bearer",
      key_id: id,
      iss: ISSUER,
      aud: [API, ISSUER],
      sub: owner.userId,
      client_id: "api-key",
      sid: id,
      jti: ANY_TEXT,
      ver: 1,
      scope: "orders:read",
      roles: [],
      iat: START / 1000,
      exp: START / 1000 + 900,
    });
    expect(body["jti"]).not.toBe(id);
  });

  it("200: roles only if it was given them, and as they are now", async () => {
    const { server, owner, make, introspect } = await start();
    const { key } = await make({ withRoles: true });
    expect(await introspect(key)).toMatchObject({ roles: ["user"], ver: 1 });
    await server.users.setRoles(owner.userId, ["user", "staff"]);
    expect(await introspect(key)).toMatchObject({ roles: ["user", "staff"], ver: 2 });
  });

  it("200: a scope that only a role gives goes with the role", async () => {
    const { server, owner, make, introspect } = await start({ scopes: { staff: ["stock:write"] } });
    const { key } = await make({ scopes: ["orders:read", "stock:write"] });
    expect(await introspect(key)).toMatchObject({ scope: "orders:read" });
    await server.users.setRoles(owner.userId, ["staff"]);
    expect(await introspect(key)).toMatchObject({ scope: "orders:read stock:write" });
  });

  it("200: until it expires and not a second longer, and nobody relies on the answer for longer", async () => {
    const { server, make, introspect } = await start();
    const { key } = await make({ expiresInDays: 1 });
    server.time.now = START + DAY - MINUTE;
    expect(await introspect(key)).toMatchObject({ active: true, exp: (START + DAY) / 1000 });
    server.time.now = START + DAY - 1;
    expect(await introspect(key)).toMatchObject({ active: true });
    server.time.now = START + DAY;
    expect(await introspect(key)).toEqual(INACTIVE);
  });

  it("200 inactive, and exactly that, once it was revoked, whatever the guard asks with", async () => {
    const { server, make, introspect } = await start();
    const { id, key } = await make();
    await server.apiKeys.revoke(id);
    for (const more of [{}, { explain: "true" }, { token_type_hint: "refresh_token" }]) {
      expect(await introspect(key, more)).toEqual(INACTIVE);
    }
  });

  it("200 inactive once its user was disabled, and so it stays; or deleted", async () => {
    const { server, owner, make, introspect } = await start();
    const { key } = await make();
    await server.users.disable(owner.userId);
    expect(await introspect(key)).toEqual(INACTIVE);
    await server.users.enable(owner.userId);
    expect(await introspect(key)).toEqual(INACTIVE);
    const again = await make();
    expect(await introspect(again.key)).toMatchObject({ active: true });
    await server.users.delete(owner.userId);
    expect(await introspect(again.key)).toEqual(INACTIVE);
    expect(await server.apiKeys.find(again.id)).toBeNull();
  });

  it("200: a changed password and a sign-out everywhere end sessions, not keys", async () => {
    const { client, tokens, make, introspect } = await start();
    const { key } = await make();
    const passwords = { currentPassword: "correct horse battery staple", newPassword: "another horse entirely" };
    expect((await client.call("POST", "/password", { bearer: tokens.accessToken, body: passwords })).status).toBe(204);
    expect(await introspect(key)).toMatchObject({ active: true, ver: 2 });
    const { accessToken } = (await client.refresh(tokens.refreshToken)).body;
    expect((await client.call("POST", "/logout-all", { bearer: accessToken })).status).toBe(204);
    expect(await introspect(key)).toMatchObject({ active: true, ver: 3 });
  });

  it("200 inactive: a secret that was made up for the id of a good key, a slip of the pen, a key of nobody", async () => {
    const { make, introspect } = await start();
    const { id, key } = await make();
    const invented = [
      newKeyText(id, systemRandom),
      newKeyText("0".repeat(20), systemRandom),
      `${key.slice(0, -1)}!`,
      `${key}0`,
      "ostk_",
      `ostk_${"\0".repeat(69)}`,
    ];
    for (const wrong of invented) expect(await introspect(wrong)).toEqual(INACTIVE);
    expect(await introspect(key)).toMatchObject({ active: true });
  });

  it("is counted, good or not", async () => {
    const metricsToken = "metrics-token-of-the-tests";
    const { server, make, introspect } = await start({ metricsToken });
    const { id, key } = await make();
    await introspect(key);
    for (const wrong of [newKeyText(id, systemRandom), "ostk_"]) await introspect(wrong);
    const headers = { authorization: `Bearer ${metricsToken}` };
    const answer = await (await server.fetch(new Request(new URL("/metrics", ISSUER), { headers }))).text();
    expect(answer).toMatch(/^ostiary_api_keys_asked_total\{outcome="good"\} 1$/m);
    expect(answer).toMatch(/^ostiary_api_keys_asked_total\{outcome="refused"\} 2$/m);
  });

  it("notes its use to the minute, and nobody's guess is one", async () => {
    const { server, make, introspect } = await start();
    const { id, key } = await make();
    await introspect(newKeyText(id, systemRandom));
    expect(await server.apiKeys.find(id)).toMatchObject({ lastUsedAt: null });
    await introspect(key);
    server.time.now += MINUTE - 1;
    await introspect(key);
    expect(await server.apiKeys.find(id)).toMatchObject({ lastUsedAt: START });
    server.time.now += 1;
    await introspect(key);
    expect(await server.apiKeys.find(id)).toMatchObject({ lastUsedAt: START + MINUTE });
  });
});

describe("POST /oauth/introspect about a service account's API key", () => {
  it("200: the account's roles and scopes, as they are now", async () => {
    const { server, account, introspect } = await start();
    const { clientId } = await account();
    const { key } = await server.apiKeys.create({ owner: { clientId }, name: "Job" });
    expect(await introspect(key)).toMatchObject({
      sub: clientId,
      client_id: clientId,
      scope: "orders:read orders:write",
      roles: ["batch"],
      ver: 1,
    });
    await server.clients.update(clientId, { registration: { scopes: ["orders:read"], roles: [] } });
    expect(await introspect(key)).toMatchObject({ scope: "orders:read", roles: [], ver: 2 });
  });

  it("200 inactive once the account is deleted", async () => {
    const { server, account, introspect } = await start();
    const { clientId } = await account();
    const { key } = await server.apiKeys.create({ owner: { clientId }, name: "Job" });
    await server.clients.delete(clientId);
    expect(await introspect(key)).toEqual(INACTIVE);
  });
});

describe("a rotated key", () => {
  it("is inactive with the old secret at once, and good with the new one", async () => {
    const { server, make, introspect } = await start();
    const { id, key: old } = await make();
    const [before] = [await introspect(old)];
    const rotated = await server.apiKeys.rotate(id);
    expect(await introspect(old)).toEqual(INACTIVE);
    const after = await introspect(rotated?.key ?? "");
    expect(after).toMatchObject({ active: true, sid: id, key_id: id });
    expect(after["jti"]).not.toBe(before["jti"]);
  });

  it("is good with both for the overlap and not a second longer; guards that remember the old one ask anew", async () => {
    const path = temporaryFile();
    const { server, make, introspect } = await start({ databaseUrl: `sqlite:${path}` });
    const { id, key: old } = await make();
    const before = await introspect(old);
    const { key: fresh = "", previousUntil } = (await server.apiKeys.rotate(id, { overlapSeconds: 60 })) ?? {};
    expect(previousUntil).toBe(START + MINUTE);
    const during = await introspect(old);
    expect(during).toMatchObject({ active: true, exp: START / 1000 + 60 });
    expect(during["jti"]).not.toBe(before["jti"]);
    const store = await openStore({ databaseUrl: `sqlite:${path}` });
    const entries = await store.revocations.entriesAfter(0, 10);
    await store.close();
    expect(entries).toMatchObject([{ kind: "token", value: before["jti"], effect: "stale", reason: "api_key_rotated" }]);
    server.time.now += MINUTE - 1;
    expect(await introspect(old)).toMatchObject({ active: true });
    server.time.now += 1;
    expect(await introspect(old)).toEqual(INACTIVE);
    expect(await introspect(fresh)).toMatchObject({ active: true });
  });

  it("rotated again during the overlap has two good secrets and never three", async () => {
    const { server, make, introspect } = await start();
    const { id, key: first } = await make();
    const { key: second = "" } = (await server.apiKeys.rotate(id, { overlapSeconds: 60 })) ?? {};
    server.time.now += SECOND;
    const { key: third = "" } = (await server.apiKeys.rotate(id, { overlapSeconds: 60 })) ?? {};
    expect(await introspect(first)).toEqual(INACTIVE);
    for (const good of [second, third]) expect(await introspect(good)).toMatchObject({ active: true });
  });
});

describe("the database", () => {
  it("has no secret of a key in it", async () => {
    const path = temporaryFile();
    const { server, make } = await start({ databaseUrl: `sqlite:${path}` });
    const { id, key } = await make();
    const { key: second = "" } = (await server.apiKeys.rotate(id, { overlapSeconds: 60 })) ?? {};
    await server.close();
    const bytes = readFileSync(path).toString("latin1");
    expect(bytes).toContain(id);
    for (const secret of [key, second]) expect(bytes).not.toContain(secret.slice(25, 68));
  });
});

describe("the server's own routes", () => {
  it("take no API key, of whomever", async () => {
    const { server, make, account } = await start();
    const { clientId } = await account();
    const keys = [await make({ withRoles: true }), await server.apiKeys.create({ owner: { clientId }, name: "Job" })];
    for (const { key } of keys) {
      for (const [method, path] of [
        ["GET", "/me"],
        ["GET", "/sessions"],
        ["POST", "/logout-all"],
        ["GET", "/admin/api-keys"],
        ["GET", "/oauth/userinfo"],
      ] as const) {
        expect([401, 403]).toContain((await new TestClient(server).call(method, path, { bearer: key })).status);
      }
    }
  });
});
