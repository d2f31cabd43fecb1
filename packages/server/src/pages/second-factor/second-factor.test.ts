import { Secret, TOTP } from "otpauth";
import { describe, expect, it } from "vitest";
import { PageClient } from "../../../test/page-client.ts";
import { PASSWORD, auditTypes, startSignedIn } from "../../../test/test-server.ts";
import { english } from "../texts/english.ts";

const { twoSteps } = english;
const ada = { email: "ada@example.com", password: PASSWORD };

/** Ada has set up an app on her account page. */
async function withApp() {
  const { server, client, tokens } = await startSignedIn();
  const page = new PageClient(server, client.jar);
  const { text } = await page.get("/account/authenticator");
  const secret = Secret.fromBase32((/class="secret"[^>]*>(.*?)<\/p>/s.exec(text)?.[1] ?? "").replaceAll(/<[^>]+>|\s/g, ""));
  const codeNow = (): string => new TOTP({ secret }).generate({ timestamp: server.time.now });
  const enrolmentToken = /name="enrolmentToken" value="([^"]+)"/.exec(text)?.[1] ?? "";
  const form_token = /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? "";
  const done = await page.post("/account/authenticator", { form_token, enrolmentToken, code: codeNow() });
  const codes = [...done.text.matchAll(/<li>([0-9a-z-]{19})<\/li>/g)].map(([, code = ""]) => code);
  server.time.now += 30_000;
  return { server, tokens, page, codeNow, codes };
}

/** Somebody with the password, at the second step. */
async function atSecondStep(server: Awaited<ReturnType<typeof withApp>>["server"]): Promise<PageClient> {
  const page = new PageClient(server);
  const { status, location } = await page.submit("/sign-in", ada);
  expect([status, location]).toEqual([303, "/auth/sign-in/second-factor"]);
  return page;
}

const SESSION_COOKIES = ["ostiary_signin", "ostiary_refresh", "ostiary_csrf", "ostiary_access"];

function isIn({ jar }: PageClient): boolean {
  return SESSION_COOKIES.some((name) => jar.has(name));
}

describe("the second step", () => {
  it("comes between a good password and any cookie of a session", async () => {
    const { server, codeNow, tokens } = await withApp();
    const before = (await server.sessions.list(tokens.user.id)).length;
    const page = await atSecondStep(server);
    expect(isIn(page)).toBe(false);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(before);
    for (const path of ["/account", "/account/authenticator", "/account/two-steps"]) {
      expect((await page.get(path)).location).toMatch(/^\/auth\/(sign-in|account$)/);
      expect(isIn(page)).toBe(false);
    }
    const done = await page.submit("/sign-in/second-factor", { code: codeNow() });
    expect(done.location).toBe("/auth/account");
    expect(isIn(page)).toBe(true);
    expect(page.jar.has("ostiary_pending")).toBe(false);
    expect((await page.get("/account")).text).toContain(twoSteps.appOn);
  });

  it("a wrong code is told at its field, and counted; the fifth ends it", async () => {
    const { server, codeNow } = await withApp();
    const page = await atSecondStep(server);
    for (let tries = 0; tries < 5; tries++) {
      const { status, text } = await page.submit("/sign-in/second-factor", { code: "000000" });
      expect([status, text.includes(twoSteps.codeWrong)]).toEqual([400, true]);
    }
    const { location } = await page.post("/sign-in/second-factor", {
      form_token: await new PageClient(server, page.jar).formToken("/sign-in"),
      code: codeNow(),
    });
    expect(location).toBe("/auth/sign-in?notice=sign-in-expired");
    expect(isIn(page)).toBe(false);
    expect((await auditTypes(server)).filter((type) => type === "second_factor_failed")).toHaveLength(5);
  });

  it("an empty form is no try", async () => {
    const { server, codeNow } = await withApp();
    const page = await atSecondStep(server);
    for (let tries = 0; tries < 6; tries++) {
      expect((await page.submit("/sign-in/second-factor", { code: " " })).text).toContain(twoSteps.codeMissing);
    }
    expect((await page.submit("/sign-in/second-factor", { code: codeNow() })).location).toBe("/auth/account");
  });

  it("is over after ten minutes, and after a new password", async () => {
    const { server, codeNow, page: owner } = await withApp();
    const late = await atSecondStep(server);
    server.time.now += 600_000;
    expect((await late.get("/sign-in/second-factor")).location).toBe("/auth/sign-in?notice=sign-in-expired");
    const robbed = await atSecondStep(server);
    const form_token = await robbed.formToken("/sign-in/second-factor");
    await owner.submit("/account", { task: "password", currentPassword: PASSWORD, newPassword: "another horse entirely" });
    expect((await robbed.post("/sign-in/second-factor", { form_token, code: codeNow() })).location).toBe(
      "/auth/sign-in?notice=sign-in-expired",
    );
    expect([isIn(late), isIn(robbed)]).toEqual([false, false]);
  });

  it("belongs to the browser that took the first: not without what names that browser, nor with another's", async () => {
    const { server, codeNow } = await withApp();
    const page = await atSecondStep(server);
    const thief = new PageClient(server, new Map([["ostiary_pending", page.jar.get("ostiary_pending") ?? ""]]));
    expect((await thief.get("/sign-in/second-factor")).location).toContain("sign-in-expired");
    const other = await atSecondStep(server);
    other.jar.set("ostiary_pending", page.jar.get("ostiary_pending") ?? "");
    const form_token = await other.formToken("/sign-in");
    expect((await other.post("/sign-in/second-factor", { form_token, code: codeNow() })).location).toContain("sign-in-expired");
    expect([isIn(thief), isIn(other)]).toEqual([false, false]);
    expect((await page.submit("/sign-in/second-factor", { code: codeNow() })).location).toBe("/auth/account");
  });

  it("another origin cannot send its form, nor can a page without the form's own token", async () => {
    const { server, codeNow } = await withApp();
    const page = await atSecondStep(server);
    const evil = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    for (const path of [
      "/sign-in/second-factor",
      "/sign-in/second-factor/passkey",
      "/sign-in/passkey",
      "/sign-in/passkey/options",
    ]) {
      expect((await page.submit(path, { code: codeNow() }, evil)).status).toBe(403);
    }
    expect((await page.post("/sign-in/second-factor", { code: codeNow() })).text).toContain(english.formExpired);
    expect(isIn(page)).toBe(false);
  });

  it("of two browsers with the same code one gets in", async () => {
    const { server, codeNow } = await withApp();
    const [one, two] = [await atSecondStep(server), await atSecondStep(server)];
    const tokens = await Promise.all([one, two].map((page) => page.formToken("/sign-in/second-factor")));
    const code = codeNow();
    await Promise.all(
      [one, two].map((page, index) => page.post("/sign-in/second-factor", { form_token: tokens[index] ?? "", code })),
    );
    expect([one, two].filter(isIn)).toHaveLength(1);
  });

  it("a recovery code does as well, in any writing, once", async () => {
    const { server, codes } = await withApp();
    const [code = ""] = codes;
    const page = await atSecondStep(server);
    expect(
      (await page.submit("/sign-in/second-factor?by=recovery", { recoveryCode: ` ${code.toUpperCase().replaceAll("-", " ")} ` }))
        .location,
    ).toBe("/auth/account");
    const again = await atSecondStep(server);
    expect((await again.submit("/sign-in/second-factor?by=recovery", { recoveryCode: code })).text).toContain(
      twoSteps.recoveryWrong,
    );
    expect(isIn(again)).toBe(false);
  });

  it("keeps where they wanted to go, and the language", async () => {
    const { server, codeNow } = await withApp();
    const page = new PageClient(server);
    const { location } = await page.submit("/sign-in?return_to=%2Fx&ui_locales=ko", ada);
    const path = location?.slice("/auth".length) ?? "";
    expect((await page.get(path)).text).toContain('lang="ko"');
    const done = await page.submit(path, { code: codeNow() });
    expect(done.text).toContain('content="0;url=http://localhost:4000/x"');
  });
});

describe("second factors are changed only just after signing in with one", () => {
  it("in the session that set one up, later, and in one of the password alone they are not", async () => {
    const { page, server, codeNow, tokens } = await withApp();
    const account = await page.get("/account");
    expect(account.text).toContain(twoSteps.signInFirst);
    expect(account.text).not.toContain('value="remove-app"');
    const tasks = ["remove-app", "new-codes", "add-passkey", "rename-passkey", "remove-passkey"];
    const refuses = async (client: PageClient): Promise<void> => {
      for (const task of tasks) expect((await client.submit("/account", { task })).text).toContain(twoSteps.signInFirst);
      expect((await client.get("/account/authenticator")).location).toBe("/auth/account");
      expect((await client.post("/account/authenticator", {})).location).toBe("/auth/account");
      const form_token = await client.formToken("/account");
      expect(JSON.parse((await client.post("/account/passkey", { form_token })).text)).toEqual({ text: twoSteps.signInFirst });
    };
    await refuses(page);
    const both = await atSecondStep(server);
    await both.submit("/sign-in/second-factor", { code: codeNow() });
    expect((await both.get("/account")).text).toContain('value="remove-app"');
    server.time.now += 600_000;
    await refuses(both);
    expect((await auditTypes(server)).filter((type) => /removed|replaced/.test(type))).toEqual([]);
    expect(tokens.user.email).toBe(ada.email);
  });

  it("removing one takes a second press, also without scripts, and says what the last one leaves behind", async () => {
    const { server, codeNow } = await withApp();
    const page = await atSecondStep(server);
    await page.submit("/sign-in/second-factor", { code: codeNow() });
    const { text } = await page.get("/account");
    const [opened = ""] = /<details class="remove">.*?<\/details>/s.exec(text) ?? [];
    expect(opened).toContain('value="remove-app"');
    expect(opened).toContain(twoSteps.removeOnlyLead);
    expect(text.replace(opened, "")).not.toContain('value="remove-app"');
    expect((await page.submit("/account", { task: "remove-app" })).location).toBe("/auth/account?notice=authenticator-removed");
  });
});
