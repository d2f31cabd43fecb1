import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../../../test/admin-server.ts";
import { refusal } from "../../../../test/test-server.ts";

interface Answer {
  readonly client: { clientId: string; name: string; registration: Record<string, unknown> | null };
  readonly clientSecret: string;
}

const REGISTRATION = { redirectUris: ["https://shop.example/callback"] };

describe("clients of OAuth", () => {
  it("are made, shown and changed, and whoever does it stands in the audit", async () => {
    const { server, ada, call } = await startWithAdmin();
    const made = await call<Answer>("POST", "/admin/clients", { body: { name: "Shop", registration: REGISTRATION } });
    expect(made.status).toBe(201);
    expect(made.body.clientSecret).toMatch(/^[\w-]{43}$/);
    const path = `/admin/clients/${made.body.client.clientId}`;
    expect((await call<Answer>("GET", path)).body).toEqual({ client: made.body.client });

    const changes = { name: "The shop", registration: { firstParty: true, backchannelLogoutUri: "https://shop.example/logout" } };
    const changed = await call<Answer>("PATCH", path, { body: changes });
    const expected = {
      ...made.body.client,
      name: "The shop",
      registration: { ...made.body.client.registration, ...changes.registration },
    };
    expect(changed).toMatchObject({ status: 200, body: { client: expected } });
    expect((await call<Answer>("GET", path)).body).toEqual({ client: expected });
    const events = await server.audit.list({ types: ["client_created", "client_updated"] });
    for (const { detail } of events) expect(detail["by"]).toEqual({ id: ada.user.id, email: "ada@example.com" });
    expect(events).toHaveLength(2);
  });

  it("public ones have no secret, and get none", async () => {
    const { call } = await startWithAdmin();
    const body = { name: "App", registration: { ...REGISTRATION, tokenEndpointAuthMethod: "none" } };
    const made = await call<Answer>("POST", "/admin/clients", { body });
    expect(made.body.clientSecret).toBe("");
    expect(refusal(await call("POST", `/admin/clients/${made.body.client.clientId}/secret`))).toEqual({
      status: 400,
      error: "invalid_request",
    });
  });

  it.each([
    { redirectUris: ["http://shop.example/"] },
    { redirectUris: [] },
    { scopes: ["a b"] },
    { grantTypes: ["password"] },
    { tokenEndpointAuthMethod: "none" },
  ])("are not changed to %j", async (registration) => {
    const { call, server } = await startWithAdmin();
    const { clientId, registration: before } = await server.clients.create({ name: "Shop", registration: REGISTRATION });
    const refused = refusal(await call("PATCH", `/admin/clients/${clientId}`, { body: { registration } }));
    expect(refused).toMatchObject({ status: 400, error: "invalid_request" });
    expect((await server.clients.find(clientId))?.registration).toEqual(before);
  });

  it("are not found, where there are none", async () => {
    const { call } = await startWithAdmin();
    expect(refusal(await call("GET", "/admin/clients/nobody"))).toEqual({ status: 404, error: "not_found" });
    expect(refusal(await call("PATCH", "/admin/clients/nobody", { body: { name: "x" } }))).toEqual({
      status: 404,
      error: "not_found",
    });
  });
});
