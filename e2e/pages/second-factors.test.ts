import { createServer } from "node:http";
import { Secret, TOTP } from "otpauth";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { close, listen } from "../client/front.ts";
import { findings } from "./findings.ts";
import { PASSWORD, pageTests, signIn } from "./page-tests.ts";
import { addAuthenticator } from "./virtual-authenticator.ts";

/** An app that sends people to step up, and shows what its token says of how they signed in. */
const server = createServer((_, response) =>
  response.setHeader("content-type", "text/html").end("<title>App</title><h1>The app</h1>"),
);
let app = "";
beforeAll(async () => void (app = await listen(server)));
afterAll(() => close(server));
const pages = pageTests(() => ({ allowedOrigins: [app] }));

/** The code that the app of a phone would show now. */
function codeOf(secret: string): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: pages().time.now });
}

/** From the account page, or where it is asked for: the key is typed by hand. What it says afterwards are the recovery codes. */
async function setUpApp(page: Page): Promise<{ secret: string; codes: string[] }> {
  await page.getByRole("link", { name: "Set up authenticator app" }).click();
  const secret = (await page.locator(".secret").innerText()).replaceAll(/\s/g, "");
  await page.getByLabel("Code that the app shows now").fill(codeOf(secret));
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByRole("heading", { name: "Save your recovery codes" }).waitFor();
  return { secret, codes: await page.locator("#codes li").allInnerTexts() };
}

async function adaWithApp(
  options: BrowserContextOptions = {},
): Promise<{ page: Page; email: string; secret: string; codes: string[] }> {
  const page = await pages().newAda(options);
  const email = await page.locator(".person .quiet").innerText();
  const { secret, codes } = await setUpApp(page);
  await page.getByRole("link", { name: "I have saved them" }).click();
  pages().time.now += 30_000;
  return { page, email, secret, codes };
}

async function toSecondStep(page: Page, email: string, search = ""): Promise<void> {
  await page.goto(`${pages().issuer}/sign-in${search}`);
  await signIn(page, email);
  await page.getByRole("heading", { name: "Confirm it is you" }).waitFor();
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel("6-digit code").fill(code);
  await page.getByRole("button", { name: "Continue" }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are signed out.").waitFor();
}

async function cookieNames(page: Page): Promise<string[]> {
  return (await page.context().cookies(`${pages().issuer}/`)).map(({ name }) => name);
}

describe("an authenticator app, with scripts off", () => {
  it("is set up, asked for from then on, and each code is good once; so is a recovery code", async () => {
    const { issuer, newPage, time } = pages();
    const { page, email, secret, codes } = await adaWithApp({ javaScriptEnabled: false });
    expect(new Set(codes).size).toBe(10);
    await page.getByText("Shows a new code every 30 seconds").waitFor();
    // Whoever has a factor has not proved it in this session: it changes nothing more.
    await page.getByText("just after signing in, with the second step").waitFor();
    expect(await page.getByRole("button", { name: "New codes" }).count()).toBe(0);
    await signOut(page);

    await toSecondStep(page, email);
    await enterCode(page, "");
    await page.getByRole("link", { name: "Enter the code." }).waitFor();
    await enterCode(page, "000000");
    await page.getByRole("link", { name: "This code is wrong" }).waitFor();
    // The first step alone opens nothing.
    expect(await cookieNames(page)).not.toContain("ostiary_signin");
    const used = codeOf(secret);
    await enterCode(page, used);
    await page.waitForURL(`${issuer}/account`);

    // Somebody who has seen the password and the code is a moment late.
    const thief = await newPage();
    await toSecondStep(thief, email);
    await enterCode(thief, used);
    await thief.getByRole("link", { name: "This code is wrong" }).waitFor();
    await thief.getByRole("link", { name: "Use a recovery code" }).click();
    await thief.getByLabel("Recovery code").fill(codes[0]?.toUpperCase().replaceAll("-", " ") ?? "");
    await thief.getByRole("button", { name: "Continue" }).click();
    await thief.waitForURL(`${issuer}/account`);
    await thief.getByText("9 left").waitFor();
    await signOut(thief);
    time.now += 30_000;
    await toSecondStep(thief, email, "?return_to=%2Fauth%2Faccount");
    await thief.getByRole("link", { name: "Use a recovery code" }).click();
    await thief.getByLabel("Recovery code").fill(codes[0] ?? "");
    await thief.getByRole("button", { name: "Continue" }).click();
    await thief.getByRole("link", { name: "This recovery code is wrong" }).waitFor();

    // With both steps just taken they can be changed: new codes take the place of the old, and the app goes.
    await page.reload();
    await page.getByRole("button", { name: "New codes" }).click();
    await page.getByRole("heading", { name: "Save your recovery codes" }).waitFor();
    expect(await page.locator("#codes li").allInnerTexts()).not.toContain(codes[1]);
    await page.getByRole("link", { name: "I have saved them" }).click();
    await page.getByText("Remove", { exact: true }).click();
    await page.getByRole("button", { name: "Remove the authenticator app" }).click();
    await page.getByText("The authenticator app is removed.").waitFor();
    await signOut(page);
    await signIn(page, email);
    await page.waitForURL(`${issuer}/account`);
  });
});

describe("a passkey", () => {
  it("is added, named, used as the second step and alone, and removed", async () => {
    const { issuer, newAda, complaints } = pages();
    const page = await newAda();
    const authenticator = await addAuthenticator(page);
    const email = await page.locator(".person .quiet").innerText();
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("heading", { name: "Save your recovery codes" }).waitFor();
    await page.getByRole("link", { name: "I have saved them" }).click();
    await page.getByText("Not used yet").waitFor();
    expect(await authenticator.count()).toBe(1);
    await signOut(page);

    await toSecondStep(page, email);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.waitForURL(`${issuer}/account`);
    await page.getByText("Rename", { exact: true }).click();
    await page.getByLabel("Name of the passkey").fill("The key in the drawer");
    await page.locator(".rename").getByRole("button", { name: "Save" }).click();
    await page.getByText("The passkey has its new name.").waitFor();
    // The browser holds it already, and says so before anything is sent.
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("alert").getByText("holds a passkey of your account already").waitFor();
    await signOut(page);

    await page.getByLabel("Stay signed in").check();
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.waitForURL(`${issuer}/account`);
    const { ostiary } = pages();
    const user = await ostiary.users.findByEmail(email);
    expect((await ostiary.sessions.list(user?.id ?? "")).map(({ remember }) => remember)).toEqual([true]);
    await page.getByText("Remove", { exact: true }).click();
    await page.getByRole("button", { name: "Remove the passkey The key in the drawer" }).click();
    await page.getByText("The passkey is removed,").waitFor();
    await signOut(page);

    // It is still on the device, and opens nothing.
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByText("This passkey opens no account here.").waitFor();
    await signIn(page, email);
    await page.waitForURL(`${issuer}/account`);
    expect(complaints).toEqual([]);
  });

  it("alone is none where the device cannot tell who is there; and somebody who thinks better of it can go on", async () => {
    const { issuer, newAda } = pages();
    const page = await newAda();
    const authenticator = await addAuthenticator(page);
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("link", { name: "I have saved them" }).click();
    await signOut(page);
    await authenticator.setVerified(false);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByRole("alert").getByText("No passkey was used.").waitFor();
    expect(await cookieNames(page)).not.toContain("ostiary_signin");
    await authenticator.setVerified(true);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.waitForURL(`${issuer}/account`);
  });
});

describe("a second step that was not taken", () => {
  it("opens nothing, is of no use to another browser, and is over once it was taken", async () => {
    const { issuer, newPage } = pages();
    const { page, email, secret } = await adaWithApp();
    await signOut(page);
    await toSecondStep(page, email);
    // Passed over by hand, the account is as closed as before.
    await page.goto(`${issuer}/account`);
    expect(new URL(page.url()).pathname).toBe("/auth/sign-in");
    await page.goto(`${issuer}/account/authenticator`);
    expect(new URL(page.url()).pathname).toBe("/auth/sign-in");

    // What names it was copied, but not what names the browser.
    const thief = await newPage();
    const jar = (await page.context().cookies(`${issuer}/`)).filter(({ name }) => name === "ostiary_pending");
    expect(jar).toHaveLength(1);
    await thief.context().addCookies(jar);
    await thief.goto(`${issuer}/sign-in/second-factor`);
    await thief.getByText("That took too long").waitFor();

    // In two tabs, one after the other: the second goes where the first has led.
    const tab = await page.context().newPage();
    for (const one of [page, tab]) {
      await one.goto(`${issuer}/sign-in/second-factor`);
      await one.getByLabel("6-digit code").fill(codeOf(secret));
    }
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${issuer}/account`);
    await tab.getByRole("button", { name: "Continue" }).click();
    await tab.waitForURL(`${issuer}/account`);
    await signOut(page);
    await page.goBack();
    await page.goBack();
    expect(await cookieNames(page)).not.toContain("ostiary_signin");
    await page.goto(`${issuer}/sign-in/second-factor`);
    await page.getByText("That took too long").waitFor();
  });

  it("ends after five wrong codes", async () => {
    const { page, email, secret } = await adaWithApp();
    await signOut(page);
    await toSecondStep(page, email);
    for (let tries = 0; tries < 5; tries++) {
      await enterCode(page, "000000");
      await page.getByText("This code is wrong").or(page.getByText("too many codes")).first().waitFor();
    }
    await enterCode(page, codeOf(secret)).catch(() => {});
    await page.getByText("too many codes").waitFor();
    expect(await cookieNames(page)).not.toContain("ostiary_signin");
  });
});

describe("step-up", () => {
  const stepUp = (query: Record<string, string>): string =>
    `${pages().issuer}/step-up?${new URLSearchParams({ return_to: `${app}/deed`, ...query }).toString()}`;
  const isAtApp = (page: Page): Promise<void> => page.waitForURL(`${app}/deed`);

  it("leads somebody without a second step to set one up, then to sign in with it, and back; then it is passed", async () => {
    const { newAda } = pages();
    const page = await newAda();
    await page.goto(stepUp({ max_age: "300", methods: "mfa" }));
    await page.getByRole("heading", { name: "This needs a second step" }).waitFor();
    const { secret } = await setUpApp(page);
    pages().time.now += 30_000;
    await page.getByRole("link", { name: "I have saved them" }).click();
    expect(await page.locator("#email").getAttribute("readonly")).not.toBeNull();
    await page.locator("#password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await enterCode(page, codeOf(secret));
    await isAtApp(page);
    await page.goto(stepUp({ max_age: "300", methods: "otp pop" }));
    await isAtApp(page);

    // Later it is asked again, for both; the session takes the place of the old one.
    pages().time.now += 301_000;
    await page.goto(stepUp({ max_age: "300", methods: "mfa" }));
    await page.locator("#password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await enterCode(page, codeOf(secret));
    await isAtApp(page);
  });

  it("lets people go back as they are, and does not go round where it cannot be done", async () => {
    const { page, secret } = await adaWithApp();
    await page.goto(stepUp({ methods: "pop" }));
    await page.locator("#password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await enterCode(page, codeOf(secret));
    await page.getByRole("heading", { name: "You are not there yet" }).waitFor();
    await page.getByRole("link", { name: "Go back" }).click();
    await isAtApp(page);
    const ada = await pages().newAda();
    await ada.goto(stepUp({ methods: "mfa" }));
    await ada.getByRole("link", { name: "Not now" }).click();
    await isAtApp(ada);
    expect(pages().complaints.filter((text) => !text.startsWith("asked "))).toEqual([]);
  });
});

describe.each(["light", "dark"] as const)("in the %s scheme", (colorScheme) => {
  it("axe finds nothing, and nothing sticks out", async () => {
    const { issuer, complaints } = pages();
    const found: string[] = [];
    const look = async (on: Page): Promise<void> => {
      found.push(...(await findings(on)));
      if (await on.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) {
        found.push(`${on.url()} is too wide`);
      }
    };
    const page = await pages().newAda({ colorScheme, reducedMotion: "reduce", viewport: { width: 320, height: 640 } });
    await addAuthenticator(page);
    const email = await page.locator(".person .quiet").innerText();
    await page.goto(`${issuer}/account/two-steps?return_to=%2F&need=mfa&ui_locales=ko`);
    await look(page);
    await page.goto(`${issuer}/account/authenticator`);
    await page.getByRole("button", { name: "Turn on" }).click();
    await page.locator(".summary").waitFor();
    await look(page);
    const secret = (await page.locator(".secret").innerText()).replaceAll(/\s/g, "");
    await page.getByLabel("Code that the app shows now").fill(codeOf(secret));
    await page.getByRole("button", { name: "Turn on" }).click();
    await page.locator("#codes").waitFor();
    await look(page);
    pages().time.now += 30_000;
    await toSecondStep(page, email, "?prompt=login");
    await enterCode(page, "000000");
    await page.locator(".summary").waitFor();
    await look(page);
    await page.goto(`${issuer}/sign-in/second-factor?by=recovery&ui_locales=ko`);
    await look(page);
    await page.goto(`${issuer}/sign-in/second-factor`);
    await enterCode(page, codeOf(secret));
    await page.waitForURL(`${issuer}/account`);
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByText("Your passkey is added.").waitFor();
    await page.getByText("Rename", { exact: true }).click();
    await look(page);
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
