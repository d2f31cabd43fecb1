import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DEVICE_GRANT } from "../../../clients/registration.ts";
import { API } from "../../../../test/code-client.ts";
import { startDevices } from "../../../../test/device-client.ts";
import { countEarlier } from "../../../../test/earlier-tries.ts";
import { basic, ISSUER, refusal, START, TestClient } from "../../../../test/test-server.ts";

describe("200", () => {
  it("tells what to show, and what to ask with (RFC 8628 §3.2)", async () => {
    const { begin } = await startDevices();
    const { status, headers, body } = await begin();
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(body).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/) as unknown,
      user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/) as unknown,
      verification_uri: `${ISSUER}/device`,
      verification_uri_complete: `${ISSUER}/device?user_code=${body.user_code}`,
      expires_in: 600,
      interval: 5,
    });
  });

  it("keeps a hash of the device code, what is asked for, and where it came from", async () => {
    const { begin, store, app } = await startDevices();
    const { device_code: code, user_code: shown } = (
      await begin({ scope: "orders:read", resource: API }, { authorization: basic(app), "user-agent": "tv/1" })
    ).body;
    expect(await store.oauth.devices.find(code)).toBeNull();
    expect(await store.oauth.devices.find(hash("sha256", code, "base64url"))).toEqual({
      hash: hash("sha256", code, "base64url"),
      userCode: shown.replace("-", ""),
      clientId: app.clientId,
      scopes: ["orders:read"],
      resources: [API],
      ip: "203.0.113.7",
      userAgent: "tv/1",
      createdAt: START,
      expiresAt: START + 600_000,
      intervalSeconds: 5,
      polledAt: null,
      decision: null,
    });
  });

  it("comes to public clients, which name themselves", async () => {
    const { begin } = await startDevices({ tokenEndpointAuthMethod: "none" });
    expect((await begin()).status).toBe(200);
  });
});

describe("400", () => {
  it("for scopes and resources that the client may not have", async () => {
    const { begin } = await startDevices();
    expect(refusal(await begin({ scope: "openid everything" }))).toEqual({ status: 400, error: "invalid_scope" });
    expect(refusal(await begin({ resource: "https://nobody.example" }))).toEqual({ status: 400, error: "invalid_target" });
    expect(refusal(await begin({ scope: "openid  email" }))).toEqual({ status: 400, error: "invalid_scope" });
  });

  it("for a client that is not registered for devices", async () => {
    const { begin } = await startDevices({ grantTypes: ["client_credentials"], scopes: ["orders:read"] });
    expect(refusal(await begin({ scope: "orders:read" }))).toEqual({ status: 400, error: "unauthorized_client" });
  });

  it("where tokens are signed with a secret: no client could verify them", async () => {
    const { begin } = await startDevices({}, { signingAlgorithm: "HS256" });
    expect(refusal(await begin())).toEqual({ status: 400, error: "invalid_request" });
  });
});

it("401 for a client that has a secret and does not prove it", async () => {
  const { begin, app } = await startDevices();
  expect(refusal(await begin({ client_id: app.clientId }, {}))).toEqual({ status: 401, error: "invalid_client" });
});

it("429 for clients that registered themselves and flood it, with a secret too", async () => {
  const { server, store, post } = await startDevices({}, { dynamicRegistration: "open" });
  const metadata = { grant_types: [DEVICE_GRANT], response_types: [] };
  const { body } = await new TestClient(server).call<Record<string, string>>("POST", "/oauth/register", { body: metadata });
  const { client_id: clientId = "", client_secret: clientSecret = "" } = body;
  await countEarlier(store, { name: "request-address", windowSeconds: 900 }, "203.0.113.7", 599);
  const send = () => post("/oauth/device", { scope: "openid" }, { authorization: basic({ clientId, clientSecret }) });
  expect([(await send()).status, (await send()).status]).toEqual([200, 429]);
});

it("429 for public clients that flood it from one address", async () => {
  const { begin, server, store } = await startDevices({ tokenEndpointAuthMethod: "none" });
  await countEarlier(store, { name: "request-address", windowSeconds: 900 }, "203.0.113.7", 598);
  const answers = await Promise.all(Array.from({ length: 6 }, () => begin()));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
  expect(server.reported).toEqual([]);
});
