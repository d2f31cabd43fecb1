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
  const winners = answers.filter(({ status }) => status === 200);
  const refusals = new Set(answers.filter(({ status }) => status !== 200).map(({ status, body }) => `${status} ${body.error}`));
  // Whom a slow database keeps waiting for too long is told so, the winner too; nobody else wins in its place.
  const isSlow = refusals.delete("503 unavailable");
  expect([...refusals]).toEqual(["400 invalid_grant"]);
  expect(winners.length).toBeLessThanOrEqual(1);
  if (!isSlow) expect(winners).toHaveLength(1);
  for (const { body } of winners) {
    for (const at of [atOne, atTwo]) {
      await expect.poll(async () => (await at.userinfo(body.access_token)).status).toBe(401);
      expect((await at.refresh(body.refresh_token)).body.error).toBe("invalid_grant");
    }
  }
  const next = (await atTwo.redeem(await atOne.newCode())).body;
  expect((await atOne.userinfo(next.access_token)).status).toBe(200);
});
