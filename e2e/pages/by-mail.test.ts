import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, it, vi } from "vitest";
import { pageTests, PASSWORD, signIn } from "./page-tests.ts";

const sent: { to: { address: string }; subject: string; text: string }[] = [];
const pages = pageTests(() => ({ mail: { from: "id@example.com", transport: (message) => void sent.push(message) } }));

/** The link in the newest mail about something. */
async function linkAbout(subject: string): Promise<string> {
  const mail = await vi.waitFor(() => {
    const found = sent.filter((one) => one.subject.includes(subject)).at(-1);
    if (found === undefined) throw new Error(`No mail about "${subject}".`);
    return found;
  }, { timeout: 60_000, interval: 50 });
  return /^http\S+$/m.exec(mail.text)?.[0] ?? "";
}

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${page.url()} ${id}: ${html}`));
}

it("a forgotten password is reset from the mail, and what the link proves is sent to nobody on the way", async () => {
  const { issuer, ostiary, newPage, complaints } = pages();
  await ostiary.users.create({ email: "ada@example.com", password: PASSWORD });
  const page = await newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.url()} ${JSON.stringify(request.headers())}`));
  const found: string[] = [];
  await page.goto(`${issuer}/sign-in`);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  found.push(...(await findings(page)));
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByRole("heading", { name: "Look into your mail" }).waitFor();
  found.push(...(await findings(page)));

  const link = await linkAbout("Reset your");
  const token = link.split("#")[1] ?? "";
  await page.goto(link);
  await page.getByLabel("New password").waitFor();
  expect(page.url()).not.toContain(token);
  expect(await page.getByLabel("Link from the mail").isVisible()).toBe(false);
  // The language is changed by a link of its own, and the token comes along.
  await page.getByRole("link", { name: "한국어" }).click();
  await page.getByLabel("새 비밀번호").fill("seven purple otters");
  expect(page.url()).not.toContain(token);
  found.push(...(await findings(page)));
  await page.getByRole("button", { name: "비밀번호 설정" }).click();
  await page.getByRole("link", { name: "로그인으로 이동" }).click();
  await page.goto(`${issuer}/sign-in?ui_locales=en`);
  await signIn(page, "ada@example.com", "seven purple otters");
  await page.waitForURL(`${issuer}/account*`);
  found.push(...(await findings(page)));
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(asked.filter((request) => request.includes(token))).toEqual([]);
  expect(found).toEqual([]);
  expect(complaints).toEqual([]);
});
