/**
 * What each file of browser tests starts with: an auth server behind a front, pages on the same port and on others,
 * and a browser with nothing in it. All but its program ends with the file.
 */
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, afterEach, beforeAll } from "vitest";
import { PASSWORD } from "../call.ts";
import { cleanUp } from "../launch.ts";
import { sharedBrowser } from "../shared-browser.ts";
import { startOstiary } from "../start-ostiary.ts";
import type { RunningServer } from "../start-ostiary.ts";
import { close, listen, openFront } from "./front.ts";
import type { Front } from "./front.ts";

export interface World {
  readonly server: RunningServer;
  /** Between pages and server; pages of its origin are of the issuer's. */
  readonly front: Front;
  /** Another port of the same host: another origin, the same site. */
  readonly app: string;
  /** The same pages under another site's name. */
  readonly stranger: string;
  readonly browser: Browser;
  /** A browser with nothing in its jar; closed after the test. */
  readonly newContext: () => Promise<BrowserContext>;
  /** Opens a page of `origin` (the app's) whose client knows the issuer. */
  readonly open: (context: BrowserContext, origin?: string) => Promise<Page>;
}

let world: World | undefined;

export interface WorldOptions {
  /** For the auth server. */
  readonly env?: Readonly<Record<string, string>>;
  /** Under `localhost`, which browsers look up by themselves. */
  readonly issuerHost?: string;
  readonly appHost?: string;
  /** Lets in pages of another site, as far as the server does. */
  readonly allowStranger?: boolean;
  /** The module of this folder that pages run; and what is in them when it begins. */
  readonly script?: string;
  readonly body?: () => string;
  /** With all the complaints of libraries. */
  readonly isDevelopment?: boolean;
}

/** Lets the file's tests use a world. */
export function browserTests(options: WorldOptions = {}): () => World {
  const { env = {}, issuerHost = "localhost", appHost = "localhost", allowStranger = false } = options;
  const { script = "page.ts", body = () => "", isDevelopment = false } = options;
  const contexts = new Set<BrowserContext>();
  const ending: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const pages = servePages(await bundle(join(import.meta.dirname, script), isDevelopment), body());
    const front = await openFront(pages, issuerHost);
    ending.push(() => front.close());
    const other = createServer(pages);
    const local = await listen(other);
    const app = local.replace("localhost", appHost);
    const stranger = local.replace("localhost", "127.0.0.1");
    ending.push(() => close(other));
    const server = await startOstiary({
      env: {
        OSTIARY_ISSUER: front.issuer,
        OSTIARY_ALLOWED_ORIGINS: allowStranger ? `${app},${stranger}` : app,
        OSTIARY_LIMITS: "off",
        ...env,
      },
    });
    front.target = server.url;
    const browser = await sharedBrowser();
    world = {
      server,
      front,
      app,
      stranger,
      browser,
      async newContext() {
        const context = await browser.newContext();
        contexts.add(context);
        // On a machine with much else to do a page may take its time; a test that hangs still ends.
        context.setDefaultTimeout(90_000);
        return context;
      },
      async open(context, origin = app) {
        const page = await context.newPage();
        await page.goto(`${origin}/?issuer=${encodeURIComponent(front.issuer)}`);
        return page;
      },
    };
  });
  afterEach(async () => {
    if (world !== undefined) world.front.meddle = () => {};
    for (const context of contexts) await context.close();
    contexts.clear();
  });
  afterAll(async () => {
    for (const end of ending.splice(0)) await end();
    await cleanUp();
  });
  return () => world!;
}

const bundles = new Map<string, Promise<string>>();

/** A module and all it imports, as one script; most files of tests have the same. */
function bundle(input: string, isDevelopment: boolean): Promise<string> {
  const key = `${input} ${isDevelopment}`;
  const known = bundles.get(key) ?? build(input, isDevelopment);
  bundles.set(key, known);
  return known;
}

async function build(input: string, isDevelopment: boolean): Promise<string> {
  const mode = isDevelopment ? "development" : "production";
  const bundler = await rolldown({
    input,
    platform: "browser",
    transform: { define: { "process.env.NODE_ENV": JSON.stringify(mode) }, jsx: "react-jsx" },
  });
  const { output } = await bundler.generate({ format: "iife" });
  await bundler.close();
  return output[0].code;
}

function servePages(script: string, body: string): RequestListener {
  return (req, res) => {
    const url = new URL(req.url ?? "/", "http://localhost");
    if (url.pathname === "/echo") {
      const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "authorization" };
      res.writeHead(200, headers).end(req.headers.authorization ?? "nothing");
    } else if (url.pathname === "/redirect") res.writeHead(307, { location: url.searchParams.get("to") ?? "/" }).end();
    else if (url.pathname === "/page.js") res.writeHead(200, { "content-type": "text/javascript" }).end(script);
    else if (url.pathname === "/favicon.ico") res.writeHead(204).end();
    else {
      res.writeHead(200, { "content-type": "text/html" });
      res.end(`<!doctype html><meta charset="utf-8"><title>…</title><body>${body}<script src="/page.js"></script></body>`);
    }
  };
}

export function openTabs({ open }: World, context: BrowserContext, count: number): Promise<Page[]> {
  return Promise.all(Array.from({ length: count }, () => open(context)));
}

let people = 0;
/** Somebody who has never been here. */
export function newPerson(): { email: string; password: string } {
  return { email: `person-${++people}-${process.pid}@example.com`, password: PASSWORD };
}

export async function signUp(page: Page, person = newPerson()): Promise<string> {
  const email = await page.evaluate(async (registration) => (await window.auth.signup(registration))?.email, person);
  if (email === undefined) throw new Error("Nobody was signed in.");
  return email;
}

/** Waits until the page shows this. */
export async function shows(page: Page, status: string): Promise<void> {
  await page.waitForFunction((wanted) => window.auth.snapshot().status === wanted, status);
}

export function snapshotOf(page: Page): Promise<{ status: string; reason: string | null }> {
  return page.evaluate(() => window.auth.snapshot());
}

/** How many times the page's own client was answered with new tokens is the server's to say. */
export function refreshes({ front }: World): number {
  return front.count.get("POST /refresh") ?? 0;
}

/** The status of a request with the page's token. */
export function askMe(page: Page, issuer: string): Promise<unknown> {
  return page.evaluate((url) => window.outcome(async () => (await window.auth.fetch(`${url}/me`)).status), issuer);
}
