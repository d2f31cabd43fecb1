import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { findings } from "./findings.ts";
import { PASSWORD, pageTests, signIn } from "./page-tests.ts";
import { startWorks } from "./provider.ts";
import type { Works } from "./provider.ts";

let works: Works | undefined;
const pages = pageTests(async (issuer) => ({ signInWith: (works = await startWorks(issuer)).signInWith }));
afterAll(() => works?.provider.close());

/** What is asked of the provider is meant; its own pages ask for letters from elsewhere, which no test waits for. */
function ownComplaints(): string[] {
  const expected = [`asked ${works?.provider.issuer}`, `asked ${LETTERS}`, LETTERS];
  return pages().complaints.filter((text) => !expected.some((beginning) => text.startsWith(beginning)));
}

const LETTERS = "https://fonts.googleapis.com";

async function newPage(options?: BrowserContextOptions): Promise<Page> {
  const page = await pages().newPage(options);
  await page.context().route(`${LETTERS}/**`, (route) => route.abort());
  return page;
}

async function deviceOf(page: Page): Promise<string> {
  const cookies = await page.context().cookies(`${pages().issuer}/`);
  return cookies.find(({ name }) => name === "ostiary_device")?.value ?? "";
}

/** At the provider, which takes any password and calls everybody Ada Lovelace. */
async function signInThere(page: Page, email: string): Promise<void> {
  await page.locator("input[name=login]").fill(email);
  await page.locator("input[name=password]").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

describe("with a provider on another site", () => {
  it("somebody new signs in, sets a password, and signs in again in one click", async () => {
    const { issuer, ostiary } = pages();
    const page = await newPage();
    await page.goto(`${issuer}/sign-up`);
    const found = await findings(page);
    await page.getByRole("button", { name: "Continue with Works" }).click();
    await signInThere(page, "grace@example.com");
    await page.waitForURL(`${issuer}/account`);
    await page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
    expect(await page.locator("#ways").innerText()).toBe("Ways to sign in");
    const user = await ostiary.users.findByEmail("grace@example.com");
    expect(user).toMatchObject({ emailVerified: false, name: "Ada Lovelace" });

    found.push(...(await findings(page)));
    expect(found).toEqual([]);
    const device = await deviceOf(page);
    await page.getByLabel("New password").fill(PASSWORD);
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByText("Your password is set.").waitFor();
    await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    await page.getByRole("button", { name: "Continue with Works" }).click();
    await page.waitForURL(`${issuer}/account`);
    // The browser is known by the name that it shows to no other site's links.
    expect([device.length, await deviceOf(page)]).toEqual([43, device]);
    // Who is at the browser now, Works has not said: the account's own password does.
    await page
      .locator("section:has(#ways) .again")
      .filter({ hasText: "just after signing in with your password" })
      .getByRole("link", { name: "Sign in again" })
      .click();
    await signIn(page, "grace@example.com");
    await page.getByRole("button", { name: "Disconnect Works" }).click();
    await page.getByText("It is disconnected").waitFor();
    expect(ownComplaints()).toEqual([]);
  });

  it("somebody with an account tells its password once; with scripts off", async () => {
    const { issuer, ostiary } = pages();
    const user = await ostiary.users.create({ email: "joan@example.com", password: PASSWORD, name: "Joan Clarke" });
    const page = await newPage({ javaScriptEnabled: false });
    await page.goto(`${issuer}/sign-in?return_to=${encodeURIComponent(`${issuer}/account`)}`);
    await page.getByRole("button", { name: "Continue with Works" }).click();
    await signInThere(page, "joan@example.com");
    await page.getByRole("heading", { name: "Connect Works to your account" }).waitFor();
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Connect and sign in" }).click();
    await page.waitForURL(`${issuer}/account`);
    await page.getByRole("heading", { name: "Joan Clarke" }).waitFor();
    expect(await ostiary.audit.list({ userId: user.id, types: ["identity_linked"] })).toHaveLength(1);
    expect(ownComplaints()).toEqual([]);
  });

  it("an address that somebody was sent signs nobody in as its sender", async () => {
    const { issuer } = pages();
    const [eve, ada] = [await newPage(), await newPage()];
    let sent = "";
    await eve.route(`${issuer}/sign-in/with/works/callback**`, (route) => {
      sent = route.request().url();
      return route.abort();
    });
    await eve.goto(`${issuer}/sign-in`);
    await eve.getByRole("button", { name: "Continue with Works" }).click();
    await signInThere(eve, "eve@example.com").catch(() => {});
    await expect.poll(() => sent, { timeout: 30_000 }).toContain("code=");
    await ada.goto(sent);
    await ada.getByRole("heading", { name: "did not work" }).waitFor();
    await ada.goto(`${issuer}/account`);
    expect(new URL(ada.url()).pathname).toBe("/auth/sign-in");
    await signIn(ada, "nobody@example.com");
    await ada.getByText("is wrong").waitFor();
  });
});
