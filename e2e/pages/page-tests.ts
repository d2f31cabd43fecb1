/** What each file of tests of the hosted pages starts with: a server, a Chromium, and an eye on what pages complain of. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { OstiaryConfig } from "ostiary";
import { sharedBrowser } from "../shared-browser.ts";
import { startHosted } from "./hosted.ts";
import type { Hosted } from "./hosted.ts";

export const PASSWORD = "correct horse battery staple";

export interface Pages extends Hosted {
  readonly browser: Browser;
  /** A browser with nothing in its jar; closed after the test. */
  readonly newPage: (options?: BrowserContextOptions) => Promise<Page>;
  /** The same, with Ada signed in. */
  readonly newAda: (options?: BrowserContextOptions) => Promise<Page>;
  /** What pages of the test complained of, and what they asked of other servers. */
  readonly complaints: string[];
}

let people = 0;

/** Lets the file's tests use a server of their own; `config` is asked for once everything else is there. */
export function pageTests(config: (issuer: string) => OstiaryConfig | Promise<OstiaryConfig> = () => ({})): () => Pages {
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  let pages: Pages | undefined;

  beforeAll(async () => {
    const hosted = await startHosted(config);
    const browser = await sharedBrowser();
    const newPage = async (options: BrowserContextOptions = {}): Promise<Page> => {
      const context = await browser.newContext(options);
      contexts.push(context);
      // On a machine with much else to do a page may take its time; a test that hangs still ends.
      context.setDefaultTimeout(90_000);
      await context.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) => {
          // oxlint-disable-next-line no-console -- it runs in the page, and is heard below
          console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
      context.on("console", (message) => {
        // A refusal is an answer like another.
        const isStatus = message.text().startsWith("Failed to load resource");
        if (message.type() === "error" && !isStatus) complaints.push(message.text());
      });
      context.on("request", (request) => {
        if (!request.url().startsWith(hosted.origin)) complaints.push(`asked ${request.url()}`);
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(error.message));
      return page;
    };
    const newAda = async (options: BrowserContextOptions = {}): Promise<Page> => {
      const email = `ada-${++people}@example.com`;
      await hosted.ostiary.users.create({ email, password: PASSWORD, name: "Ada Lovelace" });
      const page = await newPage(options);
      await page.goto(`${hosted.issuer}/sign-in`);
      await signIn(page, email);
      await page.waitForURL(`${hosted.issuer}/account`);
      return page;
    };
    pages = { ...hosted, browser, newPage, newAda, complaints };
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    complaints.length = 0;
  });
  afterAll(async () => {
    await pages?.close();
  });
  return () => pages!;
}

export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
