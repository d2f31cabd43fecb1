import { decode } from "@ostiary/jwt";
import type { TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { Authenticator } from "../../../../test/authenticator.ts";
import { countEarlier } from "../../../../test/earlier-tries.ts";
import { refusal, startSignedIn, startTestServer, temporaryFile, TestClient } from "../../../../test/test-server.ts";
import { addPasskey, pendingOf, secondStep } from "../../../../test/two-steps.ts";
import { budgetsOf, DEFAULT_LIMITS } from "../../../limits/budgets.ts";
import { openSqlite } from "../../../stores/sqlite/open-sqlite.ts";

async function startWithPasskey() {
  const { server, client, tokens } = await startSignedIn();
  const { authenticator, added } = await addPasskey(client, tokens.accessToken);
  return { server, client, tokens, authenticator, added };
}

async function ask(client: TestClient) {
  const { body } = await client.call<{
    options: { challenge: string; userVerification: string };
    passkeyToken: string;
    expiresIn: number;
  }>("POST", "/login/passkey/options");
  return body;
}

const answer = (client: TestClient, body: Record<string, unknown>) =>
  client.call<TokenResponse>("POST", "/login/passkey", { body });

describe("a passkey alone", () => {
  it("signs in, and tokens say that it stands for both factors", async () => {
    const { server, added, authenticator } = await startWithPasskey();
    expect([added.status, added.body.recoveryCodes?.length]).toEqual([201, 10]);
    const phone = new TestClient(server);
    const { options, passkeyToken, expiresIn } = await ask(phone);
    expect([options.userVerification, expiresIn]).toEqual(["required", 600]);
    const { status, body } = await answer(phone, { passkeyToken, passkey: authenticator.get(options), delivery: "body" });
    expect([status, body.user.email]).toEqual([200, "ada@example.com"]);
    expect(decode(body.accessToken).claims).toMatchObject({ amr: ["pop", "user", "mfa"], acr: "urn:ostiary:acr:mfa" });
  });

  it.each([
    ["made on a page of another origin", { origin: "https://evil.example" }],
    ["made for another domain", { rpId: "evil.example" }],
    ["of an authenticator that has not asked who it is", { verified: false }],
    ["that names another user", { handle: "bm9ib2R5" }],
    ["that names nobody", { handle: "" }],
  ])("401: an answer %s is refused, and its question is used up", async (_, where) => {
    const { server, authenticator } = await startWithPasskey();
    const thief = new TestClient(server);
    const { options, passkeyToken } = await ask(thief);
    expect(refusal(await answer(thief, { passkeyToken, passkey: authenticator.get(options, where) }))).toEqual({
      status: 401,
      error: "invalid_credentials",
    });
    expect(thief.jar.size).toBe(0);
    expect(refusal(await answer(thief, { passkeyToken, passkey: authenticator.get(options) }))).toEqual({
      status: 401,
      error: "sign_in_expired",
    });
  });

  it("401: a passkey that nobody has, an answer to another question, and one that is sent again", async () => {
    const { server, authenticator } = await startWithPasskey();
    const thief = new TestClient(server);
    const [first, other, last] = [await ask(thief), await ask(thief), await ask(thief)];
    expect(
      (await answer(thief, { passkeyToken: first.passkeyToken, passkey: new Authenticator().get(first.options) })).status,
    ).toBe(401);
    expect((await answer(thief, { passkeyToken: other.passkeyToken, passkey: authenticator.get(last.options) })).status).toBe(
      401,
    );
    const good = { passkeyToken: last.passkeyToken, passkey: authenticator.get(last.options) };
    const both = await Promise.all([answer(new TestClient(server), good), answer(new TestClient(server), good)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
    expect((await answer(thief, good)).status).toBe(401);
  });

  it("401: a copy, whose count has not grown, and the audit knows of it", async () => {
    const { server, authenticator } = await startWithPasskey();
    const phone = new TestClient(server);
    const statuses: number[] = [];
    for (const counter of [5, 5, 4, 6]) {
      authenticator.counter = counter;
      const { options, passkeyToken } = await ask(phone);
      statuses.push((await answer(phone, { passkeyToken, passkey: authenticator.get(options), delivery: "body" })).status);
    }
    expect(statuses).toEqual([200, 401, 401, 200]);
    expect((await server.audit.list({ limit: 100 })).filter(({ type }) => type === "passkey_counter")).toHaveLength(2);
  });

  it("401: of a disabled user", async () => {
    const { server, authenticator, tokens } = await startWithPasskey();
    await server.users.disable(tokens.user.id);
    const phone = new TestClient(server);
    const { options, passkeyToken } = await ask(phone);
    expect(refusal(await answer(phone, { passkeyToken, passkey: authenticator.get(options) }))).toEqual({
      status: 401,
      error: "invalid_credentials",
    });
  });
});

it("429: so many questions from one address", async () => {
  const path = temporaryFile();
  const server = await startTestServer({ databaseUrl: `sqlite:${path}` });
  const store = await openSqlite(path);
  await countEarlier(store, budgetsOf(DEFAULT_LIMITS).passkeyAddress, "203.0.113.7", 599);
  await store.close();
  const client = new TestClient(server);
  const statuses = [await client.call("POST", "/login/passkey/options"), await client.call("POST", "/login/passkey/options")].map(
    ({ status }) => status,
  );
  expect(statuses).toEqual([200, 429]);
});

describe("a passkey as the second step", () => {
  it("is asked for by name, and need not ask who it is: the password has said that", async () => {
    const { server, authenticator } = await startWithPasskey();
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    const { body } = await browser.call<{ options: { challenge: string; allowCredentials: { id: string }[] } }>(
      "POST",
      "/login/second-factor/passkey",
      { body: { mfaToken } },
    );
    expect(body.options.allowCredentials.map(({ id }) => id)).toEqual([authenticator.id]);
    const passkey = authenticator.get(body.options, { verified: false });
    const other = await pendingOf(browser);
    await browser.call("POST", "/login/second-factor/passkey", { body: { mfaToken: other } });
    expect((await secondStep(browser, { mfaToken: other, passkey })).status).toBe(401);
    const answered = await secondStep(browser, { mfaToken, passkey });
    expect(decode(answered.body.accessToken).claims).toMatchObject({ amr: ["pwd", "pop", "user", "mfa"] });
    expect(refusal(await secondStep(browser, { mfaToken, passkey }))).toEqual({ status: 401, error: "sign_in_expired" });
  });

  it("401: a copy, whose count has not grown, as the second step, and the audit knows of it", async () => {
    const { server, authenticator, added } = await startWithPasskey();
    const browser = new TestClient(server);
    const statuses: number[] = [];
    for (const counter of [5, 4, 6]) {
      const mfaToken = await pendingOf(browser);
      const { body } = await browser.call<{ options: object }>("POST", "/login/second-factor/passkey", { body: { mfaToken } });
      authenticator.counter = counter;
      statuses.push((await secondStep(browser, { mfaToken, passkey: authenticator.get(body.options) })).status);
    }
    expect(statuses).toEqual([200, 401, 200]);
    const told = (await server.audit.list({ limit: 100 })).filter(({ type }) => type === "passkey_counter");
    expect(told).toMatchObject([{ detail: { passkey: added.body.passkey.id } }]);
  });

  it("401: before it was asked for, and on pages of others", async () => {
    const { server, authenticator } = await startWithPasskey();
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    expect(
      (await secondStep(browser, { mfaToken, passkey: authenticator.get({ challenge: "", rpId: "localhost" }) })).status,
    ).toBe(401);
    const { body } = await browser.call<{ options: object }>("POST", "/login/second-factor/passkey", { body: { mfaToken } });
    for (const where of [{ origin: "https://evil.example" }, { rpId: "evil.example" }]) {
      expect((await secondStep(browser, { mfaToken, passkey: authenticator.get(body.options, where) })).status).toBe(401);
    }
  });
});
