import { describe, expect, it } from "vitest";
import { forgotten, startMailing, startWithAda, tokenIn } from "../../../../test/mailbox.ts";
import { auditTypes, MINUTE, PASSWORD, refusal, SECOND, startTestServer, TestClient } from "../../../../test/test-server.ts";

const NEW = "an entirely different password";
const INVALID = { status: 400, error: "invalid_link" };

describe("POST /password/reset", () => {
  it("204: the new password signs in, the old one does not, and nobody is signed in by the reset", async () => {
    const { server, client, mailbox } = await startWithAda();
    const stranger = new TestClient(server);
    const token = await forgotten(stranger, mailbox);
    const answer = await stranger.call("POST", "/password/reset", { body: { token, newPassword: NEW } });
    expect(answer.status).toBe(204);
    expect(answer.body).toBeNull();
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(stranger.jar.size).toBe(0);
    const login = (password: string) => client.call("POST", "/login", { body: { email: "ada@example.com", password } });
    expect((await login(PASSWORD)).status).toBe(401);
    expect((await login(NEW)).status).toBe(200);
    expect(await auditTypes(server)).toEqual(expect.arrayContaining(["password_reset_requested", "password_reset"]));
  });

  it("checklist 97: a reset ends all sessions at once, makes every access token worthless, and writes to the owner", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    const phone = new TestClient(server);
    const phoneTokens = await phone.login();
    const token = await forgotten(client, mailbox);
    await client.call("POST", "/password/reset", { body: { token, newPassword: NEW } });
    for (const { accessToken } of [tokens, phoneTokens]) {
      expect(refusal(await client.me(accessToken))).toEqual({ status: 401, error: "invalid_token", reason: "token_revoked" });
    }
    for (const browser of [client, phone]) {
      expect(refusal(await browser.refresh())).toMatchObject({ status: 401, reason: "session_revoked" });
    }
    expect((await mailbox.about("password was changed")).to.address).toBe("ada@example.com");
  });

  it("checklist 97: of ten at once with one link, one gets through", async () => {
    const { client, server, mailbox } = await startWithAda();
    const token = await forgotten(client, mailbox);
    const newPasswords = Array.from({ length: 10 }, (_, i) => `${NEW} ${i}`);
    const answers = await Promise.all(
      newPasswords.map((newPassword) => client.call("POST", "/password/reset", { body: { token, newPassword } })),
    );
    const done = answers.flatMap(({ status }, i) => (status === 204 ? [i] : []));
    expect(done).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 204) expect(refusal(answer)).toEqual(INVALID);
    const body = { email: "ada@example.com", password: newPasswords[done[0] ?? -1] };
    expect((await client.call("POST", "/login", { body })).status).toBe(200);
    expect((await auditTypes(server)).filter((type) => type === "password_reset")).toHaveLength(1);
  });

  it("checklist 97: a link is good for ten minutes after it was asked for, and no longer", async () => {
    const { server, client, mailbox } = await startWithAda();
    const token = await forgotten(client, mailbox);
    server.time.now += 10 * MINUTE;
    expect(refusal(await client.call("POST", "/password/reset", { body: { token, newPassword: NEW } }))).toEqual(INVALID);
    server.time.now -= SECOND;
    expect((await client.call("POST", "/password/reset", { body: { token, newPassword: NEW } })).status).toBe(204);
  });

  it("of several links only the newest is good", async () => {
    const { client, mailbox } = await startWithAda();
    const [first, second] = [await forgotten(client, mailbox), await forgotten(client, mailbox)];
    expect(first).not.toBe(second);
    const reset = (token: string) => client.call("POST", "/password/reset", { body: { token, newPassword: NEW } });
    expect(refusal(await reset(first))).toEqual(INVALID);
    expect((await reset(second)).status).toBe(204);
    expect(refusal(await reset(second))).toEqual(INVALID);
  });

  it("400 invalid_field: a password that is refused does not use the link up", async () => {
    const { client, mailbox } = await startWithAda();
    const token = await forgotten(client, mailbox);
    for (const newPassword of ["short", "password1234", "ada@example.com"]) {
      const answer = await client.call("POST", "/password/reset", { body: { token, newPassword } });
      expect(refusal(answer)).toMatchObject({ status: 400, error: "invalid_request", field: "newPassword" });
    }
    expect((await client.call("POST", "/password/reset", { body: { token, newPassword: NEW } })).status).toBe(204);
  });

  it("400 invalid_link: a changed password makes links of before worthless", async () => {
    const { client, tokens, mailbox } = await startWithAda();
    const token = await forgotten(client, mailbox);
    await client.call("POST", "/password", {
      bearer: tokens.accessToken,
      body: { currentPassword: PASSWORD, newPassword: `${NEW}!` },
    });
    expect(refusal(await client.call("POST", "/password/reset", { body: { token, newPassword: NEW } }))).toEqual(INVALID);
  });

  it("400 invalid_link: a disabled user stays out", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    const token = await forgotten(client, mailbox);
    await server.users.disable(tokens.user.id);
    expect(refusal(await client.call("POST", "/password/reset", { body: { token, newPassword: NEW } }))).toEqual(INVALID);
  });

  it("400 invalid_link: a link for something else opens nothing here, nor does what was never one", async () => {
    const { client, mailbox } = await startWithAda();
    const verify = tokenIn(await mailbox.about("Confirm your e-mail address"));
    for (const token of [verify, "", "x", "A".repeat(43), `${verify}\0`, "x".repeat(5000)]) {
      expect(refusal(await client.call("POST", "/password/reset", { body: { token, newPassword: NEW } }))).toEqual(INVALID);
    }
  });

  it("verifies the address, and opens what wrong passwords had closed", async () => {
    const { client, mailbox } = await startWithAda({ limits: { loginTries: 2 } });
    const login = (password: string) =>
      client.call("POST", "/login", { body: { email: "ada@example.com", password }, headers: { cookie: "" } });
    for (const password of ["wrong", "wrong again"]) await login(password);
    expect((await login(PASSWORD)).status).toBe(429);
    const token = await forgotten(client, mailbox);
    await client.call("POST", "/password/reset", { body: { token, newPassword: NEW } });
    const { status, body } = await login(NEW);
    expect(status).toBe(200);
    expect(body).toMatchObject({ user: { emailVerified: true } });
  });

  it("429: tokens that were never ours are not tried without end", async () => {
    const { client } = await startMailing();
    const tries = await Promise.all(
      Array.from({ length: 110 }, (_, i) =>
        client.call("POST", "/password/reset", { body: { token: String(i), newPassword: NEW } }),
      ),
    );
    expect(tries.filter(({ status }) => status === 429)).toHaveLength(10);
  });

  it("404: without mail there is no such thing", async () => {
    const client = new TestClient(await startTestServer());
    expect(refusal(await client.call("POST", "/password/reset", { body: { token: "x", newPassword: NEW } }))).toEqual({
      status: 404,
      error: "not_found",
    });
  });
});
