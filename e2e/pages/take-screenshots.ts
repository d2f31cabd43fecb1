/** `npm run screenshots`: the pictures of the hosted pages in docs/images/pages, taken anew. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { FLAGS } from "../browser-flags.ts";
import { findChromium } from "../client/find-chromium.ts";
import { REPOSITORY } from "../launch.ts";
import { startHosted } from "./hosted.ts";
import type { Hosted } from "./hosted.ts";
import { forgetVisits, letAdaIn, letAlanIn, letAppsIn } from "./pictured-people.ts";
import { NOON } from "./pictured-visits.ts";
import { SCENES } from "./scenes.ts";

const LOOKS: Record<string, BrowserContextOptions> = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
};

async function take(browser: Browser, hosted: Hosted, scene: string, look: string): Promise<void> {
  const context = await browser.newContext({ ...LOOKS[look], reducedMotion: "reduce", locale: "en-GB" });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  await SCENES[scene]?.(page, hosted);
  await page.screenshot({ path: join(folder, `${scene}-${look}.png`), fullPage: true, animations: "disabled" });
  await context.close();
  await forgetVisits(hosted);
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
