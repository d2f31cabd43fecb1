/** `client_credentials` at the token endpoint, by status. */
import { describe, expect, it } from "vitest";
import { API, appOf, claimsOf, OAUTH_CONFIG, OTHER_API, startIntrospection, startOAuth } from "../../../../test/code-client.ts";
import type { Ostiary } from "../../../ostiary.ts";
import { ANY_TEXT, ISSUER, refusal, START } from "../../../../test/test-server.ts";

const SCOPES = ["jobs:run", "jobs:list"];

/** Of an API in the server's process. */
function guardOf({ guard }: Pick<Ostiary, "guard">) {
  return { verify: (token: string) => guard.verify(token) };
}

async function start() {
  const { server, store, tokens } = await startOAuth();
  const job = await server.clients.create({
    name: "Nightly",
    registration: { grantTypes: ["client_credentials"], scopes: SCOPES },
  });
  const { exchange, ...rest } = appOf(server, store, job, tokens);
  return {
    server,
    store,
    tokens,
    job,
    ...rest,
    ask: (more: Record<string, string> = {}) => exchange({ grant_type: "client_credentials", ...more }),
  };
}

describe("POST /oauth/token with client_credentials", () => {
  it("200: an access token in the client's own name, and nothing else", async () => {
    const { job, ask } = await start();
    const { status, headers, body } = await ask();
    expect(status).toBe(200);
    expect([headers.get("cache-control"), headers.get("pragma")]).toEqual(["no-store", "no-cache"]);
    expect(body).toEqual({ access_token: ANY_TEXT, token_type: "Bearer", expires_in: 900, scope: "jobs:run jobs:list" });
    expect(claimsOf(body.access_token)).toEqual({
      iss: ISSUER,
      aud: OAUTH_CONFIG.audience,
      sub: job.clientId,
      client_id: job.clientId,
      sid: job.clientId,
      jti: ANY_TEXT,
      ver: 1,
      scope: "jobs:run jobs:list",
      roles: [],
      iat: START / 1000,
      exp: START / 1000 + 900,
    });
  });

  it("200: its roles are in tokens of its own name, and older tokens are stale once they or its scopes change", async () => {
    const { server, job, ask } = await start();
    const { verify } = guardOf(server);
    await server.clients.update(job.clientId, { registration: { roles: ["batch", "batch"] } });
    const { access_token: token } = (await ask({ resource: ISSUER })).body;
    expect(claimsOf(token)).toMatchObject({ roles: ["batch"], ver: 2 });
    expect(await verify(token)).toMatchObject({ roles: ["batch"] });
    await server.clients.update(job.clientId, {
      name: "Renamed",
      registration: { roles: ["batch"], scopes: SCOPES.toReversed() },
    });
    expect(await verify(token)).toMatchObject({ roles: ["batch"] });
    await server.clients.update(job.clientId, { registration: { roles: [] } });
    await expect(verify(token)).rejects.toMatchObject({ reason: "token_stale" });
    const { access_token: fresh } = (await ask({ resource: ISSUER })).body;
    expect(await verify(fresh)).toMatchObject({ roles: [], scopes: SCOPES.toReversed() });
    await server.clients.update(job.clientId, { registration: { scopes: ["jobs:run"] } });
    await expect(verify(fresh)).rejects.toMatchObject({ reason: "token_stale" });
    const { access_token: last } = (await ask({ resource: ISSUER })).body;
    await server.clients.delete(job.clientId);
    await expect(verify(last)).rejects.toMatchObject({ reason: "token_revoked" });
  });

  it("200: roles are nothing to an app that only signs users in: it is refused with them", async () => {
    const { server } = await start();
    const registration = { redirectUris: ["https://shop.example/callback"], roles: ["admin"] };
    await expect(server.clients.create({ name: "Shop", registration })).rejects.toMatchObject({
      code: "invalid_request",
      field: "roles",
    });
    const bad = { grantTypes: ["client_credentials" as const], roles: ["a role"] };
    await expect(server.clients.create({ name: "Job", registration: bad })).rejects.toMatchObject({
      code: "invalid_request",
      field: "roles",
    });
  });

  it("200: for fewer scopes and for one API, if it asks for that", async () => {
    const { ask } = await start();
    const { body } = await ask({ scope: "jobs:list", resource: OTHER_API });
    expect(body.scope).toBe("jobs:list");
    expect(claimsOf(body.access_token)).toMatchObject({ scope: "jobs:list", aud: OTHER_API });
  });

  it("200: it is nobody's sign-in: no page, no userinfo, no route of the server takes it", async () => {
    const { client, ask, userinfo } = await start();
    for (const resource of [API, ISSUER]) {
      const { access_token } = (await ask({ resource })).body;
      expect([401, 403]).toContain((await userinfo(access_token)).status);
      expect([401, 403]).toContain((await client.me(access_token)).status);
    }
  });

  it("400 invalid_scope: what it is not registered for, and what is about a user", async () => {
    const { ask } = await start();
    for (const scope of ["jobs:stop", "openid", "jobs:run offline_access", "jobs:run  jobs:list"]) {
      expect(refusal(await ask({ scope }))).toEqual({ status: 400, error: "invalid_scope" });
    }
  });

  it("400 invalid_scope: a client that is registered for none gets no token for whoever looks at no scopes", async () => {
    const { server, store, tokens } = await start();
    const bare = await server.clients.create({ name: "Bare", registration: { grantTypes: ["client_credentials"] } });
    const answer = await appOf(server, store, bare, tokens).exchange({ grant_type: "client_credentials" });
    expect(refusal(answer)).toEqual({ status: 400, error: "invalid_scope" });
  });

  it("400 invalid_target: nothing that tokens of this server are for", async () => {
    const { ask } = await start();
    for (const resource of ["https://nowhere.example", "jobs", `${API}#x`]) {
      expect(refusal(await ask({ resource }))).toEqual({ status: 400, error: "invalid_target" });
    }
  });

  it("401 invalid_client with a wrong secret, or with none", async () => {
    const { job, post } = await start();
    const form = { grant_type: "client_credentials", client_id: job.clientId };
    for (const wrong of [form, { ...form, client_secret: "wrong" }, { ...form, client_secret: job.clientSecret }]) {
      expect(refusal(await post("/oauth/token", wrong, {}))).toEqual({ status: 401, error: "invalid_client" });
    }
  });

  it("a revoked one is inactive for whoever asks", async () => {
    const { server, ask, post } = await start();
    const introspect = await startIntrospection(server);
    const { access_token: token } = (await ask({ resource: API })).body;
    expect(await introspect(token)).toMatchObject({ active: true, aud: API, scope: "jobs:run jobs:list" });
    expect((await post("/oauth/revoke", { token })).status).toBe(200);
    expect(await introspect(token)).toEqual({ active: false });
  });
});
