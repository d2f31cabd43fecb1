import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { PASSWORD, pageTests } from "./page-tests.ts";

const pages = pageTests();
const NEW_PASSWORD = "another horse entirely";

/** Presses Tab until the control with this name has the focus, and sees that it shows. */
async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent;
      return { label: label.trim(), isVisible: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2 };
    });
    seen.push(focus.label);
    if (!focus.label.startsWith(name)) continue;
    expect(focus).toMatchObject({ isVisible: true });
    return;
  }
  throw new Error(`Tab comes to ${seen.join(", ")}, and not to ${name}.`);
}

describe("from sign-up to sign-out", () => {
  it("by keyboard alone", async () => {
    const { issuer, newPage, complaints } = pages();
    const page = await newPage();
    const { keyboard } = page;
    await page.goto(`${issuer}/sign-in`);
    await tabTo(page, "Create account");
    await keyboard.press("Enter");
    await page.waitForURL(`${issuer}/sign-up`);

    // The cursor is in the first field already, or as soon as the browser has drawn the page.
    await page.locator("#name:focus").waitFor();
    await keyboard.type("Grace Hopper");
    await tabTo(page, "E-mail");
    await keyboard.type("grace@example");
    await tabTo(page, "Password");
    await keyboard.type("short");
    await keyboard.press("Enter");
    await page.getByRole("group", { name: "There is a problem" }).waitFor();
    // The summary has the focus, and its links lead to the fields.
    await tabTo(page, "Use at least 8");
    await keyboard.press("Enter");
    await page.locator("#password:focus").waitFor();
    await keyboard.type(PASSWORD);
    await keyboard.press("Enter");

    await page.getByRole("heading", { name: "Grace Hopper" }).waitFor();
    await tabTo(page, "Name");
    await keyboard.press("ControlOrMeta+A");
    await keyboard.type("Rear Admiral Hopper");
    await tabTo(page, "Save");
    await keyboard.press("Enter");
    await page.getByRole("status").getByText("Your profile is saved.").waitFor();
    // A reload does not tell it again: a script takes it out of the address, which runs after the text is there.
    await page.waitForURL(`${issuer}/account`);

    await tabTo(page, "Current password");
    await keyboard.type(PASSWORD);
    await tabTo(page, "Show password");
    await tabTo(page, "New password");
    await keyboard.type(NEW_PASSWORD);
    await tabTo(page, "Show password");
    await keyboard.press("Space");
    expect(await page.locator("#newPassword").getAttribute("type")).toBe("text");
    await tabTo(page, "Change password");
    await keyboard.press("Space");
    await page.getByRole("status").getByText("Your password is changed.").waitFor();

    await tabTo(page, "Sign out everywhere");
    await keyboard.press("Enter");
    await page.getByRole("status").getByText("signed out on all devices").waitFor();
    await page.goto(`${issuer}/account`);
    expect(new URL(page.url()).pathname).toBe("/auth/sign-in");
    expect(complaints).toEqual([]);
  });

  it("with scripts off", async () => {
    const { issuer, newPage, ostiary } = pages();
    const page = await newPage({ javaScriptEnabled: false });
    const press = (name: string | RegExp): Promise<void> => page.locator("main").getByRole("button", { name }).click();
    await page.goto(`${issuer}/sign-up`);
    await press("Create account");
    await page.getByRole("link", { name: "Enter your e-mail address." }).waitFor();
    await page.getByLabel("E-mail").fill("joan@example.com");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await press("Create account");
    await page.waitForURL(`${issuer}/account`);

    const device = { "user-agent": "backup-tool/2.1", "content-type": "application/json" };
    const body = JSON.stringify({ email: "joan@example.com", password: PASSWORD });
    expect((await fetch(`${issuer}/login`, { method: "POST", headers: device, body })).status).toBe(200);
    await page.reload();
    await press("Sign out backup-tool");
    await page.getByText("The device is signed out.").waitFor();
    await page.getByText("on this device only").waitFor();

    await page.getByLabel("Name").fill("Joan Clarke");
    await press("Save");
    await page.getByRole("heading", { name: "Joan Clarke" }).waitFor();
    await page.getByLabel("Current password").fill("wrong");
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await press("Change password");
    await page.locator("#currentPassword-error").waitFor();
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await press("Change password");
    await page.getByText("Your password is changed.").waitFor();

    await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    await page.getByLabel("E-mail").fill("joan@example.com");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await press("Sign in");
    await page.getByText("The e-mail or the password is wrong.").waitFor();
    await page.getByLabel("Password", { exact: true }).fill(NEW_PASSWORD);
    await page.getByLabel("Stay signed in").check();
    await press("Sign in");
    await page.getByRole("heading", { name: "Joan Clarke" }).waitFor();
    const joan = (await ostiary.users.list()).find(({ email }) => email === "joan@example.com");
    expect((await ostiary.sessions.list(joan!.id)).map(({ remember }) => remember)).toEqual([true]);
  });
});

describe("with scripts", () => {
  it("a form is sent once, however often its button is pressed, and again after coming back", async () => {
    const { issuer, newPage } = pages();
    const page = await newPage();
    let sent = 0;
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route("**/sign-in", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      sent++;
      await held;
      return route.continue();
    });
    await page.goto(`${issuer}/sign-in`);
    const button = page.getByRole("button", { name: "Sign in" });
    // In the page itself, in one go: from outside every step waits for the answer.
    const busy = await button.evaluate((element: HTMLButtonElement) => {
      for (let presses = 0; presses < 3; presses++) element.click();
      element.form?.requestSubmit(element);
      return element.getAttribute("aria-disabled");
    });
    expect(busy).toBe("true");
    letGo();
    await page.getByRole("group", { name: "There is a problem" }).waitFor();
    expect(sent).toBe(1);
    expect(await button.getAttribute("aria-disabled")).toBeNull();
  });

  it("a new password is weighed while it is typed", async () => {
    const { issuer, newPage } = pages();
    const page = await newPage();
    await page.goto(`${issuer}/sign-up`);
    const field = page.getByLabel("Password", { exact: true });
    const said = page.locator(".strength");
    expect(await said.isVisible()).toBe(false);
    for (const [password, word] of [
      ["short", "Too short"],
      ["11111111", "Easy to guess"],
      ["abcdefgh", "Easy to guess"],
      [PASSWORD, "Strong"],
    ] as const) {
      await field.fill(password);
      expect(await said.innerText()).toBe(word);
    }
  });
});

describe("what a password manager sees", () => {
  const fieldsOf = (page: Page): Promise<string[][]> =>
    page.evaluate(() =>
      Array.from(document.forms, (form) =>
        Array.from(form.elements)
          .filter((element) => element instanceof HTMLInputElement)
          .filter(({ autocomplete }) => autocomplete !== "")
          .map(({ type, name, autocomplete, value }) => [type, name, autocomplete, value].filter(Boolean).join(" ")),
      ).filter((fields) => fields.length > 0),
    );

  it("one form each, with names that stay, and whose password it is", async () => {
    const { issuer, origin, newPage, newAda } = pages();
    const page = await newPage();
    await page.goto(`${issuer}/sign-in`);
    expect(await fieldsOf(page)).toEqual([["email email username", "password password current-password"]]);
    await page.goto(`${issuer}/sign-up`);
    expect(await fieldsOf(page)).toEqual([["text name name", "email email username", "password password new-password"]]);

    const ada = await newAda();
    const email = await ada.locator(".person .quiet").innerText();
    await ada.goto(`${origin}/.well-known/change-password`);
    expect(ada.url()).toBe(`${issuer}/account#password`);
    expect(await fieldsOf(ada)).toEqual([
      ["text name name Ada Lovelace"],
      [`text username username ${email}`, "password currentPassword current-password", "password newPassword new-password"],
    ]);
  });
});
