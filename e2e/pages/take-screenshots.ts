/** `npm run screenshots`: the pictures of the hosted pages in docs/images/pages, taken anew. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { auditEvent, LOCAL_ORIGIN } from "../../packages/server/src/audit/audit-event.ts";
import { DEVICE_GRANT } from "../../packages/server/src/clients/registration.ts";
import { openSqlite } from "../../packages/server/src/stores/sqlite/open-sqlite.ts";
import { FLAGS } from "../browser-flags.ts";
import { findChromium } from "../client/find-chromium.ts";
import { REPOSITORY } from "../launch.ts";
import { startHosted } from "./hosted.ts";
import type { Hosted } from "./hosted.ts";
import { addAuthenticator } from "./virtual-authenticator.ts";

const ADA = { email: "ada@example.com", name: "Ada Lovelace", password: "correct horse battery staple" };
const GRACE = { email: "grace@example.com", name: "Grace Hopper", password: "seven purple otters swim" };
const ALAN = { email: "alan@example.com", name: "Alan Turing", password: "nine green herons wade" };
const NOON = Date.parse("2026-03-16T12:00:00Z");
const HOUR = 3_600_000;

const LOOKS: Record<string, BrowserContextOptions> = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
};

/** Where else Ada is signed in, and for how long she has not been there. */
const DEVICES: readonly [userAgent: string, hoursAgo: number][] = [
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
    2,
  ],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0", 50],
  ["backup-tool/2.1", 6],
];

type Scene = (page: Page, hosted: Hosted) => Promise<void>;

const SCENES: Record<string, Scene> = {
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

async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
}

/** As Alan, who has an authenticator app and a passkey. */
async function toSecondStep(page: Page, { issuer }: Hosted, locale = "en", more = ""): Promise<void> {
  await page.goto(`${issuer}/sign-in?ui_locales=${locale}${more}`);
  await page.locator("#email").fill(ALAN.email);
  await page.locator("#password").fill(ALAN.password);
  await page.locator("main button[type=submit]").first().click();
  await page.locator("#code").waitFor();
}

/** On the page of the picture. */
async function setUpApp(page: Page): Promise<string> {
  const secret = (await page.locator(".secret").innerText()).replaceAll(/\s/g, "");
  await page.locator("#code").fill(codeOf(secret, NOON));
  await page.locator("main button[type=submit]").click();
  await page.locator("#codes").waitFor();
  return secret;
}

function codeOf(secret: string, timestamp: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

async function signInTo(page: Page, { issuer }: Hosted, locale = "en", who = ADA): Promise<void> {
  await page.goto(`${issuer}/sign-in?ui_locales=${locale}`);
  await page.locator("#email").fill(who.email);
  await page.locator("#password").fill(who.password);
  await page.locator("main button[type=submit]").first().click();
  await page.locator(".person").waitFor();
}

async function letAdaIn(hosted: Hosted): Promise<void> {
  const { time, issuer } = hosted;
  const post = (path: string, userAgent: string, body: object): Promise<Response> =>
    fetch(issuer + path, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": userAgent },
      body: JSON.stringify(body),
    });
  for (const [index, [userAgent, hoursAgo]] of DEVICES.entries()) {
    time.now = NOON - hoursAgo * HOUR;
    await post(index === 0 ? "/signup" : "/login", userAgent, ADA);
  }
  time.now = NOON;
}

/** Alan sets up an app, signs in with it, and adds a passkey. */
async function letAlanIn(browser: Browser, hosted: Hosted): Promise<void> {
  for (const person of [ALAN, GRACE]) await hosted.ostiary.users.create(person);
  const page = await browser.newPage({ locale: "en-GB" });
  page.setDefaultTimeout(120_000);
  await addAuthenticator(page);
  await signInTo(page, hosted, "en", ALAN);
  await open(page, `${hosted.issuer}/account/authenticator`);
  const secret = await setUpApp(page);
  await toSecondStep(page, hosted, "en", "&prompt=login");
  hosted.time.now += 30_000;
  await page.locator("#code").fill(codeOf(secret, hosted.time.now));
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByText("Your passkey is added.").waitFor();
  hosted.time.now = NOON;
  await page.context().close();
}

let shopId = "";

function logoutOf({ issuer }: Hosted): string {
  return `${issuer}/oauth/logout?client_id=${shopId}`;
}

/** Ada has let two apps in, one of which uses what it may just then. */
async function letAppsIn({ ostiary }: Hosted, path: string): Promise<void> {
  const [ada] = await ostiary.users.list();
  if (ada === undefined) throw new Error("Ada is not there.");
  const store = await openSqlite(path);
  const apps: readonly [name: string, scopes: string, daysAgo: number][] = [
    ["Meadow Shop", "openid profile email offline_access", 41],
    ["Weather Board", "openid profile", 3],
  ];
  for (const [name, scope, daysAgo] of apps) {
    const { clientId } = await ostiary.clients.create({
      name,
      registration: { redirectUris: ["https://shop.example/callback"] },
    });
    if (shopId === "") shopId = clientId;
    const at = NOON - daysAgo * 24 * HOUR;
    await store.oauth.consents.allow(
      ada.id,
      clientId,
      scope.split(" "),
      at,
      auditEvent("consent_given", at, LOCAL_ORIGIN, { userId: ada.id }),
    );
    const [own] = await store.sessions.listLive(ada.id, NOON);
    const { passwordHash = "" } = (await store.users.find(ada.id)) ?? {};
    if (own === undefined || !scope.includes("offline_access")) continue;
    const device = { label: name, ip: null, userAgent: null };
    const session = { ...own, id: randomUUID(), clientId, scope, device, createdAt: at, rotatedAt: NOON - 5 * HOUR };
    await store.sessions.create(session, passwordHash, auditEvent("authorized", at, LOCAL_ORIGIN, { userId: ada.id }));
  }
  await store.close();
}

async function take(browser: Browser, hosted: Hosted, scene: string, look: string): Promise<void> {
  const context = await browser.newContext({ ...LOOKS[look], reducedMotion: "reduce", locale: "en-GB" });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  await SCENES[scene]?.(page, hosted);
  await page.screenshot({ path: join(folder, `${scene}-${look}.png`), fullPage: true, animations: "disabled" });
  await context.close();
  await forgetVisits(hosted);
}

/** Each picture has the same devices in it. */
async function forgetVisits({ ostiary }: Hosted): Promise<void> {
  const [ada] = await ostiary.users.list();
  for (const { id, createdAt } of ada === undefined ? [] : await ostiary.sessions.list(ada.id)) {
    if (createdAt === NOON) await ostiary.sessions.revoke(id);
  }
}

const [folder = join(REPOSITORY, "docs/images/pages"), only = ""] = process.argv.slice(2);
const executablePath = process.env["CHROMIUM_PATH"] ?? findChromium();
if (executablePath === undefined) throw new Error("There is no Chromium here: install it, or set CHROMIUM_PATH.");
const browser = await chromium.launch({ executablePath, args: FLAGS });
const database = mkdtempSync(join(tmpdir(), "ostiary-screenshots-"));
const file = join(database, "ostiary.db");
const hosted = await startHosted({ pages: { name: "Meadow" }, databaseUrl: `sqlite:${file}` }, NOON);
await letAdaIn(hosted);
await letAlanIn(browser, hosted);
await letAppsIn(hosted, file);
for (const scene of Object.keys(SCENES)) {
  for (const look of Object.keys(LOOKS)) if (`${scene}-${look}`.includes(only)) await take(browser, hosted, scene, look);
}
await browser.close();
await hosted.close();
rmSync(database, { recursive: true });
