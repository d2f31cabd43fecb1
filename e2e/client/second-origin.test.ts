/**
 * What pages of other origins can do to somebody who is signed in: one on another host of the same site, whose requests
 * carry the cookies, and one of another site. Neither is allowed; nor has either any script of ours.
 */
import { expect, it } from "vitest";
import type { BrowserContext, Page } from "playwright-core";
import { PASSWORD } from "../call.ts";
import { askMe, browserTests, newPerson, shows, signUp, snapshotOf } from "./browser-tests.ts";

const world = browserTests({ issuerHost: "id.example.localhost", appHost: "app.example.localhost" });

const neighbour = (): string => world().app.replace("app.", "evil.");
const attackers = [
  ["another host of the same site", neighbour],
  ["another site", () => world().stranger],
] as const;

/** A page of the attacker's, opened by whoever is signed in. */
async function lure(context: BrowserContext, origin: string): Promise<Page> {
  const evil = await context.newPage();
  await evil.goto(`${origin}/echo`);
  world().front.answers.length = 0;
  return evil;
}

/** What the auth server has answered since, once it is so many. */
async function answersOf(count: number): Promise<string[]> {
  const { answers } = world().front;
  await expect.poll(() => answers.length, { timeout: 30_000 }).toBe(count);
  return answers;
}

const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

async function victim(): Promise<{ context: BrowserContext; page: Page }> {
  const { newContext, open } = world();
  const context = await newContext();
  const page = await open(context);
  await signUp(page);
  return { context, page };
}

/** In the same session as before, and it goes on. */
async function isUnharmed(page: Page, email: string | undefined): Promise<void> {
  expect(await askMe(page, world().front.issuer)).toBe(200);
  await page.reload();
  await shows(page, "signed_in");
  expect(await emailOf(page)).toBe(email);
}

const emailOf = (page: Page): Promise<string | undefined> => page.evaluate(() => window.auth.snapshot().user?.email);

/** The cookies as a thief would take them. */
async function copied(from: BrowserContext, origin: string): Promise<Page> {
  const { newContext, open } = world();
  const context = await newContext();
  await context.addCookies(await from.cookies());
  return open(context, origin);
}

it.each(attackers)("cross-site POSTs with the cookie and without the CSRF token are refused: from %s", async (_, origin) => {
  const { front } = world();
  const { context, page } = await victim();
  const email = await emailOf(page);
  const evil = await lure(context, origin());
  const login = JSON.stringify({ email: newPerson().email, password: PASSWORD });
  const attacks: [string, string][] = [
    ["/logout", "{}"],
    ["/refresh", "{}"],
    ["/login", login],
    ["/signup", login],
    ["/logout-all", "{}"],
    ["/password", "{}"],
  ];
  // Without a content type, and with one that needs no leave: so far a script comes. It may read nothing of the answers.
  for (const [path, text] of attacks) {
    const outcome = await evil.evaluate(
      async ([url, body]) => {
        const attempts = [new Blob([body]), body, new URLSearchParams({ a: body })].map((sent) =>
          fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: sent }),
        );
        return (await Promise.allSettled(attempts)).map(({ status }) => status);
      },
      [front.issuer + path, text] as const,
    );
    expect(outcome).toEqual(["rejected", "rejected", "rejected"]);
  }
  const refused = attacks.map(([path]) => like(new RegExp(`^POST ${path} (401|403|415)$`)));
  expect(await answersOf(18)).toEqual(refused.flatMap((one) => [one, one, one]));
  await isUnharmed(page, email);
});

it.each(attackers)(
  "forms that send themselves are refused, and so is a script that wants to read: from %s",
  async (_, origin) => {
    const { front } = world();
    const { context, page } = await victim();
    const email = await emailOf(page);
    const evil = await lure(context, origin());
    const readings = await evil.evaluate(async (issuer) => {
      const reading = async (path: string, init: RequestInit): Promise<string> => {
        try {
          return await (await fetch(issuer + path, { credentials: "include", ...init })).text();
        } catch {
          return "unreadable";
        }
      };
      const token = { "x-csrf-token": "a-guess", "content-type": "application/json" };
      const post = { method: "POST", headers: token, body: "{}" };
      return [await reading("/csrf", {}), await reading("/refresh", post), await reading("/logout", post), document.cookie];
    }, front.issuer);
    expect(readings).toEqual(["unreadable", "unreadable", "unreadable", ""]);
    for (const path of ["/logout", "/refresh"]) {
      await evil.goto(`${origin()}/echo`);
      front.answers.length = 0;
      await Promise.all([
        evil.waitForURL(front.issuer + path),
        evil.evaluate((action) => {
          const form = Object.assign(document.createElement("form"), { method: "post", enctype: "text/plain", action });
          form.innerHTML = `<input name='{"a":"' value='"}'>`;
          document.body.append(form);
          form.submit();
        }, front.issuer + path),
      ]);
      expect(await answersOf(1)).toEqual([like(new RegExp(`^POST ${path} (403|415)$`))]);
    }
    await isUnharmed(page, email);
  },
);

it.each(attackers)("a logout by GET does nothing, as a picture, in a frame or as a link: from %s", async (_, origin) => {
  const { front } = world();
  const { context, page } = await victim();
  const email = await emailOf(page);
  const evil = await lure(context, origin());
  await evil.evaluate(async (url) => {
    const loaded = (element: HTMLImageElement | HTMLIFrameElement): Promise<unknown> =>
      new Promise((resolve) => {
        element.addEventListener("load", resolve);
        element.addEventListener("error", resolve);
        element.src = url;
        document.body.append(element);
      });
    await loaded(document.createElement("img"));
    await loaded(document.createElement("iframe"));
  }, `${front.issuer}/logout`);
  await evil.goto(`${front.issuer}/logout`);
  expect(await answersOf(3)).toEqual(["GET /logout 405", "GET /logout 405", "GET /logout 405"]);
  await isUnharmed(page, email);
});

it("cookies: HttpOnly but for the CSRF token, SameSite, for this host and the issuer's path alone", async () => {
  const { context } = await victim();
  const cookies = await context.cookies();
  const told = cookies.map(({ name, httpOnly, sameSite, domain, path }) => [name, httpOnly, sameSite, domain, path]);
  expect(told.toSorted(([a], [b]) => String(a).localeCompare(String(b)))).toEqual([
    ["ostiary_csrf", false, "Strict", "id.example.localhost", "/"],
    ["ostiary_device", true, "Strict", "id.example.localhost", "/auth"],
    ["ostiary_refresh", true, "Strict", "id.example.localhost", "/auth"],
    // Good for pages and for OAuth alone, which people come to from other sites.
    ["ostiary_signin", true, "Lax", "id.example.localhost", "/auth"],
  ]);
});

it("a new session at each sign-in in a browser, and the old one is dead, for whoever has copied it", async () => {
  const { front, app, newContext, open } = world();
  const { context, page } = await victim();
  const earlier = await context.cookies();
  const [person, elsewhere] = [newPerson(), await open(await newContext())];
  await signUp(elsewhere, person);
  await page.evaluate((credentials) => window.auth.login(credentials), person);
  expect(await askMe(page, front.issuer)).toBe(200);
  const thief = await newContext();
  await thief.addCookies(earlier);
  await shows(await open(thief, app), "signed_out");
  await isUnharmed(page, person.email);
  expect(await askMe(elsewhere, front.issuer)).toBe(200);
});

it("logout ends the session at the server: cookies that were copied before are worth nothing", async () => {
  const { app } = world();
  const { context, page } = await victim();
  const thief = await copied(context, `${app}/echo`);
  const cookies = await context.cookies();
  await page.evaluate(() => window.auth.logout());
  await thief.context().addCookies(cookies);
  await thief.goto(`${app}/?issuer=${encodeURIComponent(world().front.issuer)}`);
  await shows(thief, "signed_out");
  expect(await snapshotOf(thief)).toMatchObject({ user: null });
});

it("a user lists the sessions and ends one; a change of the password takes the current one", async () => {
  const { front, newContext, open } = world();
  const person = newPerson();
  const here = await open(await newContext());
  await signUp(here, person);
  const there = await open(await newContext());
  await there.evaluate((credentials) => window.auth.login(credentials), person);
  const statuses = await here.evaluate(async (issuer) => {
    const password = { currentPassword: "not the one", newPassword: "another good password" };
    const headers = { "content-type": "application/json" };
    const change = await window.auth.fetch(`${issuer}/password`, { method: "POST", headers, body: JSON.stringify(password) });
    const { sessions } = (await (await window.auth.fetch(`${issuer}/sessions`)).json()) as {
      sessions: { id: string; current: boolean }[];
    };
    const other = sessions.find(({ current }) => !current);
    const ended = await window.auth.fetch(`${issuer}/sessions/${other?.id}`, { method: "DELETE" });
    return [change.status, sessions.length, ended.status];
  }, front.issuer);
  expect(statuses).toEqual([401, 2, 204]);
  expect(await askMe(there, front.issuer)).toBe(401);
  expect(await snapshotOf(there)).toMatchObject({ status: "signed_out" });
  expect(await askMe(here, front.issuer)).toBe(200);
});
