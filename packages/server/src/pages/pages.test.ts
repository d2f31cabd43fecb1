import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PageClient } from "../../test/page-client.ts";
import {
  ISSUER,
  ORIGIN,
  PASSWORD,
  startSignedIn,
  startTestServer,
  temporaryFile,
  TestClient,
  refusal,
} from "../../test/test-server.ts";
import { english } from "./texts/english.ts";
import { korean } from "./texts/korean.ts";

const PAGES = ["/sign-in", "/sign-up", "/account"];

async function signedIn(config = {}) {
  const { server, client } = await startSignedIn(config);
  return { server, client, page: new PageClient(server, client.jar) };
}

describe("every page", () => {
  it("runs nothing but our own files, is framed by nobody and kept by nobody", async () => {
    const { page, server } = await signedIn();
    const anonymous = new PageClient(server);
    const answers = [
      await anonymous.get("/sign-in"),
      await anonymous.get("/sign-up"),
      await page.get("/account"),
      await page.get("/nowhere"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404]);
    for (const { headers, text } of answers) {
      const policy = headers.get("content-security-policy");
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
      expect(policy).toContain("form-action 'self'; frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|http|\*/);
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("same-origin");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("strict-transport-security")).toBeNull();
      expect(text).not.toMatch(/<style|style="|<script>| on[a-z]+="|https?:\/\/(?!localhost:4000\/)/);
    }
  });

  it("with an https issuer: HSTS, and cookies by their own names", async () => {
    const server = await startTestServer({ issuer: "https://id.example/auth" });
    const page = new PageClient(server);
    const { headers } = await page.get("/sign-in");
    expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Secure-ostiary_form=[\w-]{43}; Path=\/auth; HttpOnly; Secure; SameSite=Lax$/),
    ]);
  });

  it("is read by no script of another origin, though it may use the API", async () => {
    const app = "https://app.example";
    const { page } = await signedIn({ allowedOrigins: [app] });
    for (const path of PAGES) {
      expect((await page.get(path, { origin: app })).headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("speaks English and Korean, all of it", async () => {
    const { page } = await signedIn();
    expect(Object.keys(korean)).toEqual(Object.keys(english));
    const byHeader = await page.get("/account", { "accept-language": "ko-KR,ko;q=0.9" });
    expect(byHeader.text).toContain('<html lang="ko">');
    expect(byHeader.text).toContain(korean.changePassword);
    const asked = await page.get("/account?ui_locales=en", { "accept-language": "ko" });
    expect(asked.text).toContain('<html lang="en">');
    expect(asked.text).toContain("/auth/account?ui_locales=en");
    expect(asked.headers.get("content-language")).toBe("en");
  });

  it("shows what people typed as text", async () => {
    const { page, server } = await signedIn();
    const name = `"><script>alert(1)</script>'&amp;`;
    const saved = await page.submit("/account", { task: "profile", name });
    expect(saved.location).toBe("/auth/account?notice=profile-saved");
    const { text } = await page.get("/account?ui_locales=\"><script>&return_to=\"><script>&notice=\"><script>");
    expect(text).not.toContain("<script>");
    expect(text).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;amp;");
    expect(text).not.toContain('role="status"');
    const email = await new PageClient(server).submit("/sign-in", { email: `"><script>`, password: "x" });
    expect(email.text).not.toContain("<script>");
  });
});

describe("the files of the pages", () => {
  it("are kept for ever under a name that changes with them, and found again under older ones", async () => {
    const { page } = await signedIn();
    const { text } = await page.get("/account");
    const paths = [...text.matchAll(/(?:href|src)="\/auth(\/pages\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(paths.map((path) => path.replace(/\.[\w-]{12}\./, "."))).toEqual([
      "/pages/icon.svg",
      "/pages/style.css",
      "/pages/script.js",
      "/pages/passkeys.js",
    ]);
    for (const path of paths) {
      const { status, headers } = await page.get(path);
      expect(status).toBe(200);
      expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect((await page.get(path, { "if-none-match": headers.get("etag") ?? "" })).status).toBe(304);
      const older = await page.get(path.replace(/\.[\w-]{12}\./, ".AAAAAAAAAAAA."));
      expect([older.status, older.headers.get("cache-control")]).toEqual([200, "no-cache"]);
    }
    for (const path of ["/pages/", "/pages/other.css", "/pages/..%2fpackage.json", "/pages/%2e%2e/x"]) {
      expect((await page.get(path)).status).toBe(404);
    }
  });

  it("may be the operator's: a name, a logo, a stylesheet", async () => {
    const [logo, stylesheet] = [temporaryFile("logo.SVG"), temporaryFile("own.css")];
    writeFileSync(logo, "<svg/>");
    writeFileSync(stylesheet, ":root { --ostiary-accent: #0a7d55 }");
    const page = new PageClient(await startTestServer({ pages: { name: "Meadow & Sons", logo, stylesheet } }));
    const { text } = await page.get("/sign-in");
    expect(text).toContain("Sign in to Meadow &amp; Sons");
    const found = /src="\/auth(\/pages\/logo\.[\w-]{12}\.svg)"/.exec(text)?.[1] ?? "";
    const answer = await page.get(found);
    expect([answer.text, answer.headers.get("content-type")]).toEqual(["<svg/>", "image/svg+xml"]);
    expect(answer.headers.get("content-security-policy")).toContain("sandbox");
    const style = /href="\/auth(\/pages\/style[^"]+)"/.exec(text)?.[1] ?? "";
    expect((await page.get(style)).text).toMatch(/#0a7d55 }$/);
  });

  it("keep the server from starting where they cannot be read", async () => {
    await expect(startTestServer({ pages: { logo: "/nowhere/logo.png" } })).rejects.toThrow(
      /pages\.logo: .*\/nowhere\/logo\.png/,
    );
    await expect(startTestServer({ pages: { logo: "logo.gif" } })).rejects.toThrow(/pages\.logo: must name a file/);
  });
});

describe("errors", () => {
  it("are pages for people and JSON for programs", async () => {
    const { server, page, client } = await signedIn();
    const missing = await page.get("/nowhere");
    expect([missing.status, missing.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
    expect(missing.text).toContain(english.errors.notFound.title);
    expect(refusal(await client.call("GET", "/nowhere"))).toEqual({ status: 404, error: "not_found" });
    // An API's answer stays what it is, whoever asks.
    const me = await page.get("/me");
    expect([me.status, me.headers.get("content-type")]).toEqual([401, "application/json"]);
    const put = await server.fetch(new Request(`${ISSUER}/account`, { method: "PUT", headers: { accept: "text/html" } }));
    expect([put.status, put.headers.get("allow"), put.headers.get("content-type")]).toEqual([
      405,
      "GET, POST, HEAD",
      "text/html; charset=utf-8",
    ]);
  });

  it("have no link to wherever their address says", async () => {
    const page = new PageClient(await startTestServer({ issuer: ORIGIN }));
    const { status, text } = await page.get("//evil.example/x");
    expect(status).toBe(404);
    expect(text).not.toContain("evil.example");
    expect((await page.get("/")).location).toBe("/account");
  });

  it("a store that is down is a page that says so, with when to try again", async () => {
    const { server, page } = await signedIn();
    await server.close();
    const account = await page.get("/account");
    expect([account.status, account.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(account.text).toContain(english.errors.unavailable.title);
    const anonymous = new PageClient(server);
    const form = await anonymous.submit("/sign-in", { email: "ada@example.com", password: PASSWORD });
    expect([form.status, form.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(form.text).toContain(english.unavailable);
    expect(form.text).toContain('value="ada@example.com"');
  });
});

describe("ways in", () => {
  it("a browser at the issuer comes to the account, a program is told there is nothing", async () => {
    const { page, client, server } = await signedIn();
    for (const path of ["", "/"]) {
      const home = await page.get(path);
      expect([home.status, home.location]).toEqual([303, "/auth/account"]);
      expect(refusal(await client.call("GET", path))).toMatchObject({ status: 404 });
    }
    expect((await new PageClient(server).get("/account")).location).toBe("/auth/sign-in");
  });

  it("password managers find the form that changes a password", async () => {
    const { page } = await signedIn();
    const { status, location } = await page.get(`${ORIGIN}/.well-known/change-password`);
    expect([status, location]).toEqual([303, `${ISSUER}/account#password`]);
  });

  it("an account without a name shows the e-mail", async () => {
    const server = await startTestServer();
    const client = new TestClient(server);
    await client.signup();
    const { text } = await new PageClient(server, client.jar).get("/account");
    expect(text).toContain('<span class="initial" aria-hidden="true">A</span>');
    expect(text).toContain(english.onlyHere);
  });
});
