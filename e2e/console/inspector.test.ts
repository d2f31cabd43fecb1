import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateKey, signJws } from "@ostiary/jwt";
import type { Page, Request } from "playwright-core";
import { describe, expect, it } from "vitest";
import { signup } from "../call.ts";
import { consoleTests, violations } from "./console-tests.ts";

const world = consoleTests();

/**
 * The page, and every request that it or anything behind it makes from the beginning. The picture for the tab is left
 * out: the browser fetches it when it has nothing better to do, before or after anything that happens here.
 */
async function openInspector(): Promise<{ page: Page; requests: Request[] }> {
  const { open, server } = world();
  const page = await open("/inspect");
  const requests: Request[] = [];
  page.context().on("request", (request) => {
    if (request.url() !== `${server.issuer}/pages/icon.svg`) requests.push(request);
  });
  await page.reload();
  await page.getByText(/The issuer publishes/).waitFor();
  return { page, requests };
}

const paste = (page: Page, token: string): Promise<void> => page.getByLabel("Token", { exact: true }).fill(token);
const verdict = (page: Page, text: string): Promise<void> => page.locator(".verdict").getByText(text).waitFor();

describe("the token inspector", () => {
  it("verifies in the page, and asks for nothing once there is a token in it", async () => {
    const { server, complaints } = world();
    const { accessToken } = await signup(server.issuer, "inspected@example.com");
    const { page, requests } = await openInspector();
    const before = requests.map((request) => request.url());
    expect(before.filter((url) => !url.startsWith(`${server.issuer}/`))).toEqual([]);
    expect(before.at(-1)).toBe(`${server.issuer}/.well-known/jwks.json`);

    await paste(page, `Bearer ${accessToken}`);
    await verdict(page, "Let in");
    await page.getByText("Signature verified").waitFor();
    expect(await page.getByRole("timer").innerText()).toMatch(/^00:1\d:\d\d$/);
    expect(await violations(page)).toEqual([]);
    const [head, claims, signature = ""] = accessToken.split(".");
    await paste(page, `${head}.${claims}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`);
    await verdict(page, "401 invalid_token · signature_invalid");
    await page.getByLabel("Audience that a guard expects").fill("https://api.example.com");
    await paste(page, accessToken);
    await verdict(page, "401 invalid_token · claim_invalid");

    expect(requests.map((request) => request.url())).toEqual(before);
    for (const request of requests) {
      expect(`${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`).not.toContain(signature);
    }
    // Nor could it: whatever else runs in this page, the policy lets it reach the keys alone.
    const escape = await page.evaluate(async (issuer) => {
      const tries = [`${issuer}/me`, "https://evil.example/"].map((url) => fetch(url).then(() => "sent", () => "refused"));
      return Promise.all(tries);
    }, server.issuer).catch(() => ["refused", "refused"]);
    expect(escape).toEqual(["refused", "refused"]);
    expect(complaints.splice(0).every((text) => /connect-src|Refused to connect/.test(text))).toBe(true);
  });

  it("warns of what is wrong or unwise, whatever the signature says", async () => {
    const { page } = await openInspector();
    const key = generateKey("ES256");
    const sign = (claims: object, header: object = {}): string =>
      signJws(new TextEncoder().encode(JSON.stringify(claims)), { key, header: { ...header } });
    const now = Math.floor(Date.now() / 1000);
    await paste(page, sign({ iat: now, exp: now + 400 * 86_400, sub: "x", profile: { password: "hunter2" } }));
    for (const text of ["profile.password", "longer than a day", "iss", "typ"]) {
      await page.locator(".warnings").getByText(text).first().waitFor();
    }
    await verdict(page, "signature_invalid");
    await paste(page, sign({ sub: "x" }));
    await page.locator(".warnings").getByText("the token never expires").waitFor();
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"sub":"x"}').toString("base64url")}.`;
    await paste(page, none);
    await page.locator(".warnings").getByText("anyone can have written").waitFor();
    await paste(page, "certainly not a token");
    await page.getByRole("alert").getByText("A token has three parts").waitFor();
    await paste(page, "a.b.c.d.e");
    await page.getByRole("alert").getByText("encrypted").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("works from a file, without any network, with keys that are pasted", async () => {
    const { server, open } = world();
    const { accessToken } = await signup(server.issuer, "offline@example.com");
    const jwks = await (await fetch(`${server.issuer}/.well-known/jwks.json`)).text();
    const file = join(server.folder, "inspector.html");
    writeFileSync(file, Buffer.from(await (await fetch(`${server.issuer}/inspect/offline`)).arrayBuffer()));
    const page = await open(`${server.url}/healthz`);
    await page.context().setOffline(true);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`file://${file}`);
    await paste(page, accessToken);
    await verdict(page, "It depends on the signature");
    await page.getByLabel(/issuer's keys/).fill(jwks);
    await page.getByText("Signature verified").waitFor();
    await verdict(page, "Let in");
    expect(requests).toEqual([`file://${file}`]);
  });
});
