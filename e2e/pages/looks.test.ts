import { describe, expect, it } from "vitest";
import { DEVICE_GRANT } from "../../packages/server/src/clients/registration.ts";
import { findings } from "./findings.ts";
import { PASSWORD, pageTests } from "./page-tests.ts";

const pages = pageTests();

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

  it("nor on any page for devices, which are narrow enough for a phone, and work by keyboard", async () => {
    const { issuer, ostiary, newAda, complaints } = pages();
    const { clientId } = await ostiary.clients.create({
      name: "A television with a rather long name",
      registration: { grantTypes: [DEVICE_GRANT], tokenEndpointAuthMethod: "none" },
    });
    const body = new URLSearchParams({ client_id: clientId, scope: "openid email" });
    const begun = (await (await fetch(`${issuer}/oauth/device`, { method: "POST", body })).json()) as { user_code: string };
    const ada = await newAda({ colorScheme, reducedMotion: "reduce", viewport: { width: 320, height: 640 } });
    const found: string[] = [];
    const look = async (): Promise<void> => {
      found.push(...(await findings(ada)));
      if (await ada.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) {
        found.push(`${ada.url()} at 320`);
      }
    };
    await ada.goto(`${issuer}/device`);
    await ada.getByLabel("Code").fill("bbbbbbbb");
    await ada.keyboard.press("Enter");
    await ada.locator(".summary").waitFor();
    await look();
    await ada.getByLabel("Code").fill(begun.user_code.toLowerCase());
    await ada.keyboard.press("Enter");
    await ada.locator(".user-code").waitFor();
    await look();
    await ada.getByRole("button", { name: "Allow" }).press("Enter");
    await ada.locator(".done").waitFor();
    await look();
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe("from phone to desktop", () => {
  it("nothing sticks out, however long names are", async () => {
    const { issuer, newPage, ostiary, complaints } = pages();
    const email = `${"a-very-long-name-".repeat(3)}@${"sub.".repeat(20)}example.com`;
    await ostiary.users.create({
      email,
      password: PASSWORD,
      name: `${"Wolfeschlegelsteinhausen".repeat(4)} ${"가나다라".repeat(20)}`,
    });
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
