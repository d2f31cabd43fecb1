import { createServer } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { close, listen } from "../client/front.ts";
import { PASSWORD, pageTests, signIn } from "./page-tests.ts";

/** Serves a page of whoever's choice, as an app on another port, and under another site's name; `/onwards` leads there. */
let html = "";
const server = createServer((req, res) => {
  if (req.url === "/onwards") res.writeHead(302, { location: `${stranger()}/partner` }).end();
  else res.writeHead(200, { "content-type": "text/html" }).end(html);
});
let app = "";
beforeAll(async () => void (app = await listen(server)));
afterAll(() => close(server));
const pages = pageTests(() => ({ allowedOrigins: [app] }));
const stranger = (): string => app.replace("localhost", "127.0.0.1");

async function sessionsOf(page: Page): Promise<number> {
  const { ostiary } = pages();
  const cookie = (await page.context().cookies(`${pages().issuer}/`)).find(({ name }) => name === "ostiary_signin");
  const session = await ostiary.sessions.find(cookie?.value.split(".")[0] ?? "");
  return session === null ? 0 : (await ostiary.sessions.list(session.userId)).length;
}

describe("a form of another origin", () => {
  it.each([
    ["another site", stranger],
    ["an allowed app", () => app],
  ] as const)("%s signs nobody out and changes nothing, even with the form's own token", async (_, origin) => {
    const { issuer, newAda } = pages();
    const page = await newAda();
    const token = await page.locator("input[name=form_token]").first().getAttribute("value");
    html = `<form method="post" action="${issuer}/account"><input name="form_token" value="${token}">
      <input name="task" value="end-all"><button>Win</button></form>`;
    await page.goto(origin());
    await page.getByRole("button").click();
    await page.getByRole("heading", { name: "Not allowed" }).waitFor();
    expect(await sessionsOf(page)).toBe(1);
    await page.goto(`${issuer}/account`);
    await page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
  });

  it("another site signs nobody in to an account of its own", async () => {
    const { issuer, newPage, ostiary } = pages();
    await ostiary.users.create({ email: "eve@example.com", password: PASSWORD });
    const thief = await newPage();
    await thief.goto(`${issuer}/sign-in`);
    const token = await thief.locator("input[name=form_token]").first().getAttribute("value");
    const page = await newPage();
    html = `<form method="post" action="${issuer}/sign-in"><input name="form_token" value="${token}">
      <input name="email" value="eve@example.com"><input name="password" value="${PASSWORD}"><button>Win</button></form>`;
    await page.goto(stranger());
    await page.getByRole("button").click();
    await page.getByRole("heading", { name: "Not allowed" }).waitFor();
    expect((await page.context().cookies(`${issuer}/`)).map(({ name }) => name)).not.toContain("ostiary_signin");
  });

  it("scripts of an allowed app cannot read a page", async () => {
    const { issuer, newAda } = pages();
    const page = await newAda();
    html = "<p>An app</p>";
    await page.goto(app);
    const read = (url: string): Promise<string> =>
      page.evaluate(
        (address) =>
          fetch(address, { credentials: "include" }).then(
            (answer) => answer.text(),
            () => "nothing",
          ),
        url,
      );
    expect(await read(`${issuer}/account`)).toBe("nothing");
    expect(await read(`${issuer}/sign-in`)).toBe("nothing");
  });
});

describe("clickjacking", () => {
  it.each([
    ["another site", stranger],
    ["an allowed app", () => app],
  ] as const)("%s cannot put a page into a frame", async (_, origin) => {
    const { issuer, newAda } = pages();
    const page = await newAda();
    for (const path of ["/sign-in", "/account", "/nowhere"]) {
      html = `<iframe src="${issuer}${path}"></iframe>`;
      await page.goto(origin());
      // The refusal may come after the page around it has loaded.
      await expect.poll(() => page.frames()[1]?.url(), { timeout: 30_000 }).toMatch(/^chrome-error:/);
      expect(await page.frames()[1]?.locator("form").count()).toBe(0);
    }
  });
});

describe("return_to", () => {
  it("takes nobody to a stranger, signed in or signing in", async () => {
    const { issuer, origin, newAda, complaints } = pages();
    const page = await newAda();
    const evil = stranger().replace("http://", "");
    html = "<h1>Evil</h1>";
    for (const value of [
      `//${evil}`,
      `/\\${evil}`,
      `\\\\${evil}`,
      `/\t/${evil}`,
      `/\n/${evil}`,
      `/.//${evil}`,
      `/%2f${evil}`,
      `%2f%2f${evil}`,
      stranger(),
      `${app}@${evil}`,
      `http://ada:x@${evil}`,
      `javascript:location='http://${evil}'`,
      "data:text/html,<h1>Evil</h1>",
    ]) {
      await page.goto(`${issuer}/sign-in?return_to=${encodeURIComponent(value)}`);
      expect(new URL(page.url()).origin).toBe(origin);
    }
    await page.goto(`${issuer}/account`);
    const email = await page.locator(".person .quiet").innerText();
    await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    await page.goto(`${issuer}/sign-in?return_to=${encodeURIComponent(`//${evil}`)}`);
    await signIn(page, email);
    await page.waitForURL(`${issuer}/account`);
    expect(complaints).toEqual([]);
  });

  it("takes people back to an allowed app, whose client is signed in then", async () => {
    const { issuer, newPage, ostiary } = pages();
    html = "<h1>The app</h1>";
    await ostiary.users.create({ email: "linus@example.com", password: PASSWORD });
    const page = await newPage();
    await page.goto(`${issuer}/sign-in?return_to=${encodeURIComponent(`${app}/deep?x=1#y`)}`);
    await signIn(page, "linus@example.com");
    await page.waitForURL(`${app}/deep?x=1#y`);
    const status = await page.evaluate(async (url) => {
      const csrf = /ostiary_csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
      return (await fetch(`${url}/refresh`, { method: "POST", credentials: "include", headers: { "x-csrf-token": csrf } }))
        .status;
    }, issuer);
    expect(status).toBe(200);
  });

  it("takes people to an allowed app that leads them on to another site", async () => {
    const { issuer, newPage, ostiary } = pages();
    html = "<h1>The partner</h1>";
    await ostiary.users.create({ email: "barbara@example.com", password: PASSWORD });
    const page = await newPage();
    await page.goto(`${issuer}/sign-in?return_to=${encodeURIComponent(`${app}/onwards`)}`);
    await signIn(page, "barbara@example.com");
    await page.getByRole("heading", { name: "The partner" }).waitFor();
    expect(page.url()).toBe(`${stranger()}/partner`);
  });
});
