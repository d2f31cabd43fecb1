/**
 * Apache's mod_auth_openidc, a certified relying party, signs users in at our pages with what stands in the guide: it is
 * told the discovery address, a client and PKCE. Where it or a browser is missing a line says so; at night both are there.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FLAGS } from "../browser-flags.ts";
import { findChromium } from "../client/find-chromium.ts";
import { close, listen } from "../client/front.ts";
import { PASSWORD, signup } from "../call.ts";
import { freePort, REPOSITORY, until } from "../launch.ts";
import { startForeignIssuer } from "../oauth/foreign-issuer.ts";
import { fencedBlocks } from "../printed-blocks.ts";
import { runOstiary, startOstiary } from "../start-ostiary.ts";
import { hasApacheModule, isThere, startApache } from "./apache.ts";
import type { Apache } from "./apache.ts";

const MODULES = ["mpm_event", "authn_core", "authz_core", "authz_user", "proxy", "proxy_http", "auth_openidc"];

const browserPath = process.env["CHROMIUM_PATH"] ?? findChromium();
const canRun =
  isThere("Apache's mod_auth_openidc", hasApacheModule("auth_openidc"), "apache2-bin libapache2-mod-auth-openidc") &&
  isThere("a browser at Apache", browserPath !== undefined, "chromium");

interface Registration {
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  readonly backchannelLogoutUri: string;
}

interface Issuer {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly email: string;
  close(): Promise<unknown>;
}

async function startForeign({ redirectUri, postLogoutRedirectUri, backchannelLogoutUri }: Registration): Promise<Issuer> {
  const credentials = { clientId: "apache", clientSecret: "secret-of-apache" };
  const client = {
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [postLogoutRedirectUri],
    backchannel_logout_uri: backchannelLogoutUri,
    backchannel_logout_session_required: true,
  };
  const foreign = await startForeignIssuer({ clients: [client], algorithm: "ES256" });
  return { ...foreign, ...credentials, email: "ada@example.com" };
}

async function startOurs({ redirectUri, postLogoutRedirectUri, backchannelLogoutUri }: Registration): Promise<Issuer> {
  const server = await startOstiary();
  const options = [
    "--redirect-uri",
    redirectUri,
    "--post-logout-redirect-uri",
    postLogoutRedirectUri,
    "--backchannel-logout-uri",
    backchannelLogoutUri,
  ];
  const printed = await runOstiary(["clients", "create", "intranet", ...options, "--json"], { folder: server.folder });
  const { clientId, clientSecret } = JSON.parse(printed) as { clientId: string; clientSecret: string };
  await signup(server.issuer, "ada@example.com");
  return { issuer: server.issuer, clientId, clientSecret, email: "ada@example.com", close: () => server.stop() };
}

const ISSUERS = [{ name: "ostiary", start: startOurs }, { name: "node-oidc-provider, to check the test", start: startForeign }];

describe.runIf(canRun).each(ISSUERS)("Apache as a relying party of $name", ({ start }) => {
  const ending: (() => Promise<unknown>)[] = [];
  let issuer: Issuer;
  let apache: Apache;
  let browser: Browser;
  beforeAll(async () => {
    // The application tells what it was told.
    const application = createServer(({ headers }, response) => {
      const told = Object.entries(headers).filter(([name]) => name.startsWith("oidc_claim_"));
      response.setHeader("content-type", "application/json").end(JSON.stringify(Object.fromEntries(told)));
    });
    const upstream = await listen(application);
    ending.push(() => close(application));
    const port = await freePort();
    const site = `http://localhost:${port}`;
    issuer = await start({
      redirectUri: `${site}/oidc/callback`,
      postLogoutRedirectUri: `${site}/goodbye`,
      backchannelLogoutUri: `${site}/oidc/callback?logout=backchannel`,
    });
    ending.push(() => issuer.close());
    const values = {
      "https://auth.example.com/auth": issuer.issuer,
      "https://www.example.com": site,
      "http://127.0.0.1:8080": upstream,
      CLIENT_ID: issuer.clientId,
      CLIENT_SECRET: issuer.clientSecret,
      CRYPTO_PASSPHRASE: "a secret of the tests, long enough: 0123456789".replaceAll(" ", "-"),
    };
    apache = await startApache({ port, modules: MODULES, config: configOfGuide(values) });
    browser = await chromium.launch({ ...(browserPath === undefined ? {} : { executablePath: browserPath }), args: FLAGS });
    ending.unshift(() => browser.close());
  });
  afterAll(async () => {
    for (const end of ending) await end();
  });

  async function open(): Promise<Page> {
    const context = await browser.newContext();
    // Fonts from the web, which some pages would wait for.
    await context.route((url) => url.hostname !== "localhost", (route) => route.abort());
    return context.newPage();
  }

  /** Whatever the pages are: the e-mail address, the password, and the first button until the application answers. */
  async function signIn(page: Page): Promise<Record<string, string>> {
    await page.goto(`${apache.url}/reports`);
    await page.locator('input:is([type="email"], [type="text"])').fill(issuer.email);
    await page.locator('input[type="password"]').fill(PASSWORD);
    await page.locator('button[type="submit"]').first().click();
    const there = page.waitForURL(`${apache.url}/reports`);
    const consent = page.locator('button[type="submit"]:not(:has-text("Sign in"), :has-text("Sign-in"))').first();
    await Promise.race([there, consent.click().then(() => there)]);
    return JSON.parse(await page.locator("body").innerText()) as Record<string, string>;
  }

  it("signs a user in with code and PKCE, and the application learns who it is", async () => {
    const page = await open();
    const requests: URL[] = [];
    page.on("request", (request) => requests.push(new URL(request.url())));
    expect(await signIn(page)).toMatchObject({ oidc_claim_iss: issuer.issuer, oidc_claim_email: issuer.email });
    const asked = requests.find(({ searchParams }) => searchParams.get("response_type") === "code");
    expect(asked?.searchParams.get("code_challenge_method")).toBe("S256");
  });

  it("signs the user out at both, and leads back", async () => {
    const page = await open();
    await signIn(page);
    await page.goto(`${apache.url}/oidc/callback?logout=${encodeURIComponent(`${apache.url}/goodbye`)}`);
    // Some ask whether it is meant.
    const back = page.waitForURL(`${apache.url}/goodbye`);
    await Promise.race([back, page.locator('button[type="submit"]').first().click().then(() => back, () => back)]);
    await page.goto(`${apache.url}/reports`);
    await page.locator('input[type="password"]').waitFor();
    expect(page.url()).toContain(new URL(issuer.issuer).origin);
  });

  it("hears of a sign-out elsewhere (back-channel logout)", async () => {
    const page = await open();
    await signIn(page);
    const elsewhere = await page.context().newPage();
    const { end_session_endpoint: leave } = (await (await fetch(`${issuer.issuer}/.well-known/openid-configuration`)).json()) as {
      end_session_endpoint: string;
    };
    await elsewhere.goto(leave);
    await elsewhere.locator('button[type="submit"]').first().click();
    await until("Apache has forgotten the user", async () => {
      await page.goto(`${apache.url}/reports`);
      return (await page.locator('input[type="password"]').count()) > 0;
    });
    expect(page.url()).toContain(new URL(issuer.issuer).origin);
  });
});

/** What the guide tells to write, with what is different here. */
function configOfGuide(values: Readonly<Record<string, string>>): string {
  const guide = readFileSync(join(REPOSITORY, "docs/relying-parties.md"), "utf8");
  const [block = ""] = fencedBlocks(guide, "apache");
  return Object.entries(values).reduce((config, [name, value]) => config.replaceAll(name, value), block);
}
