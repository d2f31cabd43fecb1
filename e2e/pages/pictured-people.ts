/** Who is there in the pictures of the hosted pages, and what they have. */
import { randomUUID } from "node:crypto";
import type { Browser } from "playwright-core";
import { auditEvent, LOCAL_ORIGIN } from "../../packages/server/src/audit/audit-event.ts";
import { openSqlite } from "../../packages/server/src/stores/sqlite/open-sqlite.ts";
import type { Hosted } from "./hosted.ts";
import { ADA, ALAN, codeOf, GRACE, HOUR, NOON, open, setUpApp, signInTo, toSecondStep } from "./pictured-visits.ts";
import { addAuthenticator } from "./virtual-authenticator.ts";

/** Where else Ada is signed in, and for how long she has not been there. */
const DEVICES: readonly [userAgent: string, hoursAgo: number][] = [
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
    2,
  ],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0", 50],
  ["backup-tool/2.1", 6],
];

export async function letAdaIn(hosted: Hosted): Promise<void> {
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
export async function letAlanIn(browser: Browser, hosted: Hosted): Promise<void> {
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

export function logoutOf({ issuer }: Hosted): string {
  return `${issuer}/oauth/logout?client_id=${shopId}`;
}

/** Ada has let two apps in, one of which uses what it may just then. */
export async function letAppsIn({ ostiary }: Hosted, path: string): Promise<void> {
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

/** Each picture has the same devices in it. */
export async function forgetVisits({ ostiary }: Hosted): Promise<void> {
  const [ada] = await ostiary.users.list();
  for (const { id, createdAt } of ada === undefined ? [] : await ostiary.sessions.list(ada.id)) {
    if (createdAt === NOON) await ostiary.sessions.revoke(id);
  }
}
