import { expect, it } from "vitest";
import { answer, startAuthorization } from "../../test/authorization.ts";
import { startTestServer, TestClient } from "../../test/test-server.ts";
import type { Ostiary } from "../ostiary.ts";

const TOKEN = "metrics-token-of-the-tests";

/** What metrics have counted, once it is what the audit has. */
async function toldAsAudited(server: Ostiary): Promise<Map<string, number>> {
  const audited = new Map<string, number>();
  for (const { type } of await server.audit.list({ limit: 1000 })) audited.set(type, (audited.get(type) ?? 0) + 1);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const metrics = await (await server.fetch(new Request(new URL("/metrics", server.issuer), { headers }))).text();
  const told = new Map(
    Array.from(metrics.matchAll(/^ostiary_events_total\{type="(\w+)"\} (\d+)$/gm), ([, type = "", n]) => [type, Number(n)]),
  );
  expect(told).toEqual(audited);
  return told;
}

it("what people allow apps is told, too", async () => {
  const { server, ada, path } = await startAuthorization({}, { metricsToken: TOKEN });
  await answer(ada, await ada.get(path()), "allow");
  expect((await toldAsAudited(server)).get("consent_given")).toBe(1);
});

it("what happens to clients, keys, users and single tokens is told like the rest, and as often as it is in the audit", async () => {
  const server = await startTestServer({ metricsToken: TOKEN });
  const { user } = await new TestClient(server).signup();
  const { clientId } = await server.clients.create({ name: "API", guard: true });
  await server.clients.rotateSecret(clientId);
  await server.clients.delete(clientId);
  await server.keys.rotate();
  await server.sessions.revokeToken("a-token-of-theirs");
  for (const change of ["disable", "enable", "unlock", "delete"] as const) await server.users[change](user.id);

  const told = await toldAsAudited(server);
  for (const type of ["client_created", "client_secret_rotated", "client_deleted", "key_state_changed", "token_revoked"]) {
    expect(told.get(type)).toBeGreaterThan(0);
  }
});
