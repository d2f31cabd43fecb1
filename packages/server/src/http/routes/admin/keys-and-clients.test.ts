import { decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../../../test/admin-server.ts";
import { MINUTE, START, TestClient, basic, refusal } from "../../../../test/test-server.ts";

describe("keys and clients", () => {
  it("keys are listed, and the next one signs when it is ripe, or now", async () => {
    const { server, call } = await startWithAdmin();
    type Key = { kid: string; state: string; purpose: string; activatesAt: string | null };
    const access = async () =>
      (await call<{ keys: Key[] }>("GET", "/admin/keys")).body.keys.filter(({ purpose }) => purpose === "access");
    const before = await access();
    expect(before.map(({ state }) => state).toSorted()).toEqual(["active", "upcoming"]);
    server.time.now += MINUTE;
    // What was published with the first is ripe.
    expect((await call<{ key: Key }>("POST", "/admin/keys/rotate")).body.key.state).toBe("active");
    const planned = await call<{ key: Key }>("POST", "/admin/keys/rotate");
    expect(planned.body.key).toMatchObject({ state: "upcoming", activatesAt: new Date(START + 11 * MINUTE).toISOString() });
    const { body } = await call<{ key: Key }>("POST", "/admin/keys/rotate", { body: { purpose: "access", now: true } });
    expect(body.key).toMatchObject({ state: "active", kid: planned.body.key.kid });
    expect((await access()).map(({ state }) => state)).toContain("retiring");
    expect(JSON.stringify(await access())).not.toMatch(/sealed|"d":/);
    expect(refusal(await call("POST", "/admin/keys/rotate", { body: { purpose: "browser" } }))).toMatchObject({
      status: 400,
      field: "purpose",
    });
  });

  it("a key that somebody else may have is taken out: nothing that it signed is good, and the next one signs", async () => {
    const { server, ada, grace, client, call } = await startWithAdmin();
    type Key = { kid: string; state: string; compromised: boolean };
    const kid = decodeProtectedHeader(grace.accessToken).kid ?? "";
    const { body } = await call<{ key: Key }>("POST", `/admin/keys/${kid}/withdraw`);
    expect(body.key).toMatchObject({ kid, state: "gone", compromised: true });
    expect(refusal(await client.me(grace.accessToken))).toMatchObject({ status: 401, error: "invalid_token" });
    const { accessToken } = (await client.refresh()).body;
    expect(decodeProtectedHeader(accessToken).kid).not.toBe(kid);
    expect((await client.me(accessToken)).status).toBe(200);
    // The token of who did it, too.
    expect((await call("GET", "/admin/keys")).status).toBe(401);
    const [event] = await server.audit.list({ types: ["key_state_changed"], limit: 1 });
    expect(event?.detail["by"]).toEqual({ id: ada.user.id, email: "ada@example.com" });
  });

  it("a client's secret is told once, and good until it is rotated or deleted", async () => {
    const { server, call } = await startWithAdmin();
    type Answer = { client: { clientId: string }; clientSecret: string };
    const { body: made } = await call<Answer>("POST", "/admin/clients", { body: { name: "API", guard: true } });
    const follows = async (clientSecret: string) => {
      const authorization = basic({ clientId: made.client.clientId, clientSecret });
      return (await new TestClient(server).call("HEAD", "/revocations", { headers: { authorization } })).status;
    };
    expect(await follows(made.clientSecret)).toBe(200);
    const { body: rotated } = await call<Answer>("POST", `/admin/clients/${made.client.clientId}/secret`);
    expect([await follows(made.clientSecret), await follows(rotated.clientSecret)]).toEqual([401, 200]);
    for (let i = 0; i < 3; i++) await call("POST", "/admin/clients", { body: { name: `API ${i}` } });
    const names: string[] = [];
    for (let after = ""; ; ) {
      const { body } = await call<{ clients: { name: string }[]; next: string | null }>(
        "GET",
        `/admin/clients?limit=3${after && `&after=${after}`}`,
      );
      expect(JSON.stringify(body)).not.toMatch(/secret/i);
      names.push(...body.clients.map(({ name }) => name));
      if (body.next === null) break;
      after = body.next;
    }
    expect(names.toSorted()).toEqual(["API", "API 0", "API 1", "API 2"]);
    expect((await call("DELETE", `/admin/clients/${made.client.clientId}`)).status).toBe(204);
    expect(await follows(rotated.clientSecret)).toBe(401);
  });
});
