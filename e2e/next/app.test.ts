import { Secret, TOTP } from "otpauth";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { until } from "../launch.ts";
import { ACCESS, expire, nextTests, PASSWORD, userOn } from "./next-tests.ts";

const next = nextTests();

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
}

describe("signing in", () => {
  it("leads back to where one was going, by the hosted pages and through /continue once", async () => {
    const { origin, newPerson, newContext, front } = next();
    const { email } = await newPerson();
    const page = await (await newContext()).newPage();
    await page.goto(`${origin}/dashboard?tab=other`);
    expect(page.url()).toContain(`/auth/sign-in?return_to=${encodeURIComponent(`${origin}/dashboard?tab=other`)}`);
    const before = front.passed.length;
    await signIn(page, email);
    await page.waitForURL(`${origin}/dashboard?tab=other`);
    expect(await page.locator("#tab").innerText()).toBe("other");
    const documents = front.passed.slice(before).filter(({ path }) => path.startsWith("/auth/continue"));
    expect(documents.length).toBeGreaterThanOrEqual(1);
  });

  it("is asked for by a link within the app too, which loads nothing before", async () => {
    const { origin, newContext, front } = next();
    const page = await (await newContext()).newPage();
    const before = front.passed.length;
    await page.goto(origin);
    await page.getByRole("link", { name: "Dashboard" }).click();
    await page.waitForURL(/\/auth\/sign-in\?/);
    expect(new URL(page.url()).searchParams.get("return_to")).toBe(`${origin}/dashboard`);
    expect(front.passed.slice(before).filter(({ path, status }) => path.startsWith("/dashboard") && status === 200)).toEqual([]);
  });

  it("by a server action of the app, with what is wrong; and out by another, everywhere in the browser", async () => {
    const { origin, newPerson, newContext } = next();
    const { email } = await newPerson();
    const context = await newContext();
    const page = await context.newPage();
    await page.goto(`${origin}/login?return_to=/dashboard?tab=mine`);
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Wrong e-mail or password.").waitFor();
    await signIn(page, email);
    await page.locator("#user").waitFor();
    expect(page.url()).toBe(`${origin}/dashboard?tab=mine`);
    const copied = (await context.cookies()).find(({ name }) => name === ACCESS)?.value;
    expect(copied).toBeDefined();

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are not signed in.").waitFor();
    const left = (await context.cookies()).map(({ name }) => name);
    expect(left).toEqual(["__Secure-ostiary_device"]);
    const answer = await context.request.get(`${origin}/api/me`, { headers: { authorization: `Bearer ${copied}` } });
    expect([answer.status(), await answer.json()]).toMatchObject([401, { error: "invalid_token" }]);
    // Neither the back button nor the router's memory shows the page again.
    await page.goBack();
    await page.waitForURL(/sign-in/);
    expect(await page.locator("#user").count()).toBe(0);
  });

  it("by a server action of the app takes the second step as well, for who has one", async () => {
    const { origin, newPerson, newContext } = next();
    const { page: owner, email } = await newPerson();
    await owner.goto(`${origin}/auth/account/authenticator`);
    const secret = Secret.fromBase32((await owner.locator(".secret").innerText()).replaceAll(/\s/g, ""));
    // Each code counts once: the next one is good already.
    const codeIn = (seconds: number): string => new TOTP({ secret }).generate({ timestamp: Date.now() + seconds * 1000 });
    await owner.locator("#code").fill(codeIn(0));
    await owner.getByRole("button", { name: "Turn on" }).click();
    await owner.locator("#codes").waitFor();
    const page = await (await newContext()).newPage();
    await page.goto(`${origin}/login?return_to=/dashboard?tab=mine`);
    await signIn(page, email);
    await page.getByLabel("Code of your authenticator app").fill("000000");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Wrong code").waitFor();
    await page.getByLabel("Code of your authenticator app").fill(codeIn(30));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("#user").waitFor();
    expect(page.url()).toBe(`${origin}/dashboard?tab=mine`);
  });

  it("shows in a component of the browser too", async () => {
    const { origin, newPerson } = next();
    const { page, email } = await newPerson();
    await page.goto(`${origin}/profile`);
    const greeting = page.getByText("from a component of the browser");
    await greeting.waitFor();
    expect(await greeting.innerText()).toContain(email);
  });
});

describe("when the access token has expired", () => {
  it("a server action is not lost", async () => {
    const { newPerson } = next();
    const person = await newPerson();
    const { page } = person;
    for (const note of ["first", "second"]) {
      await expire(person);
      await page.getByLabel("Note").fill(note);
      await page.getByRole("button", { name: "Add" }).click();
      await page.getByRole("listitem").getByText(note).waitFor();
    }
    expect(await page.getByRole("listitem").allInnerTexts()).toEqual(["first", "second"]);
  });

  it("nor is a form of a page without scripts", async () => {
    const { newPerson } = next();
    const person = await newPerson({ javaScriptEnabled: false });
    const { page } = person;
    await expire(person);
    await page.getByLabel("Note").fill("by hand");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByRole("listitem").waitFor();
    expect(await page.getByRole("listitem").allInnerTexts()).toEqual(["by hand"]);
  });

  it("links within the app, and from another site, arrive signed in", async () => {
    const { origin, elsewhere, newPerson } = next();
    const person = await newPerson();
    const { page } = person;
    const user = await userOn(page);
    await page.evaluate(() => Object.assign(window, { stays: true }));
    await expire(person);
    await page.getByRole("link", { name: "Other tab" }).click();
    await page.waitForURL(`${origin}/dashboard?tab=other`);
    await page.locator("#tab").getByText("other").waitFor();
    expect(await page.evaluate(() => "stays" in window)).toBe(true);

    await page.goto(`${elsewhere}/?to=${encodeURIComponent(`${origin}/dashboard?tab=from`)}`);
    await expire(person);
    await page.getByRole("link").click();
    await page.waitForURL(`${origin}/dashboard?tab=from`);
    expect(await userOn(page)).toBe(user);
  });
});

describe("a session that ends", () => {
  it("on another device is seen at the next request, of whatever kind", async () => {
    const { origin, issuer, newPerson, newContext } = next();
    const { page, email } = await newPerson();
    const other = (await newContext()).request;
    const login = await other.post(`${issuer}/login`, { data: { email, password: PASSWORD, delivery: "body" } });
    const { accessToken } = (await login.json()) as { accessToken: string };
    const out = await other.post(`${issuer}/logout-all`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(out.status()).toBe(204);

    expect(await page.evaluate(async () => (await fetch("/api/me")).status)).toBe(401);
    await page.getByLabel("Note").fill("too late");
    await page.getByRole("button", { name: "Add" }).click();
    await page.waitForURL(/\/auth\/sign-in/);
    await page.goto(`${origin}/dashboard`);
    expect(page.url()).toContain("/auth/sign-in?return_to=");
  });
});

describe("what is not for everybody", () => {
  it("a page for a role is 403 for others, and open without signing in anew once one has it", async () => {
    const { origin, newPerson, run } = next();
    const { page, email } = await newPerson();
    expect((await page.goto(`${origin}/admin`))?.status()).toBe(403);
    await page.getByText("Not for you").waitFor();
    await run("users", "set-role", email, "admin");
    // The command is another process: the app hears of it a moment later.
    await until("the page is open", async () => (await page.goto(`${origin}/admin`))?.status() === 200);
    await page.getByText("Welcome").waitFor();
  });

  it("two people in turn see their own, and nothing of it may be kept", async () => {
    const { origin, newPerson } = next();
    const [one, two] = [await newPerson(), await newPerson()];
    const users = [await userOn(one.page), await userOn(two.page)];
    expect(users[0]).not.toBe(users[1]);
    for (const [n, { page, context }] of [one, two, one].entries()) {
      const answer = await page.goto(`${origin}/dashboard?tab=same`);
      expect(await userOn(page)).toBe(users[n % 2]);
      expect(answer?.headers()["cache-control"]).toMatch(/private.*no-store/);
      const script = await page.evaluate(async () => {
        const rsc = await fetch("/dashboard?tab=same", { headers: { RSC: "1" } });
        const api = await fetch("/api/me");
        return [rsc.headers.get("cache-control"), api.headers.get("cache-control"), await rsc.text(), await api.text()];
      });
      for (const each of script.slice(0, 2)) expect(each).toMatch(/private.*no-store/);
      for (const each of script.slice(2)) expect(each).toContain(users[n % 2]);
      const kept = (await context.cookies()).find(({ name }) => name === ACCESS);
      expect(kept).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax", path: "/", domain: "localhost" });
    }
  });

  it("pages of other origins can do nothing by the cookie, and programs are told what is missing", async () => {
    const { origin, newPerson, newContext } = next();
    const { context } = await newPerson();
    for (const [from, status] of [["https://evil.example", 403], [origin, 200]] as const) {
      const answer = await context.request.post(`${origin}/api/me`, { headers: { origin: from }, data: "x" });
      expect([from, answer.status()]).toEqual([from, status]);
    }
    const program = await (await newContext()).request.get(`${origin}/api/me`, { headers: { accept: "application/json" } });
    expect([program.status(), program.headers()["www-authenticate"]]).toEqual([401, "Bearer"]);
  });

  it("the root's well-known path leads to the account", async () => {
    const { origin, issuer, newContext } = next();
    const answer = await (await newContext()).request.get(`${origin}/.well-known/change-password`, { maxRedirects: 0 });
    expect([answer.status(), answer.headers()["location"]]).toEqual([303, `${issuer}/account#password`]);
  });
});
