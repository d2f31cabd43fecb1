import { decode } from "@ostiary/jwt";
import { describe, expect, it } from "vitest";
import { createProver } from "../../../../test/prover.ts";
import {
  MINUTE,
  PASSWORD,
  refusal,
  startSignedIn,
  startTestServer,
  temporaryFile,
  TestClient,
} from "../../../../test/test-server.ts";
import { addPasskey, codeAt, enrol, firstStep, pendingOf, secondStep, startWithTotp } from "../../../../test/two-steps.ts";

const claimsOf = (token: string) => decode(token).claims as Record<string, unknown>;

describe("POST /login, of somebody with a second factor", () => {
  it("401 mfa_required: no token and no cookie comes before the second step", async () => {
    const { server } = await startWithTotp();
    const browser = new TestClient(server);
    const { status, body, headers } = await firstStep(browser);
    expect({ status, body }).toEqual({
      status: 401,
      body: {
        error: "mfa_required",
        error_description: expect.any(String) as unknown,
        mfaToken: expect.stringMatching(/^[\w-]{43}$/) as unknown,
        methods: ["otp", "recovery"],
        expiresIn: 600,
      },
    });
    expect([headers.getSetCookie(), headers.get("cache-control"), headers.get("www-authenticate")]).toEqual([
      [],
      "no-store",
      "Bearer",
    ]);
    expect(await server.sessions.list((await server.users.findByEmail("ada@example.com"))?.id ?? "")).toHaveLength(1);
  });

  it("the pending token opens nothing else", async () => {
    const { server } = await startWithTotp();
    const browser = new TestClient(server);
    const bearer = await pendingOf(browser);
    for (const path of ["/me", "/sessions", "/second-factors"]) {
      expect((await browser.call("GET", path, { bearer })).status).toBe(401);
    }
    expect((await browser.refresh(bearer)).status).toBe(401);
    expect(
      (
        await browser.call("POST", "/login/passkey", {
          body: {
            passkeyToken: bearer,
            passkey: {
              id: "a",
              rawId: "a",
              type: "public-key",
              response: { clientDataJSON: "", authenticatorData: "", signature: "" },
            },
          },
        })
      ).status,
    ).toBe(401);
  });
});

describe("POST /login/second-factor", () => {
  it("200: a session as was wished for with the first step, whose tokens say both", async () => {
    const { server, secret } = await startWithTotp();
    const app = new TestClient(server);
    const { body } = await firstStep(app, "ada@example.com", { delivery: "body", remember: true });
    server.time.now += 5 * MINUTE;
    const answer = await secondStep(app, { mfaToken: body.mfaToken, code: codeAt(server, secret) });
    expect([answer.status, typeof answer.body.refreshToken, app.jar.size]).toEqual([200, "string", 0]);
    expect(claimsOf(answer.body.accessToken)).toMatchObject({
      amr: ["pwd", "otp", "mfa"],
      acr: "urn:ostiary:acr:mfa",
      auth_time: server.time.now / 1000,
    });
    expect((await server.sessions.list(answer.body.user.id))[0]).toMatchObject({ remember: true });
  });

  it("checklist 98: a code works once, also for who tries at once; a newer one ends the older", async () => {
    const { server, secret } = await startWithTotp();
    const browsers = Array.from({ length: 4 }, () => new TestClient(server));
    const tokens = await Promise.all(browsers.map((browser) => pendingOf(browser)));
    const code = codeAt(server, secret);
    const answers = await Promise.all(browsers.map((browser, i) => secondStep(browser, { mfaToken: tokens[i], code })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401]);
    const late = new TestClient(server);
    expect((await secondStep(late, { mfaToken: await pendingOf(late), code: codeAt(server, secret, 1) })).status).toBe(200);
    server.time.now += 1000;
    const older = await secondStep(late, { mfaToken: await pendingOf(late), code });
    expect([older.status, older.body.error]).toEqual([401, "invalid_credentials"]);
  });

  it("checklist 98: one code twenty times at once, over two sign-ins and two servers of one database, begins one session", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const { server, secret, tokens } = await startWithTotp({ databaseUrl, limits: "off" });
    const other = await startTestServer({ databaseUrl, limits: "off" });
    const mfaTokens = [await pendingOf(new TestClient(server)), await pendingOf(new TestClient(other))];
    const code = codeAt(server, secret);
    const tries = Array.from({ length: 20 }, (_, i) =>
      secondStep(new TestClient(i % 4 < 2 ? server : other), { mfaToken: mfaTokens[i % 2], code }),
    );
    const answers = await Promise.all(tries);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(2);
  });

  it("the code that confirmed the app is used up, too", async () => {
    const { server, secret } = await startWithTotp();
    const browser = new TestClient(server);
    expect((await secondStep(browser, { mfaToken: await pendingOf(browser), code: codeAt(server, secret, -1) })).status).toBe(
      401,
    );
  });

  it("five wrong codes end the sign-in, and the right one comes too late; ten minutes do, too", async () => {
    const { server, secret } = await startWithTotp({ limits: { loginTries: 100 } as never });
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    for (let i = 0; i < 5; i++) {
      expect((await secondStep(browser, { mfaToken, code: "000000" })).body.error).toBe("invalid_credentials");
    }
    expect(refusal(await secondStep(browser, { mfaToken, code: codeAt(server, secret) }))).toEqual({
      status: 401,
      error: "sign_in_expired",
    });
    const slow = await pendingOf(browser);
    server.time.now += 10 * MINUTE;
    expect(refusal(await secondStep(browser, { mfaToken: slow, code: codeAt(server, secret) }))).toEqual({
      status: 401,
      error: "sign_in_expired",
    });
  });

  it("wrong codes are counted for the user, whatever the sign-in, and told to the audit", async () => {
    const { server } = await startWithTotp();
    const thief = new TestClient(server);
    for (let i = 0; i < 5; i++) await secondStep(thief, { mfaToken: await pendingOf(thief), code: "000000" });
    const next = await secondStep(thief, { mfaToken: await pendingOf(thief), code: "000000" });
    expect([next.status, next.body.error]).toEqual([429, "too_many_attempts"]);
    const types = (await server.audit.list({ limit: 100 })).map(({ type }) => type);
    expect(types.filter((type) => type === "second_factor_failed")).toHaveLength(5);
    expect(types).toContain("limit_reached");
  });

  it("a stranger with the password shuts a browser of the owner's that has taken a second step before out of nothing", async () => {
    const { server, client, secret } = await startWithTotp();
    expect((await secondStep(client, { mfaToken: await pendingOf(client), code: codeAt(server, secret) })).status).toBe(200);
    const thief = new TestClient(server);
    for (let i = 0; i < 5; i++) await secondStep(thief, { mfaToken: await pendingOf(thief), code: "000000" });
    expect((await secondStep(thief, { mfaToken: await pendingOf(thief), code: "000000" })).status).toBe(429);
    expect((await secondStep(client, { mfaToken: await pendingOf(client), code: codeAt(server, secret, 1) })).status).toBe(200);
  });

  it("nor the owner's app, which has no cookies, out of recovery codes and passkeys; unlocking the user opens codes", async () => {
    const { server, client, secret, recoveryCodes } = await startWithTotp();
    const { body: here } = await secondStep(client, { mfaToken: await pendingOf(client), code: codeAt(server, secret) });
    const { authenticator } = await addPasskey(client, here.accessToken);
    const thief = new TestClient(server);
    const guess = async (browser: TestClient) =>
      (await secondStep(browser, { mfaToken: await pendingOf(browser), code: "000000" })).status;
    for (let i = 0; i < 5; i++) await guess(thief);
    for (let i = 0; i < 5; i++) await guess(client);
    const app = new TestClient(server);
    const { status, body: back } = await secondStep(app, { mfaToken: await pendingOf(app), recoveryCode: recoveryCodes[0] });
    expect(status).toBe(200);
    expect((await enrol(server, app, back.accessToken)).secret).toMatch(/^[A-Z2-7]{32}$/);
    expect((await server.audit.list({ types: ["second_factor_added"] })).map(({ detail }) => detail["method"])).toEqual([
      "otp",
      "passkey",
      "otp",
    ]);
    const signIn = new TestClient(server);
    const mfaToken = await pendingOf(signIn);
    const { body } = await signIn.call<{ options: object }>("POST", "/login/second-factor/passkey", { body: { mfaToken } });
    expect((await secondStep(signIn, { mfaToken, passkey: authenticator.get(body.options) })).status).toBe(200);
    expect([await guess(thief), await guess(client)]).toEqual([429, 429]);
    await server.users.unlock(here.user.id);
    expect([await guess(thief), await guess(client)]).toEqual([401, 401]);
  });

  it("wrong recovery codes end their sign-in after five, and count for the address", async () => {
    const { server } = await startWithTotp({ limits: { addressTries: 7 } as never });
    const thief = new TestClient(server);
    const guess = async (mfaToken: string) =>
      (await secondStep(thief, { mfaToken, recoveryCode: "aaaa-aaaa-aaaa-aaaa" })).body.error;
    const first = await pendingOf(thief);
    const errors = [];
    for (let i = 0; i < 6; i++) errors.push(await guess(first));
    for (let i = 0; i < 3; i++) errors.push(await guess(await pendingOf(thief)));
    const wrong = "invalid_credentials";
    expect(errors).toEqual([wrong, wrong, wrong, wrong, wrong, "sign_in_expired", wrong, wrong, "too_many_attempts"]);
  });

  it("browsers that were signed in before there was a second factor have no tries of their own", async () => {
    const { server, client, tokens } = await startSignedIn();
    const prepared = Array.from({ length: 3 }, () => new TestClient(server));
    for (const browser of prepared) expect((await firstStep(browser)).status).toBe(200);
    await enrol(server, client, tokens.accessToken);
    const statuses = [];
    for (const browser of prepared) {
      for (let i = 0; i < 3; i++) {
        statuses.push((await secondStep(browser, { mfaToken: await pendingOf(browser), code: "000000" })).status);
      }
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429]);
  });

  it("wrong codes from an address shut out who comes from there, but not in a browser that has taken a second step before", async () => {
    const { server, client, secret } = await startWithTotp({ limits: { addressTries: 3 } as never });
    await secondStep(client, { mfaToken: await pendingOf(client), code: codeAt(server, secret) });
    const neighbour = new TestClient(server);
    const guess = async (from: TestClient) =>
      (await secondStep(from, { mfaToken: await pendingOf(from), code: "000000" })).status;
    const statuses = [];
    for (const from of [neighbour, neighbour, neighbour, neighbour, client]) statuses.push(await guess(from));
    expect(statuses).toEqual([401, 401, 401, 429, 401]);
  });

  it("a sign-in of Ada is not finished by Bob's code, recovery code or passkey", async () => {
    const { server } = await startWithTotp();
    const bob = new TestClient(server);
    const { accessToken } = await bob.signup("bob@example.com");
    const own = await enrol(server, bob, accessToken);
    const { body: stepped } = await secondStep(bob, {
      mfaToken: await pendingOf(bob, "bob@example.com"),
      code: codeAt(server, own.secret),
    });
    const { authenticator } = await addPasskey(bob, stepped.accessToken);
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    const { body } = await browser.call<{ options: object }>("POST", "/login/second-factor/passkey", { body: { mfaToken } });
    for (const answer of [
      { code: codeAt(server, own.secret, 1) },
      { recoveryCode: own.recoveryCodes[0] },
      { passkey: authenticator.get(body.options) },
    ]) {
      expect(refusal(await secondStep(browser, { mfaToken, ...answer }))).toEqual({ status: 401, error: "invalid_credentials" });
    }
  });

  it("a recovery code works once, however it is typed, and there are ten", async () => {
    const { server, recoveryCodes } = await startWithTotp();
    expect(new Set(recoveryCodes).size).toBe(10);
    const browser = new TestClient(server);
    const recoveryCode = ` ${recoveryCodes[3]?.toUpperCase().replaceAll("-", " ")}`;
    const answer = await secondStep(browser, { mfaToken: await pendingOf(browser), recoveryCode });
    expect(claimsOf(answer.body.accessToken)).toMatchObject({ amr: ["pwd", "otp", "mfa"] });
    expect((await secondStep(browser, { mfaToken: await pendingOf(browser), recoveryCode })).status).toBe(401);
    const { body } = await browser.call<{ recoveryCodesLeft: number }>("GET", "/second-factors", {
      bearer: answer.body.accessToken,
    });
    expect(body.recoveryCodesLeft).toBe(9);
    expect((await server.audit.list({ limit: 100 })).map(({ type }) => type)).toContain("recovery_code_used");
  });

  it("takes a proof by the key of the first step: without it, or by another, nothing is tried, and the sign-in waits on", async () => {
    const { server, secret, recoveryCodes } = await startWithTotp();
    const app = new TestClient(server);
    const [own, thiefs] = [createProver(server), createProver(server)];
    const at = "/login/second-factor";
    const { body } = await firstStep(app, "ada@example.com", { delivery: "body" }, { headers: own.proof("POST", "/login") });
    const { mfaToken } = body;
    // More often than there are tries: whoever has no key uses none up.
    for (const headers of [{}, thiefs.proof("POST", at), {}, thiefs.proof("POST", at), {}]) {
      const answers = [{ code: codeAt(server, secret) }, { recoveryCode: recoveryCodes[0] }];
      for (const answer of answers) {
        expect(refusal(await secondStep(app, { mfaToken, ...answer }, { headers }))).toEqual({
          status: 401,
          error: "invalid_dpop_proof",
        });
      }
    }
    const answer = await secondStep(app, { mfaToken, code: codeAt(server, secret) }, { headers: own.proof("POST", at) });
    expect([answer.status, answer.body.tokenType, claimsOf(answer.body.accessToken)["cnf"]]).toEqual([
      200,
      "DPoP",
      { jkt: own.thumbprint },
    ]);
    const { refreshToken } = answer.body;
    expect(refusal(await app.refresh(refreshToken))).toEqual({ status: 401, error: "invalid_dpop_proof" });
    expect((await app.refresh(refreshToken, own.proof("POST", "/refresh"))).status).toBe(200);
  });

  it("binds no session to a key that came with the second step only", async () => {
    const { server, secret } = await startWithTotp();
    const app = new TestClient(server);
    const mfaToken = await pendingOf(app);
    const headers = createProver(server).proof("POST", "/login/second-factor");
    expect(refusal(await secondStep(app, { mfaToken, code: codeAt(server, secret) }, { headers }))).toEqual({
      status: 401,
      error: "invalid_dpop_proof",
    });
    const { status, body } = await secondStep(app, { mfaToken, code: codeAt(server, secret) });
    expect([status, body.tokenType]).toEqual([200, "Bearer"]);
  });

  it("several answers at once begin one session", async () => {
    const { server, secret, recoveryCodes, tokens } = await startWithTotp();
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    const steps = [{ code: codeAt(server, secret) }, { recoveryCode: recoveryCodes[0] }, { recoveryCode: recoveryCodes[1] }];
    const answers = await Promise.all(steps.map((step) => secondStep(new TestClient(server), { mfaToken, ...step })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(2);
  });

  it("a password that was changed, and a user that was disabled, after the first step end it", async () => {
    const { server, client, tokens, secret } = await startWithTotp();
    const browser = new TestClient(server);
    const before = await pendingOf(browser);
    await client.call("POST", "/password", {
      bearer: tokens.accessToken,
      body: { currentPassword: PASSWORD, newPassword: `${PASSWORD}!` },
    });
    expect(refusal(await secondStep(browser, { mfaToken: before, code: codeAt(server, secret) }))).toEqual({
      status: 401,
      error: "sign_in_expired",
    });
    const anew = await firstStep(browser, "ada@example.com", { password: `${PASSWORD}!` });
    await server.users.disable(tokens.user.id);
    expect(refusal(await secondStep(browser, { mfaToken: anew.body.mfaToken, code: codeAt(server, secret) }))).toEqual({
      status: 401,
      error: "sign_in_expired",
    });
  });

  it("a page of another origin takes no step", async () => {
    const { server, secret } = await startWithTotp();
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    const headers = { origin: "https://evil.example" };
    expect((await secondStep(browser, { mfaToken, code: codeAt(server, secret) }, { headers })).status).toBe(403);
  });

  it("400: one proof is sent, not none or two", async () => {
    const { server } = await startSignedIn();
    const browser = new TestClient(server);
    for (const answer of [{}, { code: "123456", recoveryCode: "x" }]) {
      expect(refusal(await secondStep(browser, { mfaToken: "a", ...answer }))).toMatchObject({
        status: 400,
        error: "invalid_request",
      });
    }
  });
});
