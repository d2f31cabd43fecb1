import { expect, it } from "vitest";
import { basic, refusal, TestClient } from "../../../../test/test-server.ts";
import { startTokenEndpoint } from "../../../../test/token-endpoint.ts";

it("POST /oauth/revoke ends an API key: of its own service account, and of a user for a guard; of nobody else", async () => {
  const { server, tokens, guard, send } = await startTokenEndpoint("/oauth/revoke");
  const [account, other] = await Promise.all(
    ["one", "other"].map((name) =>
      server.clients.create({ name, registration: { grantTypes: ["client_credentials"], scopes: ["a"] } }),
    ),
  );
  const owned = await server.apiKeys.create({ owner: { clientId: account!.clientId }, name: "Job" });
  const users = await server.apiKeys.create({ owner: { userId: tokens.user.id }, name: "Laptop" });
  const by = (client: typeof guard, token: string) =>
    new TestClient(server).call("POST", "/oauth/revoke", {
      body: new URLSearchParams({ token }).toString(),
      headers: { authorization: basic(client), "content-type": "application/x-www-form-urlencoded" },
    });
  for (const [client, { key }] of [[other!, owned], [other!, users], [account!, users], [guard, owned]] as const) {
    expect(refusal(await by(client, key))).toEqual({ status: 403, error: "unauthorized_client" });
  }
  for (const { id } of [owned, users]) expect((await server.apiKeys.find(id))?.revokedAt).toBeNull();
  expect((await by(account!, owned.key)).status).toBe(200);
  expect((await send(users.key)).status).toBe(200);
  for (const { id } of [owned, users]) expect((await server.apiKeys.find(id))?.revokedAt).not.toBeNull();
  const events = await server.audit.list({ types: ["api_key_revoked"] });
  expect(events.map(({ detail, ip }) => [detail["keyId"], ip])).toEqual([[users.id, "203.0.113.7"], [owned.id, "203.0.113.7"]]);
});
