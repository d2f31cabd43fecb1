/** Pages that do something when they are opened do nothing when somebody only looks what is there (RFC 9110 §9.2.1). */
import { expect, it } from "vitest";
import { queryOf, sentBack, startAuthorization } from "../../test/authorization.ts";
import { idTokenOf, registerApp, sidOf } from "../../test/oauth-client.ts";
import { PageClient } from "../../test/page-client.ts";
import type { PageAnswer } from "../../test/page-client.ts";
import { auditTypes, basic, keysOf, ORIGIN, startSignedIn, temporaryFile, TestClient } from "../../test/test-server.ts";
import { ADA, startWithProvider, whoIs } from "../../test/traveller.ts";

function expectNothing({ status, location, text, headers }: PageAnswer): void {
  expect([status, location, text, headers.getSetCookie()]).toEqual([200, null, "", []]);
  expect(headers.get("cache-control")).toBe("no-store");
}

it("/oauth/authorize issues no code, and uses no pushed request up", async () => {
  const { server, client, ada, path, standard } = await startAuthorization({ firstParty: true });
  const before = await auditTypes(server);
  expectNothing(await ada.head(path()));
  expect(await auditTypes(server)).toEqual(before);
  const headers = { "content-type": "application/x-www-form-urlencoded", authorization: basic(client) };
  const api = new TestClient(server);
  const { body } = await api.call<{ request_uri: string }>("POST", "/oauth/par", { body: queryOf(standard), headers });
  const opened = `/oauth/authorize?${queryOf({ client_id: client.clientId, ...body, expires_in: "" })}`;
  expectNothing(await ada.head(opened));
  expect(sentBack(await ada.get(opened))).toHaveProperty("code");
});

it("/oauth/logout signs nobody out, whatever ID token comes with it", async () => {
  const path = temporaryFile();
  const { server, client, tokens } = await startSignedIn({ databaseUrl: `sqlite:${path}` });
  const { clientId } = await registerApp(server, {});
  const idToken = idTokenOf(await keysOf(path), { clientId, sid: sidOf(tokens.accessToken), sub: tokens.user.id });
  expectNothing(await new PageClient(server, client.jar).head(`/oauth/logout?id_token_hint=${idToken}`));
  expect((await client.me(tokens.accessToken)).status).toBe(200);
});

it("the way back from a provider signs nobody in, and is still good", async () => {
  const { provider, ada } = await startWithProvider({ trustEmail: true });
  const arrival = provider.signedIn(await ada.press(), ADA);
  expectNothing(await ada.head(arrival));
  await ada.get(arrival);
  expect(await whoIs(ada)).toBe("ada@example.com");
});

it("but /continue refreshes for a HEAD, which goes on to an app's page as any request: its cookies come with the answer", async () => {
  const { server, client } = await startSignedIn();
  const page = new PageClient(server, client.jar);
  const { status, location } = await page.head("/continue?return_to=%2Fdashboard");
  expect([status, location, page.jar.has("ostiary_access")]).toEqual([307, `${ORIGIN}/dashboard`, true]);
  expect((await client.refresh()).status).toBe(200);
});
