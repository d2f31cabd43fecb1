import { describe, expect, it } from "vitest";
import { forgotten, linkIn, startMailing, startWithAda, tokenIn } from "../../../test/mailbox.ts";
import { PageClient } from "../../../test/page-client.ts";
import { auditTypes, ISSUER, PASSWORD, startTestServer, TestClient } from "../../../test/test-server.ts";
import { english } from "../texts/english.ts";
import { korean } from "../texts/korean.ts";

const NEW = "an entirely different password";
const PATHS = ["/forgot-password", "/reset-password", "/confirm-sign-up", "/verify-email", "/confirm-email", "/undo-email"];
const { byMail } = english;

describe("the pages that mails lead to", () => {
  it("the page says the same to whoever asks for a link, whether there is an account or not", async () => {
    const { server, mailbox } = await startWithAda();
    const said = async (email: string): Promise<string> => {
      const { status, text } = await new PageClient(server).submit("/forgot-password", { email });
      expect(status).toBe(200);
      return text.replaceAll(email, "EMAIL");
    };
    const [known, unknown] = [await said("ada@example.com"), await said("nobody@example.com")];
    expect(known).toContain(byMail.mailed);
    expect(unknown).toBe(known);
    await mailbox.about("Reset your");
  });

  it("a reset by the form: once, with a password that is fit, and nobody is signed in by it", async () => {
    const { server, client, mailbox } = await startWithAda();
    const token = await forgotten(client, mailbox);
    const page = new PageClient(server);
    const weak = await page.submit("/reset-password", { token, newPassword: "short" });
    expect(weak.status).toBe(400);
    expect(weak.text).toContain(english.passwordTooShort(8));
    // The link need not be copied again.
    expect(weak.text).toContain(`<input type="hidden" name="token" value="${token}">`);
    const done = await page.submit("/reset-password", { token, newPassword: NEW });
    expect(done.status).toBe(200);
    expect(done.text).toContain(byMail.resetDone);
    expect([...page.jar.keys()]).toEqual(["ostiary_form"]);
    const again = await page.submit("/reset-password", { token, newPassword: NEW });
    expect(again.status).toBe(400);
    expect(again.text).toContain(byMail.linkInvalid);
    expect(again.text).not.toContain(token);
    // No password is to be thought out for a link that is worth nothing.
    expect(again.text).toContain(`<a class="button" href="/auth/forgot-password">${byMail.askAnew}</a>`);
    expect(again.text).not.toContain('name="newPassword"');
    expect((await page.submit("/sign-in", { email: "ada@example.com", password: NEW })).location).toBe("/auth/account");
  });

  it("takes the whole link as it is copied, where no script runs", async () => {
    const { server, client, mailbox } = await startWithAda();
    const link = linkIn(await mailbox.about("Confirm your e-mail")).href;
    const page = new PageClient(server);
    expect((await page.get("/verify-email")).text).toContain(byMail.linkHint);
    expect((await page.submit("/verify-email", { token: "" })).text).toContain(byMail.linkMissing);
    expect((await page.submit("/verify-email", { token: ` ${link}\n` })).text).toContain(byMail.verifyDone);
    expect((await client.login()).user.emailVerified).toBe(true);
  });

  it("opening a link does nothing, however often: mail scanners do", async () => {
    const { server, client, mailbox } = await startWithAda();
    const token = tokenIn(await mailbox.about("Confirm your e-mail"));
    const scanner = new PageClient(server);
    for (const path of PATHS) {
      for (const query of ["", `?token=${token}`]) expect((await scanner.get(path + query)).status).toBe(200);
    }
    expect((await client.login()).user.emailVerified).toBe(false);
    expect((await scanner.submit("/verify-email", { token })).status).toBe(200);
    expect((await client.login()).user.emailVerified).toBe(true);
  });

  it("a button pressed on another site does nothing, nor one without this browser's form", async () => {
    const { server, client, mailbox } = await startWithAda();
    const token = tokenIn(await mailbox.about("Confirm your e-mail"));
    const page = new PageClient(server);
    expect(
      (await page.submit("/verify-email", { token }, { origin: "https://evil.example", "sec-fetch-site": "cross-site" })).status,
    ).toBe(403);
    expect((await page.post("/verify-email", { token, form_token: "x" })).text).toContain(english.formExpired);
    expect((await client.login()).user.emailVerified).toBe(false);
  });

  it("an address is changed from the account page by the current password, confirmed there, and taken back by the old one", async () => {
    const { server, client, mailbox } = await startWithAda();
    const page = new PageClient(server, client.jar);
    const wrong = await page.submit("/account", { task: "email", newEmail: "lovelace@example.com", emailPassword: "wrong" });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain(english.currentPasswordWrong);
    expect(wrong.text).toContain('value="lovelace@example.com"');
    expect((await page.submit("/account", { task: "email", newEmail: "lovelace", emailPassword: "" })).text).toContain(
      english.emailInvalid,
    );
    const asked = await page.submit("/account", { task: "email", newEmail: "lovelace@example.com", emailPassword: PASSWORD });
    expect(asked.location).toBe("/auth/account?notice=mail-sent");
    const confirm = tokenIn(await mailbox.about("Confirm your new"));
    expect((await page.submit("/confirm-email", { token: confirm })).text).toContain(byMail.confirmDone);
    expect((await page.get("/account")).text).toContain("lovelace@example.com");
    const undo = tokenIn(await mailbox.about("was changed"));
    const owner = new PageClient(server);
    const done = await owner.submit("/undo-email", { token: undo });
    expect(done.text).toContain(byMail.undoDone);
    expect(done.text).toContain('href="/auth/forgot-password"');
    expect((await page.get("/account")).location).toMatch(/sign-in/);
    expect(await auditTypes(server)).toEqual(expect.arrayContaining(["email_changed", "email_change_undone"]));
  });

  it("the account page says whether the address is confirmed, and sends the mail again", async () => {
    const { server, client, mailbox } = await startWithAda();
    const page = new PageClient(server, client.jar);
    expect((await page.get("/account")).text).toContain(byMail.notVerified);
    expect((await page.submit("/account", { task: "verify-email" })).location).toBe("/auth/account?notice=mail-sent");
    await mailbox.arrived(2);
    await page.submit("/verify-email", { token: tokenIn(mailbox.messages[1] ?? { text: "" }) });
    const { text } = await page.get("/account");
    expect(text).toContain(byMail.verified);
    expect(text).not.toContain(byMail.sendAgain);
  });

  it("speaks the language of the mail, and mails that of the page", async () => {
    const { server, mailbox } = await startWithAda();
    await new PageClient(server).submit("/forgot-password?ui_locales=ko", { email: "ada@example.com" });
    const mail = await mailbox.about("비밀번호 재설정");
    expect(linkIn(mail).search).toBe("?ui_locales=ko");
    const { text } = await new PageClient(server).get("/reset-password?ui_locales=ko");
    expect(text).toContain(korean.byMail.resetTitle);
    expect(text).toContain('href="/auth/reset-password?ui_locales=en"');
  });

  it("without mail none of it is there, nor any link to it", async () => {
    const server = await startTestServer();
    const page = new PageClient(server);
    for (const path of PATHS) expect((await page.get(path)).status).toBe(404);
    for (const path of PATHS) expect((await page.post(path, {})).status).toBe(404);
    expect((await page.get("/sign-in")).text).not.toContain(byMail.forgot);
    const client = new TestClient(server);
    await client.signup();
    expect((await new PageClient(server, client.jar).get("/account")).text).not.toContain(byMail.changeAddress);
    expect((await client.call("GET", "/settings")).body).toEqual({
      passwordMinLength: 8,
      passwordReset: false,
      signupByMail: false,
      emailVerification: false,
      emailChange: false,
    });
  });

  it("with mail sign-in leads to it, and /settings says so", async () => {
    const { server, client } = await startMailing();
    expect((await new PageClient(server).get("/sign-in")).text).toContain(`<a href="/auth/forgot-password">`);
    expect((await client.call("GET", "/settings")).body).toMatchObject({
      passwordReset: true,
      emailVerification: true,
      emailChange: true,
    });
  });

  it("the links lead to the configured issuer, whatever a request calls the server", async () => {
    const { server, mailbox } = await startWithAda();
    let mails = 1;
    for (const host of [
      { host: "evil.example" },
      { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
      { forwarded: "host=evil.example" },
    ]) {
      const answer = await server.fetch(
        new Request("http://evil.example/auth/password/forgot", {
          method: "POST",
          headers: { "content-type": "application/json", ...host },
          body: JSON.stringify({ email: "ada@example.com" }),
        }),
        { remoteAddress: "203.0.113.7" },
      );
      expect(answer.status).toBe(202);
      await mailbox.arrived(++mails);
    }
    for (const { text, html } of mailbox.messages) {
      expect(`${text}${html}`).not.toContain("evil");
      expect(linkIn({ text }).href.startsWith(`${ISSUER}/`)).toBe(true);
      expect(html).toContain(`href="${ISSUER}/`);
    }
  });
});
