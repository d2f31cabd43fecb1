/** Whom another issuer has named takes the second step here: what the session says of it then. */
import { DatabaseSync } from "node:sqlite";
import type { TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { claimsOf } from "../../test/code-client.ts";
import { MINUTE, refusal, startTestServer, temporaryFile, TestClient } from "../../test/test-server.ts";
import { ADA, startWithProvider, Traveller, whoIs } from "../../test/traveller.ts";
import { addPasskey, codeAt, enrol, secondStep } from "../../test/two-steps.ts";
import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { hashOf } from "../sessions/hash-of.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";

/** Ada has come by Works, has no password, and has an authenticator app since. */
async function start() {
  const file = temporaryFile();
  const { provider, server } = await startWithProvider({ config: { databaseUrl: `sqlite:${file}` } });
  const client = new TestClient(server);
  await new Traveller(server, client.jar).signIn(provider, ADA);
  const { body: tokens } = await client.refresh();
  return { file, provider, server, tokens, ...(await enrol(server, client, tokens.accessToken)) };
}

/** What waits for a second step, by a name that the test knows: pages keep theirs in the browser. */
function nameOfWaiting(file: string): { mfaToken: string; detail: Record<string, unknown> } {
  const mfaToken = "a".repeat(43);
  const database = new DatabaseSync(file);
  const sql = "UPDATE pending_sign_ins SET hash = ?, browser_hash = NULL WHERE kind = 'sign_in' RETURNING detail";
  const rows = database.prepare(sql).all(hashOf(mfaToken)) as { detail: string }[];
  database.close();
  expect(rows).toHaveLength(1);
  return { mfaToken, detail: JSON.parse(rows[0]?.detail ?? "") as Record<string, unknown> };
}

describe("the second step after another provider", () => {
  it.each([
    ["has told nothing", ADA],
    ["has asked a day ago", { ...ADA, auth_time: Math.floor(Date.now() / 1000) - 86_400 }],
  ])("begins the session at the moment it is taken, also if the provider %s: it steps up", async (_, who) => {
    const { file, provider, server, tokens, secret } = await start();
    const browser = new Traveller(server);
    await browser.signIn(provider, who);
    expect([browser.jar.has("ostiary_refresh"), await whoIs(browser)]).toEqual([false, null]);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
    const { mfaToken, detail } = nameOfWaiting(file);
    expect(detail).toMatchObject({ method: "fed", provider: "works", proofKey: null });

    server.time.now += 5 * MINUTE;
    const client = new TestClient(server);
    const { status, body } = await secondStep(client, { mfaToken, code: codeAt(server, secret) });
    const said = { amr: ["otp", "mfa"], acr: "urn:ostiary:acr:mfa", auth_time: Math.floor(server.time.now / 1000) };
    expect([status, claimsOf(body.accessToken)]).toEqual([200, expect.objectContaining(said)]);
    expect((await client.call("POST", "/second-factors/recovery-codes", { bearer: body.accessToken })).status).toBe(200);
    server.time.now += 10 * MINUTE;
    expect((await client.call("POST", "/second-factors/recovery-codes", { bearer: body.accessToken })).status).toBe(401);
    expect((await server.audit.list({ limit: 100 })).find(({ type }) => type === "login")?.detail).toMatchObject({
      with: "works",
    });
  });
});

it("by a provider that does not tell when it asked, nobody changes factors whose password could be asked for", async () => {
  const file = temporaryFile();
  const { provider, server } = await startWithProvider({ config: { databaseUrl: `sqlite:${file}` } });
  const { user } = await new TestClient(server).signup();
  const store = await openSqlite(file);
  const identity = { issuer: provider.issuer, subject: ADA.sub, userId: user.id, label: null, linkedAt: server.time.now };
  await store.federation.link(identity, auditEvent("identity_linked", server.time.now, LOCAL_ORIGIN, { userId: user.id }));
  await store.close();
  const client = new TestClient(server);
  await new Traveller(server, client.jar).signIn(provider, ADA);
  const { body } = await client.refresh();
  expect(body.user.id).toBe(user.id);
  const answer = await client.call("POST", "/second-factors/totp", { bearer: body.accessToken });
  expect(refusal(answer)).toEqual({ status: 401, error: "insufficient_user_authentication" });
});

it("400: the last passkey stays, where no password and no provider that is left would let them in", async () => {
  const databaseUrl = `sqlite:${temporaryFile()}`;
  const { provider, server } = await startWithProvider({ config: { databaseUrl } });
  const client = new TestClient(server);
  await new Traveller(server, client.jar).signIn(provider, ADA);
  const { authenticator, added } = await addPasskey(client, (await client.refresh()).body.accessToken);
  const without = await startTestServer({ databaseUrl, clock: () => server.time.now });
  const browser = new TestClient(without);
  const { body: asked } = await browser.call<{ options: object; passkeyToken: string }>("POST", "/login/passkey/options");
  const alone = { passkeyToken: asked.passkeyToken, passkey: authenticator.get(asked.options) };
  const { body } = await browser.call<TokenResponse>("POST", "/login/passkey", { body: alone });
  const remove = () => browser.call("DELETE", `/second-factors/passkeys/${added.body.passkey.id}`, { bearer: body.accessToken });
  expect(refusal(await remove())).toEqual({ status: 400, error: "invalid_request" });
  expect((await without.users.secondFactors(body.user.id)).passkeys).toHaveLength(1);
  await addPasskey(browser, body.accessToken);
  expect((await remove()).status).toBe(204);
});
