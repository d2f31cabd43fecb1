import { hash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKey, createSigner } from "@ostiary/jwt";
import { describe, expect, it, onTestFinished } from "vitest";
import { DEVICE_GRANT } from "../../clients/registration.ts";
import { resolveSettings } from "../../config.ts";
import type { OstiaryConfig } from "../../ostiary-config.ts";
import { answer, sentBack, startAuthorization } from "../../../test/authorization.ts";
import { VERIFIER } from "../../../test/code-client.ts";
import { tokenIn } from "../../../test/device-client.ts";
import { ISSUER, MINUTE, refusal, SECRET, TestClient } from "../../../test/test-server.ts";

const CALLBACK = "http://127.0.0.1/callback";

/** A site with a client's document, and its keys. */
async function startSite(document: Record<string, unknown> = {}) {
  const pages: Record<string, unknown> = {};
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    const page = pages[request.url ?? ""];
    response.writeHead(page === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(page));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const id = `${origin}/client.json`;
  pages["/client.json"] = {
    client_id: id,
    client_name: "Tide Tables",
    redirect_uris: [CALLBACK],
    grant_types: ["authorization_code", "refresh_token"],
    ...document,
  };
  return { origin, id, pages, asked: () => asked };
}

async function start(document: Record<string, unknown> = {}, config: OstiaryConfig = {}) {
  const site = await startSite(document);
  const world = await startAuthorization({}, { clientIdDocuments: "on", dangerouslyFetchLoopback: true, ...config });
  const codeChallenge = hash("sha256", VERIFIER, "base64url");
  const request = { client_id: site.id, redirect_uri: CALLBACK, scope: "openid offline_access", code_challenge: codeChallenge };
  const program = new TestClient(world.server);
  const post = (path: string, form: Record<string, string>) =>
    program.call<Record<string, string>>("POST", path, {
      body: new URLSearchParams(form).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  const exchange = (form: Record<string, string>) => post("/oauth/token", form);
  const newCode = async (): Promise<string> =>
    sentBack(await answer(world.ada, await world.ada.get(world.path(request)), "allow"))["code"] ?? "";
  const redeem = (code: string, more: Record<string, string> = { client_id: site.id }) =>
    exchange({ grant_type: "authorization_code", code, code_verifier: VERIFIER, ...more });
  return { ...world, site, request, post, exchange, newCode, redeem };
}

describe("a client whose id is the address of its document", () => {
  it("signs users in: asked each time, by a page that shows the host; tokens, a refresh, and apps with access", async () => {
    const { ada, site, path, request, newCode, redeem, exchange, server, tokens } = await start();
    for (let time = 0; time < 2; time++) {
      const asked = await ada.get(path(request));
      expect(asked.text).toContain(`<p class="host">${new URL(site.origin).host}</p>`);
      expect(asked.text).toContain("Nobody has checked its name.");
    }
    const { body, status } = await redeem(await newCode());
    expect(status).toBe(200);
    const refreshed = await exchange({
      grant_type: "refresh_token",
      refresh_token: body["refresh_token"] ?? "",
      client_id: site.id,
    });
    expect(refreshed.status).toBe(200);
    const sessions = await server.sessions.list(tokens.user.id);
    expect(sessions.some(({ device }) => device.label === "Tide Tables")).toBe(true);
    expect(await server.clients.find(site.id)).toMatchObject({
      clientId: site.id,
      name: "Tide Tables",
      selfRegistered: { way: "document", usedAt: server.time.now },
    });
    expect((await ada.get("/account")).text).toContain("<strong>Tide Tables</strong>");
    expect(site.asked()).toBe(1);
  });

  it("is let in on a device, too: its page shows the host, and says that nobody has checked the name", async () => {
    const grants = { grant_types: [DEVICE_GRANT, "refresh_token"], redirect_uris: [] };
    const { ada, site, post, exchange } = await start(grants);
    const { body } = await post("/oauth/device", { client_id: site.id, scope: "openid offline_access" });
    const userCode = body["user_code"] ?? "";
    const asked = await ada.submit("/device", { user_code: userCode });
    for (const part of [`<p class="host">${new URL(site.origin).host}</p>`, "Nobody has checked its name."]) {
      expect(asked.text).toContain(part);
    }
    await ada.post("/device", { form_token: tokenIn(asked.text), user_code: userCode, decision: "allow" });
    const polled = await exchange({ grant_type: DEVICE_GRANT, device_code: body["device_code"] ?? "", client_id: site.id });
    expect([polled.status, typeof polled.body["refresh_token"]]).toEqual([200, "string"]);
  });

  it("ends for its users when an administrator deletes it; it may ask them again", async () => {
    const { site, newCode, redeem, exchange, server, ada, path, request } = await start();
    const { body } = await redeem(await newCode());
    expect(await server.clients.delete(site.id)).toMatchObject({ clientId: site.id });
    const refused = await exchange({
      grant_type: "refresh_token",
      refresh_token: body["refresh_token"] ?? "",
      client_id: site.id,
    });
    expect(refusal(refused)).toEqual({ status: 400, error: "invalid_grant", reason: "session_revoked" });
    expect((await ada.get(path(request))).status).toBe(200);
  });

  it("is what its document says: another registration would not last, and is refused", async () => {
    const { newCode, site, server } = await start();
    await newCode();
    const { registration, name } = (await server.clients.find(site.id)) ?? {};
    await expect(server.clients.update(site.id, { registration: { scopes: ["openid"] } })).rejects.toMatchObject({
      code: "invalid_request",
      field: "registration",
    });
    expect(await server.clients.find(site.id)).toMatchObject({ registration, name });
  });

  it("a code of one document's client is worth nothing to another's", async () => {
    const { newCode, redeem } = await start();
    const other = await startSite();
    const code = await newCode();
    expect(refusal(await redeem(code, { client_id: other.id }))).toEqual({ status: 400, error: "invalid_grant" });
    expect((await redeem(code)).status).toBe(200);
  });

  it("400, and nobody is sent anywhere: a document that is not the client's, or a redirect URI that is not in it", async () => {
    const { ada, path, request, site } = await start({ client_id: "https://another.example/client.json" });
    const page = await ada.get(path(request));
    expect([page.status, page.location]).toEqual([400, null]);
    expect(page.text).toContain("has another client_id, or none");
    const second = await start();
    const wrong = await second.ada.get(second.path({ ...second.request, redirect_uri: "https://evil.example/callback" }));
    expect([wrong.status, wrong.location]).toEqual([400, null]);
    expect((await second.redeem("x", { client_id: `${site.origin}/nothing.json` })).status).toBe(401);
  });

  it("this machine and its network are not reached, unless a test's setting says so", async () => {
    const site = await startSite();
    const { ada, path, request } = await start({}, { dangerouslyFetchLoopback: false });
    const secure = site.id.replace("http:", "https:");
    for (const id of [site.id, secure, "https://localhost/client.json", "https://169.254.169.254/latest/meta-data"]) {
      const page = await ada.get(path({ ...request, client_id: id }));
      expect([page.status, page.location]).toEqual([400, null]);
    }
    expect(site.asked()).toBe(0);
  });

  it("where ids are no addresses it is nobody, also if it was somebody before", async () => {
    const site = await startSite();
    const { ada, path, request, server } = await start({}, { clientIdDocuments: "off" });
    expect((await ada.get(path({ ...request, client_id: site.id }))).status).toBe(400);
    expect(site.asked()).toBe(0);
    const { body } = await new TestClient(server).call<Record<string, unknown>>("GET", "/.well-known/openid-configuration");
    expect(body).not.toHaveProperty("client_id_metadata_document_supported");
  });

  it("proves who it is with a key at its jwks_uri, which it can change by itself", async () => {
    const site = await startSite();
    const [first, second] = [generateKey("ES256"), generateKey("ES256")];
    site.pages["/keys"] = { keys: [first.publicJwk()] };
    const { server, ...world } = await start({ token_endpoint_auth_method: "private_key_jwt", jwks_uri: `${site.origin}/keys` });
    const assertionBy = (key: typeof first, jti: string) =>
      createSigner({
        key,
        type: "JWT",
        issuer: world.site.id,
        audience: ISSUER,
        expiresInSeconds: 60,
        clock: () => server.time.now,
      })({ sub: world.site.id, jti });
    const proof = (key: typeof first, jti: string) => ({
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertionBy(key, jti),
    });
    expect((await world.redeem(await world.newCode(), proof(first, "1"))).status).toBe(200);
    expect(refusal(await world.redeem(await world.newCode(), { client_id: world.site.id }))).toEqual({
      status: 401,
      error: "invalid_client",
    });
    site.pages["/keys"] = { keys: [second.publicJwk()] };
    const before = site.asked();
    // No more often than that, however many unknown keys come.
    expect((await world.redeem(await world.newCode(), proof(second, "2"))).status).toBe(401);
    expect(site.asked()).toBe(before);
    server.time.now += MINUTE;
    expect((await world.redeem(await world.newCode(), proof(second, "3"))).status).toBe(200);
    expect((await world.redeem(await world.newCode(), proof(first, "4"))).status).toBe(401);
  });
});

describe("a server in production", () => {
  it("does not start with the tests' setting", () => {
    const environment = { NODE_ENV: "production", OSTIARY_SECRET: SECRET, OSTIARY_ISSUER: "https://id.example.com" };
    expect(() => resolveSettings({ inCode: { dangerouslyFetchLoopback: true }, environment })).toThrow(
      "dangerouslyFetchLoopback is for tests",
    );
    expect(resolveSettings({ environment })).toMatchObject({
      dynamicRegistration: "off",
      clientIdDocuments: "off",
      dangerouslyFetchLoopback: false,
    });
  });
});
