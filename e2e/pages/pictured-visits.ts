/** What people do on the hosted pages before a picture is taken. */
import { Secret, TOTP } from "otpauth";
import type { Page } from "playwright-core";
import type { Hosted } from "./hosted.ts";

export const ADA = { email: "ada@example.com", name: "Ada Lovelace", password: "correct horse battery staple" };
export const GRACE = { email: "grace@example.com", name: "Grace Hopper", password: "seven purple otters swim" };
export const ALAN = { email: "alan@example.com", name: "Alan Turing", password: "nine green herons wade" };
export const NOON = Date.parse("2026-03-16T12:00:00Z");
export const HOUR = 3_600_000;

export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
}

/** As Alan, who has an authenticator app and a passkey. */
export async function toSecondStep(page: Page, { issuer }: Hosted, locale = "en", more = ""): Promise<void> {
  await page.goto(`${issuer}/sign-in?ui_locales=${locale}${more}`);
  await page.locator("#email").fill(ALAN.email);
  await page.locator("#password").fill(ALAN.password);
  await page.locator("main button[type=submit]").first().click();
  await page.locator("#code").waitFor();
}

/** On the page of the picture. */
export async function setUpApp(page: Page): Promise<string> {
  const secret = (await page.locator(".secret").innerText()).replaceAll(/\s/g, "");
  await page.locator("#code").fill(codeOf(secret, NOON));
  await page.locator("main button[type=submit]").click();
  await page.locator("#codes").waitFor();
  return secret;
}

export function codeOf(secret: string, timestamp: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

export async function signInTo(page: Page, { issuer }: Hosted, locale = "en", who = ADA): Promise<void> {
  await page.goto(`${issuer}/sign-in?ui_locales=${locale}`);
  await page.locator("#email").fill(who.email);
  await page.locator("#password").fill(who.password);
  await page.locator("main button[type=submit]").first().click();
  await page.locator(".person").waitFor();
}
