/** What the browser tests of the console start with: a server, an operator, a guarded API beside it, and a Chromium. */
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { setTimeout as pause } from "node:timers/promises";
import { isReady, PASSWORD } from "../call.ts";
import { cleanUp, freePort, temporaryFolder } from "../launch.ts";
import { sharedBrowser } from "../shared-browser.ts";
import { asServer, ostiary } from "../start-ostiary.ts";
import type { RunningServer } from "../start-ostiary.ts";

export const OPERATOR = "operator@example.com";

export interface ConsoleWorld {
  readonly server: RunningServer;
  readonly browser: Browser;
  /** What pages have complained of in this test; it has to be empty in the end. */
  readonly complaints: string[];
  /** A page, which must not have complained when the test ends: no error, nothing that its policy forbids. */
  readonly open: (path: string, options?: Parameters<Browser["newContext"]>[0]) => Promise<Page>;
  /** The same, signed in as the operator. */
  readonly openConsole: (path?: string, options?: Parameters<Browser["newContext"]>[0]) => Promise<Page>;
}

/** Browsers on two slow cores take their time; what has not happened by then will not. */
const PATIENCE_MS = 60_000;

export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await pause(20);
  }
}

let world: ConsoleWorld | undefined;

/** One server for the file; its first administrator is made by the link that it prints. */
export function consoleTests(env: Readonly<Record<string, string>> = {}): () => ConsoleWorld {
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    const [folder, port] = [temporaryFolder(), await freePort()];
    const started = ostiary(["start"], { folder, env: { OSTIARY_PORT: String(port), OSTIARY_LIMITS: "off", ...env } });
    const server = asServer(started, port, folder);
    await eventually("the server is ready", () => isReady(server.url));
    await eventually("its link is printed", () => /openapi\.json/.test(started.stdout));
    const browser = await sharedBrowser();
    async function open(path: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
      const context = await browser.newContext(options);
      contexts.push(context);
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      page.on("console", (message) => {
        const isRefusal = message.text().startsWith("Failed to load resource");
        if (message.type() === "error" && !isRefusal) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(path.startsWith("http") ? path : server.issuer + path);
      return page;
    }
    world = {
      server,
      browser,
      complaints,
      open,
      async openConsole(path = "/console", options = {}) {
        const page = await open(path, options);
        await signIn(page, OPERATOR);
        await page.getByRole("navigation", { name: "Console" }).waitFor();
        return page;
      },
    };
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await world?.server.stop();
    await cleanUp();
  });
  return () => world!;
}

/** At the server's own door, where the console sends whoever comes. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.waitForURL("**/sign-in?*");
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** What axe finds wrong with the page as it is. Run beside the page's own scripts, where its policy does not reach. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: runner } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations: found } = await runner.run({ resultTypes: ["violations"] });
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}
