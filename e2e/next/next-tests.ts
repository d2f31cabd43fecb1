/**
 * What the tests of a Next app start with: the app as in production, behind TLS, and a Chromium. Everything ends with the
 * file.
 */
import { createServer } from "node:http";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { FLAGS } from "../browser-flags.ts";
import { close, listen } from "../client/front.ts";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "../launch.ts";
import { NEXT, NEXT_APP } from "./build-example.ts";
import { openHttpsFront } from "./https-front.ts";
import type { HttpsFront } from "./https-front.ts";

export const PASSWORD = "correct horse battery staple";
export const ACCESS = "__Host-ostiary_access";

export interface NextWorld {
  readonly front: HttpsFront;
  readonly origin: string;
  readonly issuer: string;
  /** Another site, with a link to wherever its query says. */
  readonly elsewhere: string;
  /** A browser with nothing in its jar; closed after the test. */
  readonly newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A page of a new account, signed in, on the dashboard. */
  readonly newPerson: (options?: BrowserContextOptions) => Promise<Person>;
  /** `ostiary …` on the app's database. */
  readonly run: (...args: string[]) => Promise<void>;
}

export interface Person {
  readonly email: string;
  readonly page: Page;
  readonly context: BrowserContext;
}

let world: NextWorld | undefined;
let people = 0;

/** `more`: settings of the app. */
export function nextTests(more: Readonly<Record<string, string>> = {}): () => NextWorld {
  const contexts = new Set<BrowserContext>();
  const ending: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const front = await openHttpsFront();
    ending.push(() => front.close());
    front.target = await freePort();
    const issuer = `${front.origin}/auth`;
    const env = {
      OSTIARY_ISSUER: issuer,
      OSTIARY_SECRET: randomBytes(32).toString("base64url"),
      OSTIARY_DATA_DIR: temporaryFolder(),
      OSTIARY_TRUST_PROXY: "1",
      NEXT_TELEMETRY_DISABLED: "1",
      ...more,
    };
    const app = launch(process.execPath, [NEXT, "start", "--port", String(front.target)], { cwd: NEXT_APP, env });
    ending.push(async () => {
      app.signal("SIGTERM");
      await app.ended;
    });
    await app.says(/Ready in/);
    const stranger = createServer((req, res) => {
      const to = new URL(req.url ?? "/", "http://localhost").searchParams.get("to") ?? "";
      res.writeHead(200, { "content-type": "text/html" }).end(`<!doctype html><a href="${to}">There</a>`);
    });
    const elsewhere = (await listen(stranger)).replace("localhost", "127.0.0.1");
    ending.push(() => close(stranger));
    const browser: Browser = await chromium.launch({ executablePath: inject("chromium"), args: FLAGS });
    ending.unshift(() => browser.close());

    const newContext = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
      context.setDefaultTimeout(60_000);
      contexts.add(context);
      return context;
    };
    world = {
      front,
      origin: front.origin,
      issuer,
      elsewhere,
      newContext,
      async newPerson(options) {
        const context = await newContext(options);
        const page = await context.newPage();
        const email = `person-${++people}@example.com`;
        await page.goto(`${front.origin}/dashboard`);
        await page.getByRole("link", { name: "Create account" }).click();
        await page.waitForURL(/\/sign-up/);
        await page.getByLabel("E-mail").fill(email);
        await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
        await page.getByRole("button", { name: "Create account" }).click();
        await page.waitForURL(`${front.origin}/dashboard`);
        return { email, page, context };
      },
      async run(...args) {
        const main = join(REPOSITORY, "packages/server/src/cli/main.ts");
        const command = launch(process.execPath, [main, ...args], { env });
        command.end();
        const { code } = await command.ended;
        if (code !== 0) throw new Error(command.stderr);
      },
    };
  });
  afterEach(async () => {
    for (const context of contexts) await context.close();
    contexts.clear();
  });
  afterAll(async () => {
    for (const end of ending) await end();
  });
  return () => world!;
}

/** What is left in the jar when the access token has expired. */
export function expire({ context }: Person): Promise<void> {
  return context.clearCookies({ name: ACCESS });
}

/** Waits until the browser itself has let go of the access token. */
export async function untilExpired({ context }: Person): Promise<void> {
  await until("the access cookie is gone", async () => (await context.cookies()).every(({ name }) => name !== ACCESS));
}

/** Who the dashboard says it is for. */
export function userOn(page: Page): Promise<string> {
  return page.locator("#user").innerText();
}
