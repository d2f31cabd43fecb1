import { describe, expect, it } from "vitest";
import { PageClient } from "../../test/page-client.ts";
import { PASSWORD, TestClient, auditTypes, startSignedIn, startTestServer } from "../../test/test-server.ts";
import { english } from "./texts/english.ts";

const ada = { email: "ada@example.com", password: PASSWORD };

async function adaAt() {
  const { server, client, tokens } = await startSignedIn();
  return { server, client, tokens, page: new PageClient(server, client.jar) };
}

describe("the form to sign in", () => {
  it.each([
    [{}, [english.emailMissing, english.passwordMissing]],
    [{ email: "ada", password: PASSWORD }, [english.emailInvalid]],
    [{ email: "ada@example.com", password: "wrong" }, [english.invalidCredentials]],
    [{ email: "ada@example.com", password: "x".repeat(9000) }, [english.invalidCredentials]],
    [{ email: "nobody@example.com", password: PASSWORD }, [english.invalidCredentials]],
  ])("%j is told what is wrong, keeps what was typed but the password", async (fields, texts) => {
    const { server } = await adaAt();
    const page = new PageClient(server);
    const { status, text } = await page.submit("/sign-in", { remember: "on", ...(fields as Record<string, string>) });
    expect(status).toBe(400);
    for (const one of texts) expect(text).toContain(one);
    expect(text).toContain("<title>Error: Sign in");
    expect(text).toContain(`value="${"email" in fields ? fields.email : ""}"`);
    expect(text).toMatch(/name="remember" checked/);
    expect(text).not.toContain(PASSWORD);
    expect(text.match(/autofocus/g)).toHaveLength(1);
    expect(page.jar.has("ostiary_signin")).toBe(false);
  });

  it("remembers who asks for it, and audits the login", async () => {
    const { server, tokens } = await adaAt();
    const page = new PageClient(server);
    await page.submit("/sign-in", { ...ada, remember: "on" });
    expect((await server.sessions.list(tokens.user.id)).filter(({ remember }) => remember)).toHaveLength(1);
    expect((await auditTypes(server)).at(-1)).toBe("login");
  });

  it("leads where one wanted to go, by a page that goes on by itself and a link", async () => {
    const app = "https://app.example";
    const { server } = await startSignedIn({ allowedOrigins: [app] });
    const page = new PageClient(server);
    const there = await page.get(`/sign-in?return_to=${encodeURIComponent(`${app}/deep?x=1`)}`);
    expect(there.headers.get("content-security-policy")).toContain("form-action 'self';");
    const path = /action="\/auth([^"]+)"/.exec(there.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const { status, text } = await page.submit(path, ada);
    expect(status).toBe(200);
    expect(text).toContain(`<meta http-equiv="refresh" content="0;url=${app}/deep?x=1">`);
    expect(text).toContain(`<a class="button" href="${app}/deep?x=1">Continue to app.example</a>`);
    const anonymous = new PageClient(server);
    const evil = await anonymous.submit("/sign-in?return_to=//evil.example", ada);
    expect(evil.location).toBe("/auth/account");
  });

  it("is passed by whoever is signed in, but not round and round without the refresh cookie", async () => {
    const { server, page } = await adaAt();
    expect((await page.get("/sign-in")).location).toBe("/auth/account");
    expect((await page.get("/sign-up?return_to=/x")).location).toBe("http://localhost:4000/x");
    page.jar.delete("ostiary_refresh");
    const again = await page.get("/sign-in?return_to=/x");
    expect(again.status).toBe(200);
    expect((await page.get("/sign-in?return_to=/x", { "sec-fetch-site": "cross-site" })).status).toBe(303);
    expect(again.text).toContain('value="ada@example.com"');
    // Nor with one that refreshes nothing, or is of another session.
    const other = new TestClient(server);
    await other.login();
    for (const useless of ["junk", other.jar.get("ostiary_refresh") ?? ""]) {
      page.jar.set("ostiary_refresh", useless);
      expect((await page.get("/sign-in?return_to=/x")).status).toBe(200);
    }
  });

  it("is not passed for an app of another site, which could not refresh either", async () => {
    const app = "https://app.example";
    const { server, client } = await startSignedIn({ allowedOrigins: [app] });
    const page = new PageClient(server, new Map([["ostiary_signin", client.jar.get("ostiary_signin") ?? ""]]));
    const path = `/sign-in?return_to=${encodeURIComponent(app)}`;
    expect((await page.get(path, { "sec-fetch-site": "cross-site" })).status).toBe(200);
  });

  it("refuses what is no form", async () => {
    const page = new PageClient(await startTestServer());
    expect((await page.post("/sign-in", {}, { "content-type": "application/json" })).status).toBe(415);
    expect((await page.post("/sign-in", {}, { "content-type": "multipart/form-data" })).status).toBe(415);
    const large = await page.post("/sign-in", { email: "x".repeat(70_000) });
    expect([large.status, large.headers.get("content-type")]).toEqual([413, "text/html; charset=utf-8"]);
  });
});

describe("the form to sign up", () => {
  it.each<[Record<string, string>, number, string[]]>([
    [{}, 400, [english.emailMissing, english.passwordMissing]],
    [{ email: "x", password: "short" }, 400, [english.emailInvalid, english.passwordTooShort(8)]],
    [{ email: "new@example.com", password: "short" }, 400, [english.passwordTooShort(8)]],
    [{ email: "new@example.com", password: "x".repeat(300) }, 400, [english.passwordTooLong]],
    [{ email: "new@example.com", password: PASSWORD, name: "\u0007" }, 400, [english.nameInvalid]],
    [ada, 409, [english.emailTaken]],
  ])("%j", async (fields, status, texts) => {
    const { server } = await adaAt();
    const answer = await new PageClient(server).submit("/sign-up", fields);
    expect(answer.status).toBe(status);
    for (const one of texts) expect(answer.text).toContain(one);
  });

  it("makes an account with or without a name, and signs in", async () => {
    const server = await startTestServer();
    const page = new PageClient(server);
    const answer = await page.submit("/sign-up", { email: "grace@example.com", password: PASSWORD, name: "  Grace  " });
    expect([answer.status, answer.location]).toEqual([303, "/auth/account"]);
    expect((await page.get("/account")).text).toContain("<h1>Grace</h1>");
    expect(await auditTypes(server)).toEqual(["user_created", "signup"]);
  });
});

describe("the forms of the account", () => {
  it("save the name, or say why not", async () => {
    const { server, page, tokens } = await adaAt();
    expect((await page.submit("/account", { task: "profile", name: "Ada L." })).location).toBe(
      "/auth/account?notice=profile-saved",
    );
    expect((await server.users.find(tokens.user.id))?.name).toBe("Ada L.");
    for (const name of ["", " ", "x".repeat(201)]) {
      const refused = await page.submit("/account", { task: "profile", name });
      expect(refused.status).toBe(400);
      expect(refused.text).toContain(english.nameInvalid);
    }
    expect((await auditTypes(server)).at(-1)).toBe("profile_updated");
  });

  it.each([
    [{ currentPassword: "wrong", newPassword: "another horse" }, english.currentPasswordWrong],
    [{ currentPassword: PASSWORD, newPassword: "short" }, english.passwordTooShort(8)],
    [{ currentPassword: "", newPassword: "short" }, english.passwordMissing],
  ])("say why a password is not changed: %j", async (fields, text) => {
    const { page } = await adaAt();
    const refused = await page.submit("/account", { task: "password", ...fields });
    expect([refused.status, refused.text.includes(text)]).toEqual([400, true]);
    expect(refused.text).toMatch(
      /id="(current|new)Password"[^>]* aria-invalid="true" aria-describedby="[^"]*(current|new)Password-error"/,
    );
  });

  it("sign out one device, the others, or all, and nobody else's", async () => {
    const { server, page, tokens } = await adaAt();
    const client = new TestClient(server);
    for (let more = 0; more < 3; more++) await client.login();
    const eve = await new TestClient(server).signup("eve@example.com");
    const [eves] = await server.sessions.list(eve.user.id);
    const mine = async () => (await server.sessions.list(tokens.user.id)).length;
    const [newest] = await server.sessions.list(tokens.user.id);

    // What is not theirs, or gone already, is answered alike, and nothing ends.
    for (const session of [eves?.id ?? "", "gone", ""]) {
      const answer = await page.submit("/account", { task: "end", session });
      expect(answer.location).toBe("/auth/account?notice=device-signed-out");
    }
    expect((await page.submit("/account", { task: "nonsense" })).status).toBe(400);
    expect((await page.submit("/account", { task: "constructor" })).status).toBe(400);
    expect(await mine()).toBe(4);
    const one = await page.submit("/account", { task: "end", session: newest?.id ?? "" });
    expect([one.location, await mine()]).toEqual(["/auth/account?notice=device-signed-out", 3]);
    const others = await page.submit("/account", { task: "end-others" });
    expect([others.location, await mine()]).toEqual(["/auth/account?notice=others-signed-out", 1]);
    await client.login();
    const all = await page.submit("/account", { task: "end-all" });
    expect([all.location, await mine()]).toEqual(["/auth/sign-in?notice=signed-out-everywhere", 0]);
    expect([...page.jar.keys()]).toEqual(["ostiary_device"]);
    expect(await server.sessions.list(eve.user.id)).toHaveLength(1);
    expect((await page.get("/sign-in?notice=signed-out-everywhere")).text).toContain(english.notices["signed-out-everywhere"]);
  });

  it("of somebody who was signed out meanwhile lead to sign-in", async () => {
    const { server, page, tokens } = await adaAt();
    const form_token = await page.formToken("/account");
    await server.sessions.revokeAll(tokens.user.id);
    expect((await page.post("/account", { form_token, task: "profile", name: "X" })).location).toBe(
      "/auth/sign-in?notice=session-ended",
    );
  });
});
