import { expect, it } from "vitest";
import { startTestServer, TestClient } from "../../test/test-server.ts";

const TOKEN = "metrics-token-of-the-tests";

it("what happens to clients, keys, users and single tokens is told like the rest, and as often as it is in the audit", async () => {
  const server = await startTestServer({ metricsToken: TOKEN });
  const { user } = await new TestClient(server).signup();
  const { clientId } = await server.clients.create({ name: "API", guard: true });
  await server.clients.rotateSecret(clientId);
  await server.clients.delete(clientId);
  await server.keys.rotate();
  await server.sessions.revokeToken("a-token-of-theirs");
  for (const change of ["disable", "enable", "unlock", "delete"] as const) await server.users[change](user.id);

  const audited = new Map<string, number>();
  for (const { type } of await server.audit.list({ limit: 1000 })) audited.set(type, (audited.get(type) ?? 0) + 1);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const metrics = await (await server.fetch(new Request(new URL("/metrics", server.issuer), { headers }))).text();
  const told = new Map(Array.from(metrics.matchAll(/^ostiary_events_total\{type="(\w+)"\} (\d+)$/gm), ([, type = "", n]) => [type, Number(n)]));
  expect(told).toEqual(audited);
  for (const type of ["client_created", "client_secret_rotated", "client_deleted", "key_state_changed", "token_revoked"]) {
    expect(told.get(type)).toBeGreaterThan(0);
  }
});
