import { createAuthClient } from "@ostiary/client";
import { Secret, TOTP } from "otpauth";
import type { BrowserContext, Page } from "playwright-core";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";
import { call, PASSWORD, signup } from "../call.ts";
import { addAuthenticator } from "../pages/virtual-authenticator.ts";
import { browserTests, newPerson } from "./browser-tests.ts";
import { App } from "./react-app.tsx";

const serverSide = (): string =>
  renderToString(createElement(App, { auth: createAuthClient({ issuer: "http://localhost/auth" }) }));
const world = browserTests({ script: "react-page.tsx", isDevelopment: true, body: () => `<div id="root">${serverSide()}</div>` });

/** Of the issuer's origin, which is where its passkeys are for. */
async function openApp(context: BrowserContext): Promise<Page> {
  const { front } = world();
  const page = await context.newPage();
  await page.goto(`${front.origin}/?passkeys&issuer=${encodeURIComponent(front.issuer)}`);
  return page;
}

const status = (page: Page, text: string): Promise<void> => page.getByTestId("status").filter({ hasText: text }).waitFor();

async function enterPassword(page: Page, email: string): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function leave(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Leave" }).click();
  await status(page, "signed_out");
}

/** The account's app has shown a code already: what tells its next ones. */
async function setUpApp(email: string): Promise<() => string> {
  const issuer = `${world().server.url}/auth`;
  const { accessToken: bearer } = await signup(issuer, email);
  const { body } = await call<{ secret: string; enrolmentToken: string }>("POST", `${issuer}/second-factors/totp`, { bearer });
  const app = new TOTP({ secret: Secret.fromBase32(body.secret) });
  const counter = app.counter();
  const { enrolmentToken } = body;
  const { status: answered } = await call("POST", `${issuer}/second-factors/totp/confirm`, {
    bearer,
    body: { enrolmentToken, code: app.generate() },
  });
  expect(answered).toBe(200);
  // A code counts once, and the one of the next half minute counts already.
  return () => app.generate({ timestamp: Math.max(counter + 1, app.counter()) * app.period * 1000 });
}

it("the password, then the code of an app: signed in, in both tabs, and not a step before", async () => {
  const { email } = newPerson();
  const nextCode = await setUpApp(email);
  const context = await world().newContext();
  const [page, other] = [await openApp(context), await openApp(context)];
  await enterPassword(page, email);
  const code = page.getByLabel("Code from your authenticator app");
  await code.and(page.locator(":focus")).waitFor();
  await code.fill("000000");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "This code is wrong" }).waitFor();
  await status(other, "signed_out");
  expect((await context.cookies()).map(({ name }) => name)).not.toContain("ostiary_refresh");
  await code.fill(nextCode());
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  for (const tab of [page, other]) await status(tab, `signed_in ${email}`);
  expect((await context.cookies()).map(({ name }) => name)).toContain("ostiary_refresh");
});

it("a passkey is added, taken as the second step, and alone: signed in, in both tabs", async () => {
  const { email } = newPerson();
  await signup(`${world().server.url}/auth`, email);
  const context = await world().newContext();
  const [page, other] = [await openApp(context), await openApp(context)];
  // The other has come after it, and a passkey is made on the page that is looked at alone.
  await page.bringToFront();
  const authenticator = await addAuthenticator(page);
  await enterPassword(page, email);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByText("Added, with 10 codes.").waitFor();
  expect(await authenticator.count()).toBe(1);

  await leave(page);
  await enterPassword(page, email);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  for (const tab of [page, other]) await status(tab, `signed_in ${email}`);

  await leave(page);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  for (const tab of [page, other]) await status(tab, `signed_in ${email}`);
  // The authenticator itself says that it holds one of the account's.
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByText("passkey_exists").waitFor();
  expect(await authenticator.count()).toBe(1);
});
