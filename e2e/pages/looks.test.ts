import axe from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { PASSWORD, pageTests } from "./page-tests.ts";

const pages = pageTests();

/** Everything axe finds, best practices included. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${page.url()} ${id}: ${html}`));
}

describe.each(["light", "dark"] as const)("in the %s scheme", (colorScheme) => {
  it("axe finds nothing on any page, in any state, in either language", async () => {
    const { issuer, ostiary, newPage, newAda, complaints } = pages();
    const page = await newPage({ colorScheme, reducedMotion: "reduce" });
    const found: string[] = [];
    const look = async (path: string, act: () => Promise<unknown> = async () => {}): Promise<void> => {
      await page.goto(issuer + path);
      await act();
      found.push(...(await findings(page)));
    };
    const failed = async (button: string): Promise<void> => {
      await page.locator("main").getByRole("button", { name: button, exact: true }).click();
      await page.locator(".summary").waitFor();
    };
    await look("/sign-in");
    await look("/sign-in?ui_locales=ko&notice=signed-out");
    await look("/sign-in", () => failed("Sign in"));
    await look("/sign-up", () => page.locator("#password").fill(PASSWORD));
    await look("/sign-up", () => failed("Create account"));
    await look("/nowhere");
    await look("/oauth/logout");

    const ada = await newAda({ colorScheme, reducedMotion: "reduce" });
    await fetch(`${issuer}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: await ada.locator(".person .quiet").innerText(), password: PASSWORD }),
    });
    await ada.goto(`${issuer}/account?notice=profile-saved`);
    found.push(...(await findings(ada)));
    await ada.locator("#newPassword").fill("x");
    await ada.getByRole("button", { name: "Change password" }).click();
    await ada.locator(".summary").waitFor();
    found.push(...(await findings(ada)));
    const shop = await ostiary.clients.create({ name: "Meadow Shop", registration: { redirectUris: ["https://shop.example/"] } });
    await ada.goto(`${issuer}/oauth/logout?client_id=${shop.clientId}&ui_locales=ko`);
    found.push(...(await findings(ada)));
    await ada.getByRole("button", { name: "로그아웃", exact: true }).click();
    await ada.locator(".done").waitFor();
    found.push(...(await findings(ada)));
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe("from phone to desktop", () => {
  it("nothing sticks out, however long names are", async () => {
    const { issuer, newPage, ostiary, complaints } = pages();
    const email = `${"a-very-long-name-".repeat(3)}@${"sub.".repeat(20)}example.com`;
    await ostiary.users.create({ email, password: PASSWORD, name: `${"Wolfeschlegelsteinhausen".repeat(4)} ${"가나다라".repeat(20)}` });
    const page = await newPage({ reducedMotion: "reduce" });
    const tooWide: string[] = [];
    const measure = async (): Promise<void> => {
      for (const width of [320, 390, 820, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (excess > 0) tooWide.push(`${page.url()} at ${width}: ${excess}`);
      }
    };
    await page.goto(`${issuer}/sign-in`);
    await measure();
    await page.goto(`${issuer}/nowhere`);
    await measure();
    await page.goto(`${issuer}/sign-in`);
    await page.locator("#email").fill(email);
    await page.locator("#password").fill(PASSWORD);
    await page.locator("#password").press("Enter");
    await page.locator(".person").waitFor();
    await measure();
    expect(tooWide).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
