import { createAuthClient } from "@ostiary/client";
import { AuthProvider, LoginForm, RequireRole, SignedOut, SignUpForm } from "@ostiary/client/react";
import { createRedirectClient } from "@ostiary/client/redirect";
import type { Page } from "playwright-core";
import { createElement } from "react";
import type { ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, it, onTestFinished } from "vitest";
import { runOstiary } from "../start-ostiary.ts";
import { browserTests, newPerson } from "./browser-tests.ts";
import { App } from "./react-app.tsx";

const serverSide = (): string =>
  renderToString(createElement(App, { auth: createAuthClient({ issuer: "http://localhost/auth" }) }));
const world = browserTests({ script: "react-page.tsx", isDevelopment: true, body: () => `<div id="root">${serverSide()}</div>` });

/** A page, which must not have complained when the test ends. */
async function openApp(): Promise<Page> {
  const { newContext, open } = world();
  const page = await open(await newContext());
  const complaints: string[] = [];
  page.on("console", (message) => {
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !isRefusal) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.reload();
  onTestFinished(() => expect(complaints).toEqual([]));
  return page;
}

it("what signs in with the password itself says so below a redirect client, and the rest is rendered", () => {
  const client = createRedirectClient({
    issuer: "http://localhost/auth",
    clientId: "app",
    redirectUri: "http://localhost/callback",
  });
  const below = (...children: ReactNode[]): string => renderToString(createElement(AuthProvider, { client }, ...children));
  expect(() => below(createElement(LoginForm))).toThrow("call signIn() instead");
  expect(() => below(createElement(SignUpForm))).toThrow("call signIn() instead");
  expect(below(createElement(SignedOut, null, "out"), createElement(RequireRole, { role: "admin" }, "admin"))).toBe("");
  client.close();
});

const status = (page: Page, text: string): Promise<void> => page.getByTestId("status").filter({ hasText: text }).waitFor();

async function signUp(page: Page, person: { email: string; password: string }): Promise<void> {
  await page.getByRole("button", { name: "Other form" }).click();
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await status(page, `signed_in ${person.email}`);
}

describe("the React components", () => {
  it("a server renders nothing it cannot know, and browsers take that over without a complaint", async () => {
    expect(serverSide()).toContain("restoring");
    expect(serverSide()).not.toContain("<form");
    const page = await openApp();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.reload();
    await status(page, "signed_out");
  });

  it("sign up, reload, sign out, sign in again", async () => {
    const page = await openApp();
    const person = newPerson();
    await signUp(page, person);
    await page.reload();
    await status(page, "signed_in");
    await page.getByRole("button", { name: "Leave" }).click();
    await status(page, "signed_out signed_out");
    await page.getByLabel("E-mail").fill(person.email);
    await page.getByLabel("Password").fill(person.password);
    await page.getByLabel("Stay signed in").check();
    await page.getByRole("button", { name: "Sign in" }).click();
    await status(page, "signed_in");
    expect(await page.locator("form").count()).toBe(0);
  });

  it("a form says what is wrong, aloud, and puts the cursor where it can be mended", async () => {
    const page = await openApp();
    await page.getByLabel("E-mail").fill("nobody@example.com");
    await page.getByLabel("Password").fill("wrong password");
    await page.keyboard.press("Enter");
    const alert = page.getByRole("alert").filter({ hasText: "The e-mail or the password is wrong." });
    await alert.waitFor();
    const password = page.getByLabel("Password");
    // React puts the cursor there once all has been drawn.
    await password.and(page.locator(":focus")).waitFor();
    expect(await password.getAttribute("aria-invalid")).toBe("true");
    expect(await password.getAttribute("aria-describedby")).toBe(await alert.getAttribute("id"));
  });

  it("a form keeps a password out of addresses, and lets password managers do their work", async () => {
    const page = await openApp();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    const inputs = (): Promise<(string | null)[]> =>
      page.locator(".ostiary-field input").evaluateAll((all) => all.map((input) => input.getAttribute("autocomplete")));
    expect(await inputs()).toEqual(["username", "current-password"]);
    expect(await page.locator("form").getAttribute("method")).toBe("post");
    await page.getByRole("button", { name: "Other form" }).click();
    expect(await inputs()).toEqual(["name", "username", "new-password"]);
  });

  it("where accounts are concealed the form gives way to a text, read aloud: a mail is on its way, and nobody is signed in", async () => {
    const page = await openApp();
    await page.route("**/auth/signup", (route) => route.fulfill({ status: 202 }));
    await page.getByRole("button", { name: "Other form" }).click();
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password").fill("correct horse battery staple");
    await page.getByRole("button", { name: "Create account" }).click();
    const notice = page.getByRole("status").filter({ hasText: "Look into your mail." });
    await notice.waitFor();
    expect(await notice.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.locator("form").count()).toBe(0);
    await status(page, "signed_out");
  });

  it("what needs a role is shown to those who have it, as soon as they have it", async () => {
    const page = await openApp();
    const person = newPerson();
    await signUp(page, person);
    await page.getByText("For admins only.").waitFor();
    await runOstiary(["users", "set-role", person.email, "user", "admin"], { folder: world().server.folder });
    await page.reload();
    await page.getByText("Hello, admin.").waitFor();
    expect(await page.getByText("For admins only.").count()).toBe(0);
  });

  it("devices are listed, and one of them is signed out", async () => {
    const person = newPerson();
    const page = await openApp();
    await signUp(page, person);
    const other = await openApp();
    await other.getByLabel("E-mail").fill(person.email);
    await other.getByLabel("Password").fill(person.password);
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByText("This device").waitFor();
    expect(await other.getByRole("listitem").count()).toBe(2);
    await other.getByRole("listitem").filter({ hasNotText: "This device" }).getByRole("button").click();
    await expect.poll(() => other.getByRole("listitem").count()).toBe(1);
    await page.reload();
    await status(page, "signed_out");
  });

  it("devices of one user are not shown to the next one", async () => {
    const page = await openApp();
    await signUp(page, newPerson());
    await page.getByText("This device").waitFor();
    await page.getByRole("button", { name: "Leave" }).click();
    await status(page, "signed_out");
    // Whoever comes next does not get a list of their own.
    await page.route("**/auth/sessions", (route) => route.abort());
    await signUp(page, newPerson());
    await page.getByRole("alert").filter({ hasText: "cannot be reached" }).waitFor();
    expect(await page.getByRole("listitem").count()).toBe(0);
  });
});
