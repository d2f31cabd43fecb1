/**
 * One Chromium for all files of browser tests: they run in one process, one after the other, and contexts share nothing
 * but the program. It ends with the process.
 */
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { inject } from "vitest";
import { FLAGS } from "./browser-flags.ts";

let browser: Browser | undefined;

export async function sharedBrowser(): Promise<Browser> {
  if (browser?.isConnected() !== true) browser = await chromium.launch({ executablePath: inject("chromium"), args: FLAGS });
  return browser;
}
