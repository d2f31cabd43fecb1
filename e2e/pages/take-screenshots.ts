/** `npm run screenshots`: the pictures of the hosted pages in docs/images/pages, taken anew. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { auditEvent, LOCAL_ORIGIN } from "../../packages/server/src/audit/audit-event.ts";
import { openSqlite } from "../../packages/server/src/stores/sqlite/open-sqlite.ts";
import { FLAGS } from "../browser-flags.ts";
import { findChromium } from "../client/find-chromium.ts";
import { REPOSITORY } from "../launch.ts";
import { startHosted } from "./hosted.ts";
import type { Hosted } from "./hosted.ts";

const ADA = { email: "ada@example.com", name: "Ada Lovelace", password: "correct horse battery staple" };
const NOON = Date.parse("2026-03-16T12:00:00Z");
const HOUR = 3_600_000;

const LOOKS: Record<string, BrowserContextOptions> = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
};

/** Where else Ada is signed in, and for how long she has not been there. */
const DEVICES: readonly [userAgent: string, hoursAgo: number][] = [
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1", 2],
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

async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
}

async function signInTo(page: Page, { issuer }: Hosted, locale = "en"): Promise<void> {
  await page.goto(`${issuer}/sign-in?ui_locales=${locale}`);
  await page.locator("#email").fill(ADA.email);
  await page.locator("#password").fill(ADA.password);
  await page.locator("main button[type=submit]").click();
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
    const { clientId } = await ostiary.clients.create({ name, registration: { redirectUris: ["https://shop.example/callback"] } });
    if (shopId === "") shopId = clientId;
    const at = NOON - daysAgo * 24 * HOUR;
    await store.oauth.consents.allow(ada.id, clientId, scope.split(" "), at, auditEvent("consent_given", at, LOCAL_ORIGIN, { userId: ada.id }));
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
await letAppsIn(hosted, file);
for (const scene of Object.keys(SCENES)) {
  for (const look of Object.keys(LOOKS)) if (`${scene}-${look}`.includes(only)) await take(browser, hosted, scene, look);
}
await browser.close();
await hosted.close();
rmSync(database, { recursive: true });
