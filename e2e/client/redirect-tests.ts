/** An app under another site's name than its issuer, so that no cookie ever travels between them; and people who use it. */
import type { BrowserContext, Page } from "playwright-core";
import { beforeAll } from "vitest";
import { PASSWORD, signup } from "../call.ts";
import { runOstiary } from "../start-ostiary.ts";
import { browserTests, newPerson } from "./browser-tests.ts";
import type { World, WorldOptions } from "./browser-tests.ts";

export interface RedirectWorld extends World {
  /** Of the operator's own: its users are not asked what it may do. */
  readonly clientId: string;
  /** A public client with these options besides. */
  readonly register: (...options: string[]) => Promise<string>;
  /** The app's page at `path`. */
  readonly openApp: (context: BrowserContext, path?: string, asked?: Record<string, string>, origin?: string) => Promise<Page>;
}

export function redirectTests(options: WorldOptions = {}): () => RedirectWorld {
  const world = browserTests({ ...options, script: "redirect-page.ts" });
  let clientId: string;

  async function register(...more: string[]): Promise<string> {
    const { server, stranger } = world();
    const uris = ["--redirect-uri", `${stranger}/callback`, "--post-logout-redirect-uri", `${stranger}/goodbye`];
    const args = ["clients", "create", "Tide Tables", "--public", "--json", ...uris, ...more];
    return (JSON.parse(await runOstiary(args, { folder: server.folder })) as { clientId: string }).clientId;
  }

  beforeAll(async () => {
    clientId = await register("--first-party");
  });
  return () => ({
    ...world(),
    clientId,
    register,
    async openApp(context, path = "/", asked = {}, origin = world().stranger) {
      const { front } = world();
      const page = await context.newPage();
      await page.goto(`${origin}${path}?${new URLSearchParams({ issuer: front.issuer, client: clientId, ...asked }).toString()}`);
      return page;
    },
  });
}

/** Somebody with an account, by their e-mail. */
export async function newUser({ front }: World): Promise<string> {
  const { email } = newPerson();
  await signup(front.issuer, email);
  return email;
}

/** Leaves for the issuer, and waits until its page is there. */
export async function leave(page: Page, how: object = {}): Promise<void> {
  await page.evaluate((options) => void window.app.signIn(options), how);
  await page.locator("#password").waitFor();
}

export async function enter(page: Page, email: string): Promise<void> {
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** From the app to the issuer's page, and back with an answer. */
export async function signInByRedirect({ stranger }: World, page: Page, email: string, how: object = {}): Promise<void> {
  await leave(page, how);
  await enter(page, email);
  await page.waitForURL((url) => url.origin === stranger);
}

/** What became of the address the page came back to. */
export function arrivalOf(page: Page): Promise<unknown> {
  return page.evaluate(() => window.arrival);
}
