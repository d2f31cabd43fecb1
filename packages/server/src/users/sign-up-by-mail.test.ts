/** `signup.concealExisting`: sign-up tells nobody who has an account. */
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createOwnTable } from "../../test/own-table.ts";
import { linkIn, startMailing, tokenIn } from "../../test/mailbox.ts";
import { PageClient } from "../../test/page-client.ts";
import { auditTypes, DAY, PASSWORD, refusal, startTestServer, temporaryFile, TestClient } from "../../test/test-server.ts";
import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { NO_LIMITS } from "../limits/no-limits.ts";
import { english } from "../pages/texts/english.ts";
import { confirmSignUp } from "./sign-up-by-mail.ts";

const STRANGERS = "the password of a stranger";
const concealed = { signup: { concealExisting: true } };
const signUp = (client: TestClient, email: string, password = PASSWORD, more = {}) =>
  client.call("POST", "/signup", { body: { email, password, ...more } });
const confirm = (client: TestClient, token: string, password = PASSWORD) =>
  client.call("POST", "/signup/confirm", { body: { token, password } });
const login = (client: TestClient, email: string, password = PASSWORD) =>
  client.call("POST", "/login", { body: { email, password } });

describe("POST /signup and POST /signup/confirm, where accounts are concealed", () => {
  it("202, then 204: the account is there when the mail was answered, verified, and nobody is signed in by it", async () => {
    const { server, client, mailbox } = await startMailing(concealed);
    const answer = await signUp(client, "Ada@example.com", PASSWORD, { name: "Ada" });
    expect([answer.status, answer.body, client.jar.size]).toEqual([202, null, 0]);
    expect((await login(client, "ada@example.com")).status).toBe(401);
    const mail = await mailbox.about("Finish your sign-up");
    expect(linkIn(mail).pathname).toBe("/auth/confirm-sign-up");
    const done = await confirm(client, tokenIn(mail));
    expect([done.status, client.jar.size]).toEqual([204, 0]);
    expect((await login(client, "ada@example.com")).body).toMatchObject({
      user: { email: "Ada@example.com", name: "Ada", emailVerified: true, roles: ["user"] },
    });
    expect(refusal(await confirm(client, tokenIn(mail)))).toEqual({ status: 400, error: "invalid_link" });
    expect(await auditTypes(server)).toEqual(expect.arrayContaining(["signup_requested", "user_created"]));
  });

  it("the same answer for an address that somebody has; its owner is written to, and their account stays as it is", async () => {
    const { server, client, mailbox } = await startMailing(concealed);
    await server.users.create({ email: "ada@example.com", password: PASSWORD });
    const [taken, free] = [
      await signUp(client, "ADA@example.com", "the password of a stranger"),
      await signUp(client, "free@example.com"),
    ];
    expect([taken.status, taken.body, [...taken.headers]]).toEqual([free.status, free.body, [...free.headers]]);
    const mail = await mailbox.about("You have an account");
    expect([mail.to.address, tokenIn(mail)]).toEqual(["ada@example.com", ""]);
    await mailbox.about("Finish your sign-up");
    expect((await login(client, "ada@example.com", "the password of a stranger")).status).toBe(401);
    expect((await login(client, "ada@example.com")).status).toBe(200);
    const page = async (email: string) =>
      (await new PageClient(server).submit("/sign-up", { email, password: PASSWORD })).text.replaceAll(email, "");
    const pages = [await page("ada@example.com"), await page("another@example.com")];
    expect(pages[0]).toContain(english.byMail.signUpMailedText);
    expect(pages[1]).toBe(pages[0]);
  });

  it("of two who sign up with one address, whoever holds the mailbox has it by their own password alone; the other's link makes nothing", async () => {
    const { server, client, mailbox } = await startMailing(concealed);
    await signUp(client, "ada@example.com");
    const owners = tokenIn(await mailbox.arrived(1));
    await signUp(new TestClient(server), "ada@example.com", STRANGERS);
    const strangers = tokenIn(await mailbox.arrived(2));
    // The mails differ in nothing but the link: Ada follows the wrong one.
    expect(refusal(await confirm(client, strangers))).toEqual({ status: 401, error: "invalid_credentials", field: "password" });
    expect((await login(client, "ada@example.com", STRANGERS)).status).toBe(401);
    expect(await auditTypes(server)).toContain("signup_failed");
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(client, owners)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(refusal(await confirm(client, strangers, STRANGERS))).toEqual({ status: 400, error: "invalid_link" });
    expect((await login(client, "ada@example.com")).status).toBe(200);
  });

  it("a wrong password does not use a link up, and is not tried without end, whoever has the link", async () => {
    const { client, mailbox } = await startMailing({ ...concealed, limits: { loginTries: 3 } });
    await signUp(client, "ada@example.com");
    await signUp(client, "grace@example.com");
    await mailbox.arrived(2);
    const tokenTo = (email: string) => tokenIn(mailbox.messages.find(({ to }) => to.address === email) ?? { text: "" });
    expect((await confirm(client, tokenTo("ada@example.com"), "wrong")).status).toBe(401);
    expect((await confirm(client, tokenTo("ada@example.com"))).status).toBe(204);
    const grace = tokenTo("grace@example.com");
    for (const from of ["198.51.100.1", "198.51.100.2", "198.51.100.3"]) {
      expect((await client.call("POST", "/signup/confirm", { body: { token: grace, password: "wrong" }, from })).status).toBe(
        401,
      );
    }
    expect((await confirm(client, grace)).status).toBe(429);
    // Nor do the tries with one link hold another up.
    await signUp(client, "grace@example.com", STRANGERS);
    expect((await confirm(client, tokenIn(await mailbox.arrived(3)), STRANGERS)).status).toBe(204);
  });

  it.each([
    ["a wrong password", "confirm_sign_up", "invalid_credentials"],
    ["a link that is none, or was used", null, "invalid_link"],
    ["a link for something else", "verify_email", "invalid_link"],
  ] as const)("%s costs one hash to refuse", async (_, purpose, code) => {
    const verify = vi.fn<() => Promise<boolean>>(async () => false);
    const link = {
      hash: "x",
      purpose,
      payload: JSON.stringify({ name: null, passwordHash: "h" }),
      usedAt: null,
      expiresAt: 2,
      address: "ada@example.com",
    };
    const deps = {
      passwords: { ensureRoom() {}, verify },
      links: { findLink: async () => (purpose === null ? null : link) },
      audit: { append: async () => {} },
      limits: NO_LIMITS,
      clock: () => 1,
    };
    const trying = confirmSignUp(
      deps as unknown as Parameters<typeof confirmSignUp>[0],
      { token: "A".repeat(43), password: PASSWORD },
      LOCAL_ORIGIN,
    );
    await expect(trying).rejects.toMatchObject({ code });
    expect(verify).toHaveBeenCalledOnce();
  });

  it("the page asks for the password that was chosen, and keeps the link where it is another", async () => {
    const { server, client, mailbox } = await startMailing(concealed);
    await signUp(client, "ada@example.com");
    const token = tokenIn(await mailbox.arrived(1));
    const page = new PageClient(server);
    expect((await page.get("/confirm-sign-up")).text).toContain(english.byMail.signUpPassword);
    expect((await page.submit("/confirm-sign-up", { token, password: "" })).text).toContain(english.passwordMissing);
    const wrong = await page.submit("/confirm-sign-up", { token, password: STRANGERS });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain(english.byMail.signUpPasswordWrong);
    expect(wrong.text).toContain(`<input type="hidden" name="token" value="${token}">`);
    expect(wrong.text).not.toContain(STRANGERS);
    expect((await page.submit("/confirm-sign-up", { token, password: PASSWORD })).text).toContain(english.byMail.signUpDone);
    expect((await login(client, "ada@example.com")).status).toBe(200);
  });

  it("a link is good for a day, and what it held is gone when it was used", async () => {
    const file = temporaryFile();
    const { server, client, mailbox } = await startMailing({ ...concealed, databaseUrl: `sqlite:${file}` });
    await signUp(client, "ada@example.com");
    const token = tokenIn(await mailbox.arrived(1));
    server.time.now += DAY;
    expect((await confirm(client, token)).status).toBe(400);
    server.time.now -= 1;
    expect((await confirm(client, token)).status).toBe(204);
    const database = new DatabaseSync(file, { readOnly: true });
    onTestFinished(() => database.close());
    expect(database.prepare("select payload, used_at is null as unused from mail_links").all()).toEqual([
      { payload: null, unused: 0 },
    ]);
  });

  it("400: what is no address, name or password is told as ever, before anything is sent", async () => {
    const { client, mailbox } = await startMailing(concealed);
    for (const [email, password, field] of [["ada", PASSWORD, "email"], ["ada@example.com", "short", "password"]] as const) {
      expect(refusal(await signUp(client, email, password))).toMatchObject({ status: 400, field });
    }
    expect(mailbox.messages).toEqual([]);
    expect((await client.call("GET", "/settings")).body).toMatchObject({ signupByMail: true });
  });

  it("does not start without mail, nor with a table of the application's own", async () => {
    await expect(startTestServer(concealed)).rejects.toThrow(/concealExisting.*no mail/);
    await expect(startMailing({ ...concealed, users: createOwnTable().directory })).rejects.toThrow(/concealExisting.*own/);
  });
});
