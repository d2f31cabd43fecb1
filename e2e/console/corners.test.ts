import { beforeAll, describe, expect, it } from "vitest";
import { PASSWORD, signup } from "../call.ts";
import { runOstiary } from "../start-ostiary.ts";
import { consoleTests, eventually, OPERATOR } from "./console-tests.ts";

const world = consoleTests();

beforeAll(async () => {
  const { folder } = world().server;
  await runOstiary(["users", "create", OPERATOR, "--admin", "--password-stdin"], { folder, stdin: `${PASSWORD}\n` });
});

describe("the token inspector", () => {
  it("lets in a good token also where it is opened by another name than the issuer's", async () => {
    const { server, open } = world();
    const { accessToken } = await signup(server.issuer, "elsewhere@example.com");
    const page = await open(server.issuer.replace("localhost", "127.0.0.1") + "/inspect");
    await page.getByText(/The issuer publishes/).waitFor();
    await page.getByLabel("Token", { exact: true }).fill(accessToken);
    await page.locator(".verdict").getByText("Let in").waitFor();
    expect(await page.getByText("Signature verified").count()).toBe(1);
  });

  it("shows a claim that is called __proto__ as any other", async () => {
    const { open } = world();
    const page = await open("/inspect");
    const parts = ['{"alg":"ES256","typ":"at+jwt"}', '{"__proto__":"a claim","constructor":1}', "x"];
    await page.getByLabel("Token", { exact: true }).fill(parts.map((part) => Buffer.from(part).toString("base64url")).join("."));
    await page.getByRole("rowheader", { name: "__proto__" }).waitFor();
    expect(await page.getByRole("rowheader", { name: "constructor" }).count()).toBe(1);
  });
});

describe("the console", () => {
  it("searches once for what is typed in one go", async () => {
    const { openConsole } = world();
    const page = await openConsole("/console/users");
    await page.getByRole("table").getByRole("link", { name: OPERATOR }).waitFor();
    // The list as it is without a search may be asked for again at any time: that is no search.
    const searches: string[] = [];
    page.on("request", (request) => {
      const url = new URL(request.url());
      const text = url.searchParams.get("text");
      if (url.pathname.endsWith("/admin/users") && text !== null) searches.push(text);
    });
    // However slow a machine types: the page's time stands still meanwhile.
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.getByLabel("Find").pressSequentially("oper");
    expect(searches).toEqual([]);
    // Again and again: the page may begin to wait only after its time was moved, when it gets to what was typed.
    await eventually("it is searched", async () => {
      await page.clock.runFor(300);
      return searches.length > 0;
    });
    expect(searches).toEqual(["oper"]);
  });

  it("waits for an address from now on, and for nothing where the time has an end", async () => {
    const { openConsole } = world();
    const page = await openConsole("/console/audit?ip=192.0.2.9");
    await page.getByText("Nothing of the kind").waitFor();
    const begun: number[] = [];
    page.on("request", (request) => {
      const after = new URL(request.url()).searchParams.get("after");
      if (after !== null) begun.push(Number(after));
    });
    const live = page.getByRole("button", { name: "Live tail" });
    await live.click();
    await eventually("it has looked", () => begun.length > 0);
    expect(begun[0]).toBeGreaterThan(0);
    await page.getByLabel("Until").fill("2026-01-01T00:00");
    await eventually("it does not look", () => live.isDisabled());
    expect(await live.getAttribute("aria-pressed")).toBe("false");
  });

  it("has a link to the content that stays on the page", async () => {
    const { openConsole } = world();
    const page = await openConsole("/console/audit?type=login");
    await page.getByRole("heading", { name: "Audit" }).waitFor();
    await page.getByRole("link", { name: "Skip to the content" }).focus();
    await page.keyboard.press("Enter");
    await eventually("the content has the focus", () => page.evaluate(() => document.activeElement?.id === "main"));
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe("/auth/console/audit?type=login");
    await page.getByRole("heading", { name: "Audit" }).waitFor();
  });
});
