import { chromium } from "playwright-core";
import { expect, inject, it, onTestFinished } from "vitest";
import { FLAGS } from "../browser-flags.ts";
import { freePort, launch, temporaryFolder, until } from "../launch.ts";
import { runOstiary, startOstiary } from "../start-ostiary.ts";
import { NEXT } from "./build-example.ts";
import { PASSWORD, userOn } from "./next-tests.ts";
import { buildSeparateApp, SEPARATE_APP } from "./separate-app.ts";

it(
  "a Next app beside an auth server of its own: signed in through it, and out at once when the server says so",
  { timeout: 300_000 },
  async () => {
    const [port, authPort] = [await freePort(), await freePort()];
    const origin = `http://localhost:${port}`;
    const folder = temporaryFolder();
    const settings = { OSTIARY_ISSUER: `${origin}/auth`, OSTIARY_TRUST_PROXY: "1" };
    const server = await startOstiary({ folder, port: authPort, env: settings });
    const client = JSON.parse(await runOstiary(["clients", "create", "web", "--guard", "--json"], { folder, env: settings })) as {
      clientId: string;
      clientSecret: string;
    };
    const env = {
      AUTH_ISSUER: `${origin}/auth`,
      AUTH_SERVER: server.url,
      AUTH_CLIENT_ID: client.clientId,
      AUTH_CLIENT_SECRET: client.clientSecret,
      NEXT_TELEMETRY_DISABLED: "1",
    };
    buildSeparateApp(env);
    const app = launch(process.execPath, [NEXT, "start", "--port", String(port)], { cwd: SEPARATE_APP, env });
    await app.says(/Ready in/);
    const browser = await chromium.launch({ executablePath: inject("chromium"), args: FLAGS });
    onTestFinished(() => browser.close());
    const context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();

    await page.goto(`${origin}/dashboard?tab=mine`);
    await page.getByRole("link", { name: "Create account" }).click();
    await page.waitForURL(/\/sign-up/);
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL(`${origin}/dashboard?tab=mine`);
    const user = await userOn(page);

    await context.clearCookies({ name: "ostiary_access" });
    await page.getByLabel("Note").fill("kept");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByRole("listitem").waitFor();
    expect(await userOn(page)).toBe(user);

    await runOstiary(["sessions", "revoke", "--user", "ada@example.com"], { folder, env: settings });
    // The command, the server and the app are three processes.
    await until(
      "the app knows",
      async () => (await page.goto(`${origin}/dashboard`)) !== null && page.url().includes("/sign-in"),
    );
    expect(new URL(page.url()).searchParams.get("return_to")).toBe(`${origin}/dashboard`);

    await page.goto(`${origin}/login`);
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("#user").waitFor();
    expect(await userOn(page)).toBe(user);
  },
);
