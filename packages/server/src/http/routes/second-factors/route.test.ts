import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { Authenticator } from "../../../../test/authenticator.ts";
import { forgotten, linkIn, startMailing, startWithAda, tokenIn } from "../../../../test/mailbox.ts";
import { MINUTE, PASSWORD, refusal, startSignedIn, temporaryFile, TestClient } from "../../../../test/test-server.ts";
import type { TestServer } from "../../../../test/test-server.ts";
import { addPasskey, codeAt, enrol, firstStep, pendingOf, secondStep, startWithTotp } from "../../../../test/two-steps.ts";

async function withBoth(server: TestServer, client: TestClient, secret: string): Promise<string> {
  const { body } = await secondStep(client, { mfaToken: await pendingOf(client), code: codeAt(server, secret) });
  return body.accessToken;
}

describe("one's second factors", () => {
  it("are listed, renamed and removed; recovery codes come with the first and go with the last", async () => {
    const { server, client, secret, recoveryCodes } = await startWithTotp();
    const bearer = await withBoth(server, client, secret);
    const { added } = await addPasskey(client, bearer);
    expect([recoveryCodes.length, added.body.recoveryCodes]).toEqual([10, null]);
    const path = `/second-factors/passkeys/${added.body.passkey.id}`;
    expect((await client.call("PATCH", path, { bearer, body: { name: "Work laptop" } })).body).toMatchObject({
      passkey: { name: "Work laptop" },
    });
    const anew = async () => (await client.refresh()).body.accessToken;
    const list = async () => client.call<Record<string, unknown>>("GET", "/second-factors", { bearer: await anew() });
    expect((await list()).body).toMatchObject({
      totp: true,
      passkeys: [{ name: "Work laptop", lastUsedAt: null, backedUp: false }],
      recoveryCodesLeft: 10,
    });
    const replaced = await client.call<{ recoveryCodes: string[] }>("POST", "/second-factors/recovery-codes", { bearer });
    expect(replaced.body.recoveryCodes.filter((code) => recoveryCodes.includes(code))).toEqual([]);
    expect((await client.call("DELETE", "/second-factors/totp", { bearer })).status).toBe(204);
    expect((await list()).body).toMatchObject({ totp: false, recoveryCodesLeft: 10 });
    expect((await client.call("DELETE", path, { bearer: await anew() })).status).toBe(204);
    expect((await list()).body).toEqual({ totp: false, passkeys: [], recoveryCodesLeft: 0 });
    expect((await firstStep(new TestClient(server))).status).toBe(200);
    for (const one of [path, "/second-factors/totp"]) {
      expect((await client.call("DELETE", one, { bearer: await anew() })).status).toBe(404);
    }
  });

  it.each(["the app", "a passkey", "all, by an administrator"])(
    "a session that came by a factor ends when it is taken away: %s",
    async (which) => {
      const { server, client, tokens, secret } = await startWithTotp();
      const bearer = await withBoth(server, client, secret);
      const { added } = await addPasskey(client, bearer);
      const thief = new TestClient(server);
      server.time.now += 30_000;
      const { body: theirs } = await secondStep(thief, { mfaToken: await pendingOf(thief), code: codeAt(server, secret) });
      const isOut = async (who: TestClient) => refusal(await who.refresh());
      if (which === "the app") expect((await client.call("DELETE", "/second-factors/totp", { bearer })).status).toBe(204);
      else if (which === "a passkey")
        expect((await client.call("DELETE", `/second-factors/passkeys/${added.body.passkey.id}`, { bearer })).status).toBe(204);
      else await server.users.resetSecondFactors(tokens.user.id);
      expect(refusal(await thief.me(theirs.accessToken))).toMatchObject({ status: 401, reason: "token_stale" });
      expect(await isOut(thief)).toMatchObject({ status: 401, reason: "session_revoked" });
      const all = which === "all, by an administrator";
      expect((await client.refresh()).status).toBe(all ? 401 : 200);
      const [first] = await server.sessions.list(tokens.user.id);
      expect(first === undefined).toBe(all);
    },
  );

  it("checklist 85: are changed only by who has signed in just now, with a factor if there is one", async () => {
    const { server, client, tokens } = await startSignedIn();
    const stale = { status: 401, error: "insufficient_user_authentication" };
    const writes = [
      ["POST", "/second-factors/totp"],
      ["POST", "/second-factors/totp/confirm"],
      ["DELETE", "/second-factors/totp"],
      ["POST", "/second-factors/recovery-codes"],
      ["POST", "/second-factors/passkeys/options"],
      ["POST", "/second-factors/passkeys"],
      ["PATCH", "/second-factors/passkeys/a"],
      ["DELETE", "/second-factors/passkeys/a"],
    ] as const;
    server.time.now += 10 * MINUTE;
    for (const [method, path] of writes) {
      expect(refusal(await client.call(method, path, { bearer: tokens.accessToken }))).toEqual(stale);
    }
    const anew = (await client.login()).accessToken;
    await enrol(server, client, anew);
    for (const [method, path] of writes) {
      const refused = await client.call(method, path, { bearer: anew });
      expect(refusal(refused)).toEqual(stale);
      expect(refused.headers.get("www-authenticate")).toContain('max_age="600", acr_values="urn:ostiary:acr:mfa"');
    }
  });

  it("an enrolment and a passkey's question are good for who began them, and wrong codes end one", async () => {
    const { server, client, tokens } = await startSignedIn({ limits: "off" });
    const bob = new TestClient(server);
    const { accessToken } = await bob.signup("bob@example.com");
    const { body: begun } = await client.call<{ secret: string; enrolmentToken: string }>("POST", "/second-factors/totp", {
      bearer: tokens.accessToken,
    });
    const confirm = (who: TestClient, bearer: string, code: string) =>
      who.call("POST", "/second-factors/totp/confirm", { bearer, body: { enrolmentToken: begun.enrolmentToken, code } });
    expect(refusal(await confirm(bob, accessToken, codeAt(server, begun.secret)))).toEqual({
      status: 401,
      error: "sign_in_expired",
    });
    for (let i = 0; i < 5; i++) {
      expect(refusal(await confirm(client, tokens.accessToken, "000000"))).toMatchObject({
        error: "invalid_credentials",
        field: "code",
      });
    }
    expect(refusal(await confirm(client, tokens.accessToken, codeAt(server, begun.secret)))).toEqual({
      status: 401,
      error: "sign_in_expired",
    });
    const { body: asked } = await client.call<{ options: object; passkeyToken: string }>(
      "POST",
      "/second-factors/passkeys/options",
      { bearer: tokens.accessToken },
    );
    const passkey = new Authenticator().create(asked.options);
    expect(
      (
        await bob.call("POST", "/second-factors/passkeys", {
          bearer: accessToken,
          body: { passkeyToken: asked.passkeyToken, passkey },
        })
      ).status,
    ).toBe(401);
  });

  it("400: a passkey made elsewhere, with certificates, or that somebody has, is none", async () => {
    const { client, tokens } = await startSignedIn();
    for (const where of [
      { origin: "https://evil.example" },
      { rpId: "evil.example" },
      { attestation: Buffer.from("a0", "hex") },
    ]) {
      const { added } = await addPasskey(client, tokens.accessToken, where);
      expect(refusal(added)).toEqual({ status: 400, error: "invalid_request", reason: "invalid_field", field: "passkey" });
    }
    expect((await client.call("GET", "/second-factors", { bearer: tokens.accessToken })).body).toMatchObject({ passkeys: [] });
  });

  it("400: a passkey made for another question is none, and the question is used up", async () => {
    const { client, tokens } = await startSignedIn();
    const bearer = tokens.accessToken;
    const ask = async () =>
      (await client.call<{ options: object; passkeyToken: string }>("POST", "/second-factors/passkeys/options", { bearer })).body;
    const [one, other] = [await ask(), await ask()];
    const authenticator = new Authenticator();
    const add = (passkeyToken: string, options: object) =>
      client.call("POST", "/second-factors/passkeys", { bearer, body: { passkeyToken, passkey: authenticator.create(options) } });
    expect(refusal(await add(one.passkeyToken, other.options))).toEqual({
      status: 400,
      error: "invalid_request",
      reason: "invalid_field",
      field: "passkey",
    });
    expect(refusal(await add(one.passkeyToken, one.options))).toEqual({ status: 401, error: "sign_in_expired" });
    expect((await add(other.passkeyToken, other.options)).status).toBe(201);
    expect((await add(other.passkeyToken, other.options)).status).toBe(401);
  });

  it("400: nobody has more than twenty passkeys, however many questions were open", async () => {
    const { server, client, tokens, secret } = await startWithTotp();
    const bearer = await withBoth(server, client, secret);
    const ask = () =>
      client.call<{ options: object; passkeyToken: string }>("POST", "/second-factors/passkeys/options", { bearer });
    const questions = await Promise.all(Array.from({ length: 22 }, async () => (await ask()).body));
    const answer = ({ options, passkeyToken }: (typeof questions)[number]) => {
      const body = { passkeyToken, passkey: new Authenticator().create(options) };
      return client.call("POST", "/second-factors/passkeys", { bearer, body });
    };
    const statuses = (await Promise.all(questions.map(answer))).map(({ status }) => status);
    expect([201, 400].map((each) => statuses.filter((status) => status === each).length)).toEqual([20, 2]);
    expect((await server.users.secondFactors(tokens.user.id))?.passkeys).toHaveLength(20);
    expect(refusal(await ask())).toEqual({ status: 400, error: "invalid_request" });
  });

  it("a secret that is put into another user's row opens nothing there", async () => {
    const file = temporaryFile();
    const { server, secret: adas, tokens: ada } = await startWithTotp({ databaseUrl: `sqlite:${file}`, limits: "off" });
    const eve = new TestClient(server);
    const { user, accessToken } = await eve.signup("eve@example.com");
    const { secret: eves } = await enrol(server, eve, accessToken);
    const database = new DatabaseSync(file);
    const put = database.prepare(
      "UPDATE totp_secrets SET sealed = (SELECT sealed FROM totp_secrets WHERE user_id = ?) WHERE user_id = ?",
    );
    expect(put.run(user.id, ada.user.id).changes).toBe(1);
    database.close();
    const attempt = async (email: string, secret: string) => {
      const browser = new TestClient(server);
      return (await secondStep(browser, { mfaToken: await pendingOf(browser, email), code: codeAt(server, secret) })).status;
    };
    expect([await attempt("ada@example.com", eves), await attempt("ada@example.com", adas)]).toEqual([401, 401]);
    expect(await attempt("eve@example.com", eves)).toBe(200);
  });

  it("are taken away by who runs the server, and the password is enough again", async () => {
    const { server, tokens, secret } = await startWithTotp();
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    expect(await server.users.secondFactors(tokens.user.id)).toEqual({ totp: true, passkeys: [], recoveryCodesLeft: 10 });
    expect(await server.users.resetSecondFactors(tokens.user.id)).toMatchObject({ email: "ada@example.com" });
    expect(await server.users.resetSecondFactors("nobody")).toBeNull();
    expect(refusal(await secondStep(browser, { mfaToken, code: codeAt(server, secret) }))).toEqual({
      status: 401,
      error: "sign_in_expired",
    });
    expect((await firstStep(browser)).status).toBe(200);
    expect((await server.audit.list({ limit: 100 })).map(({ type }) => type)).toContain("second_factors_reset");
  });
});

it("a reset forgets the wrong codes that were tried", async () => {
  const { server, tokens } = await startWithTotp();
  const stranger = new TestClient(server);
  const wrong = async () => (await secondStep(stranger, { mfaToken: await pendingOf(stranger), code: "000000" })).status;
  for (let i = 0; i < 5; i++) expect(await wrong()).toBe(401);
  expect(await wrong()).toBe(429);
  await server.users.resetSecondFactors(tokens.user.id);
  const owner = new TestClient(server);
  await enrol(server, owner, (await owner.login()).accessToken);
  expect(await wrong()).toBe(401);
});

describe("mail", () => {
  it("checklist 97: a reset password does not skip the second factor", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    await client.call("POST", "/email/verify", { body: { token: tokenIn(await mailbox.about("Confirm your e-mail")) } });
    await enrol(server, client, tokens.accessToken);
    await client.call("POST", "/password/forgot", { body: { email: "ada@example.com" } });
    const token = tokenIn(await mailbox.about("Reset your"));
    const password = `${PASSWORD}!`;
    expect((await client.call("POST", "/password/reset", { body: { token, newPassword: password } })).status).toBeLessThan(300);
    const browser = new TestClient(server);
    const answer = await firstStep(browser, "ada@example.com", { password });
    expect([answer.status, answer.body.error, browser.jar.size]).toEqual([401, "mfa_required", 0]);
  });

  it("checklist 97: nor where nobody has confirmed the address: its owner's app is asked for still", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    const { secret } = await enrol(server, client, tokens.accessToken);
    const [browser, newPassword] = [new TestClient(server), `${PASSWORD}!`];
    await browser.call("POST", "/password/reset", { body: { token: await forgotten(browser, mailbox), newPassword } });
    const { status, body } = await firstStep(browser, "ada@example.com", { password: newPassword });
    expect([status, body.error]).toEqual([401, "mfa_required"]);
    expect((await secondStep(browser, { mfaToken: body.mfaToken, code: codeAt(server, secret) })).status).toBe(200);
  });

  it("a stranger who signed up with somebody's address, and added a passkey, is out once its owner has reset the password", async () => {
    const { server, client: stranger, tokens, mailbox } = await startWithAda();
    const { authenticator, added } = await addPasskey(stranger, tokens.accessToken);
    expect(added.status).toBe(201);
    const ada = new TestClient(server);
    const newPassword = `${PASSWORD}!`;
    await ada.call("POST", "/password/reset", { body: { token: await forgotten(ada, mailbox), newPassword } });
    expect((await firstStep(ada, "ada@example.com", { password: newPassword })).body.error).toBe("mfa_required");
    const { options, passkeyToken } = (
      await stranger.call<{ options: object; passkeyToken: string }>("POST", "/login/passkey/options")
    ).body;
    const passkey = authenticator.get(options);
    expect(refusal(await stranger.call("POST", "/login/passkey", { body: { passkeyToken, passkey } }))).toEqual({
      status: 401,
      error: "invalid_credentials",
    });
    // Nor is it the owner's to get past: who runs the service, and knows who asks, takes it away.
    await server.users.resetSecondFactors(tokens.user.id);
    expect((await firstStep(ada, "ada@example.com", { password: newPassword })).status).toBe(200);
  });

  it("tells of each change", async () => {
    const { server, client, mailbox } = await startMailing();
    const { accessToken, user } = await client.signup();
    await enrol(server, client, accessToken);
    const added = await mailbox.about("was added to your");
    expect(added.to).toMatchObject({ address: "ada@example.com" });
    // Whoever did it not cannot sign in any more: this leads to what they can do.
    expect(linkIn(added).pathname).toBe("/auth/forgot-password");
    expect(added.text).toMatch(/reset the password.*\n\n.*ask whoever runs .* to take it away/);
    await server.users.resetSecondFactors(user.id);
    expect((await mailbox.about("was turned off")).text).toContain("/account");
  });
});
