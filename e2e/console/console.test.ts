import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { EVENT_NAMES } from "../../packages/console/src/parts/words.ts";
import type { AuditEventType } from "../../packages/server/src/audit/audit-event.ts";
import { freePort, launch, REPOSITORY } from "../launch.ts";
import { login, signup, get, PASSWORD } from "../call.ts";
import { runOstiary } from "../start-ostiary.ts";
import { join } from "node:path";
import { consoleTests, eventually, OPERATOR, signIn, violations } from "./console-tests.ts";
import { FIREFOX, theft } from "./story.ts";

const world = consoleTests({ OSTIARY_ROTATION_GRACE: "0s" });

const said = (page: Page, text: string | RegExp): Promise<void> => page.getByRole("status").getByText(text).first().waitFor();
const agree = (page: Page, name: string): Promise<void> =>
  page.getByRole("dialog").getByRole("button", { name, exact: true }).click();

/** Until the form has begun anew with what the page then fetched: whatever was typed before that would be lost. */
async function saveRoles(page: Page, roles: string): Promise<void> {
  await page.getByLabel("Roles").fill(roles);
  const fetched = page.waitForResponse((one) => one.request().method() === "GET" && /\/admin\/users\/[^/?]+$/.test(one.url()));
  await page.getByRole("button", { name: "Save roles" }).click();
  await fetched;
  await page.getByRole("button", { name: "Save roles", disabled: true }).waitFor();
}

/** An API in a process of its own, with credentials that the operator made in the console. */
async function startApi(clientId: string, clientSecret: string): Promise<string> {
  const port = await freePort();
  const env = { ISSUER: world().server.issuer, PORT: String(port), CLIENT_ID: clientId, CLIENT_SECRET: clientSecret };
  const api = launch(process.execPath, [join(REPOSITORY, "e2e/guarded-api.ts")], { env });
  await eventually("the API listens", () => /Listening/.test(api.stdout));
  const url = `http://localhost:${port}`;
  await eventually("the guard has its first snapshot", async () => (await get(`${url}/orders`, "a.b.c")).status === 401);
  return url;
}

describe("the console", () => {
  it("its first administrator comes by the printed link, once", async () => {
    const { server, open } = world();
    const [link = ""] = /http\S+\/console\/first#\S+/.exec(server.process.stdout) ?? [];
    const page = await open(link);
    await page.getByRole("heading", { name: "Become the first administrator" }).waitFor();
    expect(page.url()).not.toContain("#");
    expect(await violations(page)).toEqual([]);
    await page.getByLabel("E-mail").fill(OPERATOR);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create the administrator" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    const again = await open(link);
    await again.getByLabel("E-mail").fill("second@example.com");
    await again.getByLabel("Password").fill(PASSWORD);
    await again.getByRole("button", { name: "Create the administrator" }).click();
    await again.getByRole("alert").getByText("This link has been used").waitFor();
  });

  it("lets nobody in without the role", async () => {
    const { server, open } = world();
    await signup(server.issuer, "visitor@example.com");
    const page = await open("/console/users?role=support");
    await signIn(page, "visitor@example.com");
    await page.getByRole("heading", { name: "For administrators" }).waitFor();
    expect(page.url()).toBe(`${server.issuer}/console/users?role=support`);
    expect(await page.getByRole("table").count()).toBe(0);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "You are signed out" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("link", { name: "Sign in" }).click();
    await signIn(page, "visitor@example.com");
    await page.getByRole("heading", { name: "For administrators" }).waitFor();
  });

  it("a guard's credentials, a user's roles, a sign-out: done and undone, and a guarded API knows at once", async () => {
    const { server, openConsole } = world();
    const page = await openConsole("/console/clients");
    await page.getByRole("button", { name: "Create a client" }).click();
    await page.getByLabel("Name").fill("Orders API");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    const shown = page.getByRole("dialog", { name: "The secret of Orders API" });
    await shown.waitFor();
    const [clientId = "", clientSecret = ""] = await shown.locator("code").allTextContents();
    await page.getByRole("button", { name: "I have kept it" }).click();
    const api = await startApi(clientId, clientSecret);

    await page.getByRole("link", { name: "Users", exact: true }).click();
    await page.getByRole("button", { name: "Create a user" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("E-mail").fill("grace@example.com");
    await dialog.getByLabel("Name").fill("Grace Hopper");
    await dialog.getByLabel("Password").fill(PASSWORD);
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("heading", { name: "grace@example.com" }).waitFor();

    const remove = (token: string) =>
      fetch(`${api}/users/x`, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
    const grace = await login(server.issuer, "grace@example.com");
    expect((await remove(grace.accessToken)).status).toBe(403);
    await saveRoles(page, "user support");
    await said(page, /roles are changed/);
    await eventually("the old token is stale", async () => (await remove(grace.accessToken)).status === 401);
    const support = await login(server.issuer, "grace@example.com");
    expect((await remove(support.accessToken)).status).toBe(204);
    await saveRoles(page, "user");
    await eventually("the role is gone", async () => (await remove(support.accessToken)).status === 401);

    const hello = async (token: string) => (await get(`${api}/hello`, token)).status;
    const again = await login(server.issuer, "grace@example.com");
    expect(await hello(again.accessToken)).toBe(200);
    await page.getByRole("button", { name: "Sign out", exact: true }).nth(1).click();
    await agree(page, "Sign out everywhere");
    await said(page, /signed out everywhere/);
    await eventually("she is signed out", async () => (await hello(again.accessToken)) === 401);
    await page.getByText("Signed out everywhere").first().waitFor();

    const third = await login(server.issuer, "grace@example.com");
    await page.reload();
    await page.getByRole("button", { name: /^End the session/ }).click();
    await eventually("that session has ended", async () => (await hello(third.accessToken)) === 401);

    await page.getByRole("button", { name: "Unlock" }).click();
    await said(page, /are forgotten/);
    await page.getByRole("button", { name: "Disable" }).click();
    await agree(page, "Disable");
    await page.getByText("Disabled", { exact: true }).waitFor();
    await expect(login(server.issuer, "grace@example.com")).rejects.toThrow("401");
    await page.getByRole("button", { name: "Enable" }).click();
    await said(page, /can sign in again/);
    await login(server.issuer, "grace@example.com");

    await page.getByRole("button", { name: "Delete" }).click();
    await agree(page, "Cancel");
    await page.getByRole("button", { name: "Delete" }).click();
    await agree(page, "Delete for good");
    await page.getByRole("heading", { name: "Users" }).waitFor();
    await page.getByLabel("Find").fill("grace");
    await page.getByText("Nobody is found.").waitFor();

    // The guard is seen, and goes with its client.
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByRole("row").filter({ hasText: "Orders API" }).getByText("Live").waitFor();
    await page.getByRole("link", { name: "Clients" }).click();
    await page.getByRole("button", { name: "New secret for Orders API" }).click();
    await agree(page, "New secret");
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("button", { name: "Delete Orders API" }).click();
    await agree(page, "Delete");
    await page.getByText("Orders API").first().waitFor({ state: "detached" });
  });

  it("an app is registered, changed, shown its secret once, and deleted", async () => {
    const { server, openConsole } = world();
    const page = await openConsole("/console/clients");
    await page.getByRole("button", { name: "Create a client" }).click();
    const form = page.getByRole("dialog", { name: "Create a client" });
    await form.getByLabel("Name").fill("Meadow Shop");
    await form.getByLabel(/An app that signs users in/).check();
    await form.getByLabel("Redirect URIs").fill("http://shop.example/callback");
    await form.getByRole("button", { name: "Create", exact: true }).click();
    await form.getByRole("alert").getByText("redirectUris must be https").waitFor();
    expect(await violations(page)).toEqual([]);
    await form.getByLabel("Redirect URIs").fill("https://shop.example/callback\nhttp://localhost:3000/callback");
    await form.getByRole("button", { name: "Create", exact: true }).click();
    const shown = page.getByRole("dialog", { name: "The secret of Meadow Shop" });
    await shown.waitFor();
    const [clientId = "", secret = "", issuer] = await shown.locator("code").allTextContents();
    expect(issuer).toBe(server.issuer);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "I have kept it" }).click();

    await page.getByRole("button", { name: "Change Meadow Shop" }).click();
    const change = page.getByRole("dialog", { name: "Change Meadow Shop" });
    expect(await change.getByLabel("Redirect URIs").inputValue()).toBe(
      "https://shop.example/callback\nhttp://localhost:3000/callback",
    );
    await change.getByLabel("Name").fill("Meadow Market");
    await change.getByLabel(/It is ours/).check();
    await change.getByText("Signing out", { exact: true }).click();
    await change.getByLabel("Back-channel logout URI").fill("https://shop.example/logout");
    expect(await violations(page)).toEqual([]);
    await change.getByRole("button", { name: "Save" }).click();
    const row = page.getByRole("row").filter({ hasText: "Meadow Market" });
    await row.getByText("ours", { exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    const told = JSON.parse(await runOstiary(["clients", "show", clientId, "--json"], { folder: server.folder })) as object;
    expect(told).toMatchObject({
      name: "Meadow Market",
      registration: {
        redirectUris: ["https://shop.example/callback", "http://localhost:3000/callback"],
        scopes: ["openid", "profile", "email", "offline_access"],
        firstParty: true,
        backchannelLogoutUri: "https://shop.example/logout",
      },
    });
    expect(await page.content()).not.toContain(secret);
    await page.getByRole("button", { name: "Delete Meadow Market" }).click();
    await agree(page, "Delete");
    await row.waitFor({ state: "detached" });
  });

  it("an API key of a service account is made, shown once, given another secret, and revoked", async () => {
    const { server, openConsole } = world();
    const page = await openConsole("/console/clients");
    await page.getByRole("button", { name: "Create a client" }).click();
    const form = page.getByRole("dialog", { name: "Create a client" });
    await form.getByLabel("Name").fill("Nightly report");
    await form.getByLabel(/A service account/).check();
    await form.getByLabel("Scopes").fill("orders:read orders:write");
    await form.getByLabel("Roles").fill("batch");
    await form.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("link", { name: "Nightly report" }).click();
    await page.getByText("No API keys.").waitFor();
    expect(await violations(page)).toEqual([]);

    await page.getByRole("button", { name: "Make a key" }).click();
    const making = page.getByRole("dialog", { name: "Make an API key" });
    await making.getByLabel("Name").fill("Mondays");
    await making.getByLabel("Scopes").fill("orders:delete");
    await making.getByRole("button", { name: "Make" }).click();
    await making.getByRole("alert").getByText("scopes has orders:delete").waitFor();
    await making.getByLabel("Scopes").fill("orders:read");
    expect(await violations(page)).toEqual([]);
    await making.getByRole("button", { name: "Make" }).click();
    const shown = page.getByRole("dialog", { name: "The key Mondays" });
    await shown.waitFor();
    const key = (await shown.locator("code").textContent()) ?? "";
    expect(key).toMatch(/^ostk_\w{69}$/);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "I have kept it" }).click();
    const row = page.getByRole("row").filter({ hasText: "Mondays" });
    await row.getByText("orders:read · with roles").waitFor();
    expect(await page.content()).not.toContain(key);

    await page.getByRole("button", { name: "New secret for Mondays" }).click();
    await agree(page, "New secret");
    await shown.waitFor();
    const next = (await shown.locator("code").textContent()) ?? "";
    expect([next.slice(0, 25), next === key]).toEqual([key.slice(0, 25), false]);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("button", { name: "Revoke Mondays" }).click();
    await agree(page, "Revoke");
    await row.getByText("Revoked").waitFor();
    const told = JSON.parse(
      await runOstiary(["api-keys", "show", key.slice(5, 25), "--json"], { folder: server.folder }),
    ) as object;
    expect(told).toMatchObject({
      name: "Mondays",
      scopes: ["orders:read"],
      withRoles: true,
      revokedAt: expect.any(String) as unknown,
    });
  });

  it("a theft is seen: who came with the used token, and who had rotated last", async () => {
    const { server, openConsole } = world();
    const { user } = await theft(server.issuer, "radia@example.com", "Radia Perlman");
    const page = await openConsole("/console/users");
    await page.getByLabel("Find").fill("perlman");
    await page.getByRole("link", { name: "radia@example.com" }).click();
    await page.getByText("Theft: a refresh token was used twice").waitFor();
    await page.getByRole("link", { name: /Firefox on Linux/ }).click();
    await page.getByText("6 rotations, to generation 6").waitFor();
    expect(await page.locator(".suspect").allInnerTexts()).toEqual([
      expect.stringMatching(/used token[\s\S]*Chrome on macOS/),
      expect.stringMatching(/rotated last[\s\S]*Firefox on Linux/),
    ]);
    expect(await page.locator(".suspect").last().innerText()).toContain(FIREFOX);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("link", { name: "every event in the audit" }).click();
    await page.getByRole("cell", { name: "Theft found" }).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: user.email }).click();
    await page.getByRole("heading", { name: user.email }).waitFor();
  });

  it("keys rotate when told to, and the audit's live tail tells of it and of the command line", async () => {
    const { server, openConsole } = world();
    const page = await openConsole("/console/audit");
    const kinds = await page.getByRole("combobox", { name: "Event" }).getByRole("option").allInnerTexts();
    expect(kinds).toEqual(["Any", "Any but refreshes", ...Object.values(EVENT_NAMES satisfies Record<AuditEventType, string>)]);
    await page.getByRole("button", { name: "Live tail" }).click();
    await runOstiary(["users", "set-role", "visitor@example.com", "user", "support"], { folder: server.folder });
    const row = page.getByRole("row").filter({ hasText: "Roles changed" }).filter({ hasText: "visitor@example.com" });
    await row.first().waitFor();
    await page.getByRole("combobox", { name: "Event" }).selectOption("Sign-in failed");
    await page
      .getByText("Nothing of the kind has happened.")
      .or(page.getByRole("cell", { name: "Sign-in failed" }).first())
      .waitFor();
    await page.getByRole("combobox", { name: "Event" }).selectOption("");

    await page.getByRole("link", { name: "Keys" }).click();
    const access = page.locator("section").filter({ hasText: "Access tokens" });
    const kid = await access.getByRole("row").filter({ hasText: "Next" }).locator("code").innerText();
    await access.getByRole("button", { name: "Rotate now" }).click();
    await agree(page, "Rotate now");
    await said(page, "The next key signs from now on.");
    await access.getByRole("row").filter({ hasText: kid }).getByText("Signs", { exact: true }).waitFor();
    await access.getByRole("button", { name: `Withdraw ${kid}` }).click();
    await agree(page, "Withdraw the key");
    await said(page, /What it signed is refused/);
    // The operator's own token is refused as well, and renewed without a word.
    await access.getByRole("row").filter({ hasText: kid }).getByText("Compromised").waitFor();
    await page.getByRole("link", { name: "Audit" }).click();
    const told = page.getByRole("row").filter({ hasText: "Key changed state" }).filter({ hasText: `by ${OPERATOR}` });
    await told.first().waitFor();
    expect(await told.count()).toBeGreaterThan(0);
    const [address = ""] = await told.locator("td:nth-child(4)").allInnerTexts();
    await told.getByRole("link", { name: address }).first().click();
    await row.first().waitFor({ state: "detached" });
    expect(await page.getByRole("textbox", { name: "Address" }).inputValue()).toBe(address);
    expect(new Set(await page.locator(".events td:nth-child(4)").allInnerTexts())).toEqual(new Set([address]));
  });

  describe.each([
    { colorScheme: "light", width: 1440 },
    { colorScheme: "dark", width: 390 },
  ] as const)("in $colorScheme, $width pixels wide", ({ colorScheme, width }) => {
    const looks = { colorScheme, viewport: { width, height: 900 } };
    const fits = (page: Page): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

    it("no page of the console has anything that axe finds wrong, and none is wider than the screen", async () => {
      const page = await world().openConsole("/console", looks);
      for (const name of ["Overview", "Users", "Audit", "Keys", "Clients", "Settings"]) {
        await page.getByRole("link", { name, exact: true }).click();
        await page.getByText("Loading…").waitFor({ state: "detached" });
        expect([name, await violations(page), await fits(page)]).toEqual([name, [], true]);
      }
      await page.getByRole("link", { name: "Clients" }).click();
      await page.getByRole("button", { name: "Create a client" }).click();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    });

    it("nor has the API reference", async () => {
      const page = await world().open("/docs", looks);
      await page.getByRole("heading", { name: "Administration" }).waitFor();
      expect([await violations(page), await fits(page)]).toEqual([[], true]);
    });
  });

  it("by keyboard alone: from the door to a user", async () => {
    const { open } = world();
    const page = await open("/console/users");
    await page.waitForURL("**/sign-in?*");
    await page.locator("#email").focus();
    await page.keyboard.type(OPERATOR);
    await page.keyboard.press("Tab");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Users" }).waitFor();
    await page.getByLabel("Find").focus();
    await page.keyboard.type("visitor");
    const link = page.getByRole("link", { name: "visitor@example.com" });
    await link.waitFor();
    await page.getByText(OPERATOR).nth(1).waitFor({ state: "detached" });
    for (let i = 0; i < 8 && !(await link.evaluate((element) => element === document.activeElement)); i++) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    const heading = page.getByRole("heading", { name: "visitor@example.com" });
    await heading.waitFor();
    expect(page.url()).toContain("/console/users/");
  });
});
