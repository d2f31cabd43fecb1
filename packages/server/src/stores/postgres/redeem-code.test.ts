import { expect, onTestFinished, test } from "vitest";
import { appOf, createApp, OAUTH_CONFIG } from "../../../test/code-client.ts";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { startTestServer, TestClient } from "../../../test/test-server.ts";
import { openStore } from "../open-store.ts";

test("of a hundred redemptions at two replicas one gets tokens, which are worthless at both; the next code is not", async () => {
  const databaseUrl = await makePostgresDatabase();
  const [one, two] = [await startTestServer({ databaseUrl, ...OAUTH_CONFIG }), await startTestServer({ databaseUrl, ...OAUTH_CONFIG })];
  const store = await openStore({ databaseUrl });
  onTestFinished(() => store.close());
  const tokens = await new TestClient(one).signup("ada@example.com", { delivery: "body" });
  const app = await createApp(one);
  const [atOne, atTwo] = [appOf(one, store, app, tokens), appOf(two, store, app, tokens)];

  const code = await atOne.newCode();
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? atOne : atTwo).redeem(code)));
  const losers = answers.filter(({ body }) => body.error === "invalid_grant");
  const [winner, ...others] = answers.filter((answer) => !losers.includes(answer)).map(({ status, body }) => ({ status, body }));
  expect([losers.length, winner?.status, others]).toEqual([99, 200, []]);
  const { access_token, refresh_token } = winner!.body;
  for (const at of [atOne, atTwo]) {
    await expect.poll(async () => (await at.userinfo(access_token)).status).toBe(401);
    expect((await at.refresh(refresh_token)).body.error).toBe("invalid_grant");
  }
  const next = (await atTwo.redeem(await atOne.newCode())).body;
  expect((await atOne.userinfo(next.access_token)).status).toBe(200);
});
