/** What the pictures of the hosted pages show. */
import type { Page } from "playwright-core";
import { DEVICE_GRANT } from "../../packages/server/src/clients/registration.ts";
import type { Hosted } from "./hosted.ts";
import { logoutOf } from "./pictured-people.ts";
import { ADA, GRACE, open, setUpApp, signInTo, toSecondStep } from "./pictured-visits.ts";

type Scene = (page: Page, hosted: Hosted) => Promise<void>;

export const SCENES: Record<string, Scene> = {
  "sign-in": (page, { issuer }) => open(page, `${issuer}/sign-in`),
  async "sign-in-error"(page, { issuer }) {
    await open(page, `${issuer}/sign-in`);
    await page.getByLabel("E-mail").fill(ADA.email);
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("is wrong").waitFor();
  },
  "signed-out": (page, { issuer }) => open(page, `${issuer}/sign-in?notice=signed-out`),
  async "sign-up"(page, { issuer }) {
    await open(page, `${issuer}/sign-up`);
    await page.getByLabel("Name").fill("Grace Hopper");
    await page.getByLabel("E-mail").fill("grace@example.com");
    await page.getByLabel("Password", { exact: true }).fill("seven purple otters");
  },
  async "sign-up-error"(page, { issuer }) {
    await open(page, `${issuer}/sign-up`);
    await page.getByLabel("E-mail").fill("grace");
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("Use at least").first().waitFor();
  },
  "second-step": (page, hosted) => toSecondStep(page, hosted),
  async "second-step-error"(page, hosted) {
    await toSecondStep(page, hosted);
    await page.getByLabel("6-digit code").fill("271828");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.locator(".summary").waitFor();
  },
  "second-step-korean": (page, hosted) => toSecondStep(page, hosted, "ko"),
  async authenticator(page, hosted) {
    await signInTo(page, hosted);
    await open(page, `${hosted.issuer}/account/authenticator`);
  },
  async "recovery-codes"(page, hosted) {
    const grace = await hosted.ostiary.users.findByEmail(GRACE.email);
    await hosted.ostiary.users.resetSecondFactors(grace?.id ?? "");
    await signInTo(page, hosted, "en", GRACE);
    await open(page, `${hosted.issuer}/account/authenticator`);
    await setUpApp(page);
  },
  async "two-steps"(page, hosted) {
    await signInTo(page, hosted);
    await open(page, `${hosted.issuer}/account/two-steps?need=mfa&return_to=%2F`);
  },
  account: (page, hosted) => signInTo(page, hosted),
  async "account-error"(page, hosted) {
    await signInTo(page, hosted);
    await page.getByLabel("Current password").fill("wrong");
    await page.getByLabel("New password").fill("a much better one");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("not your current").first().waitFor();
  },
  async "sign-out"(page, hosted) {
    await signInTo(page, hosted);
    await open(page, logoutOf(hosted));
  },
  async "signed-out-of-all"(page, hosted) {
    await signInTo(page, hosted);
    await open(page, `${hosted.issuer}/oauth/logout`);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  },
  "not-found": (page, { issuer }) => open(page, `${issuer}/nowhere`),
  "sign-in-korean": (page, { issuer }) => open(page, `${issuer}/sign-in?ui_locales=ko`),
  "account-korean": (page, hosted) => signInTo(page, hosted, "ko"),
  consent: (page, hosted) => beAsked(page, hosted, REDIRECT_URIS.web),
  "consent-korean": (page, hosted) => beAsked(page, hosted, REDIRECT_URIS.web, "ko"),
  "consent-device": (page, hosted) => beAsked(page, hosted, REDIRECT_URIS.device),
  device: (page, hosted) => askForDevice(page, hosted, "en", false),
  "device-asks": (page, hosted) => askForDevice(page, hosted, "en"),
  "device-asks-korean": (page, hosted) => askForDevice(page, hosted, "ko"),
  async "device-connected"(page, hosted) {
    await askForDevice(page, hosted, "en");
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("heading", { name: "Your device is connected" }).waitFor();
  },
  "authorize-error": (page, { issuer }) => open(page, `${issuer}/oauth/authorize?client_id=nobody`),
  async "sign-out-korean"(page, hosted) {
    await signInTo(page, hosted, "ko");
    await open(page, `${logoutOf(hosted)}&ui_locales=ko`);
  },
};

const REDIRECT_URIS = { web: "https://tides.example/callback", device: "http://127.0.0.1/callback" };

/** What an app would do with Ada's account that signs her in for the first time. */
async function beAsked(page: Page, hosted: Hosted, redirectUri: string, locale = "en"): Promise<void> {
  await signInTo(page, hosted, locale);
  const isWeb = redirectUri === REDIRECT_URIS.web;
  const { clientId } = await hosted.ostiary.clients.create({
    name: "Tide Tables",
    registration: {
      redirectUris: [redirectUri],
      scopes: ["openid", "profile", "email", "offline_access", "tides:read"],
      tokenEndpointAuthMethod: isWeb ? "client_secret_basic" : "none",
    },
  });
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: isWeb ? "openid profile email offline_access tides:read" : "openid email",
    code_challenge: "a".repeat(43),
    code_challenge_method: "S256",
    ui_locales: locale,
  });
  await open(page, `${hosted.issuer}/oauth/authorize?${query.toString()}`);
}

/** A television that shows a code, which Ada types, or is about to. */
async function askForDevice(page: Page, hosted: Hosted, locale: string, looksUp = true): Promise<void> {
  await signInTo(page, hosted, locale);
  const { clientId } = await hosted.ostiary.clients.create({
    name: "Tide Tables",
    registration: { grantTypes: [DEVICE_GRANT, "refresh_token"], tokenEndpointAuthMethod: "none" },
  });
  const answer = await fetch(`${hosted.issuer}/oauth/device`, {
    method: "POST",
    headers: { "user-agent": "TideTables-TV/2.1" },
    body: new URLSearchParams({ client_id: clientId, scope: "openid profile offline_access" }),
  });
  const { user_code: code } = (await answer.json()) as { user_code: string };
  await open(page, `${hosted.issuer}/device?ui_locales=${locale}&user_code=${code}`);
  if (!looksUp) return;
  await page.locator("main button[type=submit]").click();
  await page.locator(".user-code").waitFor();
}
