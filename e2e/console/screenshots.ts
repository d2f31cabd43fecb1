/**
 * `npm run screenshots:console`: the pictures in docs/images/console, of a server with a month behind it. Needs Chromium.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Page } from "playwright-core";
import { setTimeout as pause } from "node:timers/promises";
import { isReady, PASSWORD } from "../call.ts";
import { cleanUp, freePort, REPOSITORY, temporaryFolder } from "../launch.ts";
import { asServer, ostiary, runOstiary } from "../start-ostiary.ts";
import { seed } from "./seed.ts";
import { FIREFOX, theft, Visitor } from "./story.ts";

const OUT = process.argv[2] ?? join(REPOSITORY, "docs/images/console");
const ADMIN = "operator@example.com";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"];

const [folder, port] = [temporaryFolder(), await freePort()];
const env = { OSTIARY_ROTATION_GRACE: "0s", OSTIARY_LIMITS: "off", OSTIARY_PORT: String(port) };
const server = asServer(ostiary(["start"], { folder, env }), port, folder);
// However busy the machine is.
while (!(await isReady(server.url))) await pause(100);
const where = { folder: server.folder };
await runOstiary(["users", "create", ADMIN, "--admin", "--name", "Olive Operator", "--password-stdin"], {
  ...where,
  stdin: `${PASSWORD}\n`,
});
seed(join(server.folder, ".ostiary/ostiary.db"), { users: 400, events: 20_000 }, Date.now());
const grace = new Visitor(server.issuer, FIREFOX);
await grace.signUp("grace@example.com", "Grace Murray Hopper");
const victim = await theft(server.issuer, "radia@example.com", "Radia Perlman");
for (const name of ["Orders API", "Billing API"]) {
  const made = JSON.parse(await runOstiary(["clients", "create", name, "--guard", "--json"], where)) as {
    clientId: string;
    clientSecret: string;
  };
  const authorization = `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret}`).toString("base64")}`;
  const feed = await fetch(`${server.issuer}/revocations`, { headers: { authorization } });
  void feed.body?.pipeTo(new WritableStream()).catch(() => {});
}
await runOstiary(["clients", "create", "Meadow Shop", "--redirect-uri", "https://shop.example/callback", "--first-party"], where);
await runOstiary(["clients", "create", "Weather Board", "--redirect-uri", "com.example.weather:/callback", "--public"], where);
const service = ["clients", "create", "Nightly report", "--service", "--role", "batch", "--scope", "orders:read", "--json"];
const nightly = JSON.parse(await runOstiary(service, where)) as { clientId: string };
for (const [name, ...whose] of [
  ["Report on Mondays", "--client", nightly.clientId],
  ["Report on demand", "--client", nightly.clientId, "--expires-in-days", "30"],
  ["Radia's laptop", "--user", "radia@example.com", "--scope", "orders:read", "--expires-in-days", "90"],
] as const) {
  await runOstiary(["api-keys", "create", name, ...whose], where);
}
const { accessToken } = (await grace.refresh()).body;

const browser = await chromium.launch({ executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium", args: FLAGS });
mkdirSync(OUT, { recursive: true });
try {
  for (const [name, width, height, colorScheme] of [
    ["light", 1440, 900, "light"],
    ["dark", 1440, 900, "dark"],
    ["phone", 390, 844, "light"],
    ["tablet", 820, 1100, "light"],
  ] as const) {
    // For whoever looks at all widths: `node e2e/console/screenshots.ts <folder>`.
    if (name === "tablet" && process.argv[2] === undefined) continue;
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await signIn(page);
    const sids = JSON.parse(
      (await runOstiary(["sessions", "list", victim.user.id, "--all", "--json"], where)).split("\n")[0] ?? "{}",
    ) as { id: string };
    const shots: [string, string][] = [
      ["overview", "/console"],
      ["users", "/console/users?text=lo"],
      ["user", `/console/users/${victim.user.id}`],
      ["session", `/console/sessions/${sids.id}`],
      ["keys", "/console/keys"],
      ["clients", "/console/clients"],
      ["client", `/console/clients/${nightly.clientId}`],
      ["audit", "/console/audit"],
      ["settings", "/console/settings"],
      ["docs", "/docs"],
    ];
    for (const [what, path] of shots) {
      await page.goto(server.issuer + path);
      await page.locator("h1").first().waitFor();
      await page.getByText("Loading…").waitFor({ state: "detached" });
      if (what === "audit") {
        await page.getByRole("combobox", { name: "Event" }).selectOption("Any but refreshes");
        await page.getByRole("cell", { name: "Refreshed" }).first().waitFor({ state: "detached" });
      }
      await page.locator("html").evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(OUT, `${what}-${name}.png`) });
      if (what === "clients") {
        await page.getByRole("button", { name: "Create a client" }).click();
        await page.getByLabel(/An app that signs users in/).check();
        await page.getByLabel("Name", { exact: true }).fill("Meadow Shop");
        await page.getByLabel("Redirect URIs").fill("https://shop.example/callback");
        await page.screenshot({ path: join(OUT, `client-${name}.png`) });
      }
    }
    await page.goto(`${server.issuer}/inspect`);
    await page.getByLabel("Token", { exact: true }).fill(accessToken);
    await page.getByText("Signature verified").waitFor();
    await page.screenshot({ path: join(OUT, `inspect-${name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  await server.stop();
  await cleanUp();
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${server.issuer}/console`);
  await page.locator("#email").fill(ADMIN);
  await page.locator("#password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}
