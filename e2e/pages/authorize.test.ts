import { hash } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { text } from "node:stream/consumers";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { close, listen } from "../client/front.ts";
import { PASSWORD, pageTests, signIn } from "./page-tests.ts";

const pages = pageTests(() => ({ pages: { name: "Meadow" } }));

/** An app that signs people in at the server, and after that sends them to a home of another origin. */
interface App {
  readonly origin: string;
  readonly clientId: string;
  /** What came to its callback: the method, and the parameters. */
  readonly answers: { method: string; parameters: Record<string, string> }[];
}

const servers: Server[] = [];
let app: App;

beforeAll(async () => {
  const home = createServer((_, response) =>
    response.setHeader("content-type", "text/html").end("<title>Home</title><h1>Home</h1>"),
  );
  const homeOrigin = (await listen(home)).replace("localhost", "127.0.0.1");
  const answers: App["answers"] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? "", "http://app");
      if (url.pathname === "/callback") {
        const query = request.method === "POST" ? new URLSearchParams(await text(request)) : url.searchParams;
        answers.push({ method: request.method ?? "", parameters: Object.fromEntries(query) });
        response.writeHead(303, { location: `${homeOrigin}/home` }).end();
        return;
      }
      const { issuer } = pages();
      const hidden = [...url.searchParams]
        .map(([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('"', "&quot;")}">`)
        .join("");
      response.setHeader("content-type", "text/html");
      response.end(
        `<title>App</title><a href="${issuer}/oauth/authorize${url.search.replaceAll("&", "&amp;")}">Sign in</a>` +
          `<form method="post" action="${issuer}/oauth/authorize">${hidden}<button>Sign in by form</button></form>`,
      );
    })();
  });
  const origin = await listen(server);
  servers.push(home, server);
  const registration = {
    redirectUris: [`${origin}/callback`],
    scopes: ["openid", "profile", "email", "offline_access", "tides:read"],
  };
  const { clientId } = await pages().ostiary.clients.create({ name: "Tide Tables", registration });
  app = { origin, clientId, answers };
});
afterAll(() => Promise.all(servers.map((server) => close(server))));

function appPage(more: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: app.clientId,
    redirect_uri: `${app.origin}/callback`,
    scope: "openid profile email offline_access tides:read",
    state: `a state of "its" own`,
    code_challenge: hash("sha256", "a verifier", "base64url"),
    code_challenge_method: "S256",
    ...more,
  });
  return `${app.origin}/?${query.toString()}`;
}

async function newPerson(email: string): Promise<string> {
  await pages().ostiary.users.create({ email, password: PASSWORD, name: "Ada Lovelace" });
  return email;
}

/** What pages complained of, other than that people went to the app: blocked by a policy, failed in a script. */
function problems(): string[] {
  return pages().complaints.filter((complaint) => !complaint.startsWith("asked "));
}

describe.each([true, false])("from an app to sign-in, consent and back, with scripts: %s", (javaScriptEnabled) => {
  it.each(["query", "form_post"])("response_mode=%s", async (response_mode) => {
    const { newPage, issuer } = pages();
    const page = await newPage({ javaScriptEnabled });
    const email = await newPerson(`${response_mode}-${javaScriptEnabled}@example.com`);
    app.answers.length = 0;
    const arrive = async (): Promise<void> => {
      if (response_mode === "form_post" && !javaScriptEnabled) {
        await page.getByRole("button", { name: "Continue to Tide Tables" }).click();
      }
      await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/home$/);
    };

    await page.goto(appPage({ response_mode }));
    await page.getByRole("link", { name: "Sign in" }).click();
    await signIn(page, email);
    await page.getByRole("heading", { name: "Tide Tables asks to use your Meadow account" }).waitFor();
    await page.getByText("Use the permission “tides:read”").waitFor();
    await page.getByRole("button", { name: "Allow" }).click();
    await arrive();

    // The second time nothing is asked, also if the app comes with a form.
    await page.goto(appPage({ response_mode }));
    await page.getByRole("button", { name: "Sign in by form" }).click();
    await arrive();
    const method = response_mode === "query" ? "GET" : "POST";
    const parameters = { code: expect.any(String) as string, state: `a state of "its" own`, iss: issuer };
    expect(app.answers).toEqual([{ method, parameters }, { method, parameters }]);
    expect(problems()).toEqual([]);
  });
});

it("whoever cancels is led back as well, by keyboard alone", async () => {
  const { newAda } = pages();
  const page = await newAda();
  app.answers.length = 0;
  await page.goto(appPage());
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Allow" }).waitFor();
  const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? "");
  for (let presses = 0; presses < 20 && (await focused()) !== "Cancel"; presses++) await page.keyboard.press("Tab");
  expect(await focused()).toBe("Cancel");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/home$/);
  expect(app.answers).toMatchObject([{ parameters: { error: "access_denied" } }]);
  expect(problems()).toEqual([]);
});

describe.each(["light", "dark"] as const)("in the %s scheme", (colorScheme) => {
  it("axe finds nothing, and nothing sticks out", async () => {
    const { newAda, issuer } = pages();
    const page = await newAda({ colorScheme, reducedMotion: "reduce" });
    const found: string[] = [];
    const request = new URL(appPage()).search;
    for (const search of [request, `${request}&ui_locales=ko`, "?client_id=nobody", "?client_id=nobody&ui_locales=ko"]) {
      await page.goto(`${issuer}/oauth/authorize${search}`);
      found.push(...(await findings(page)));
      await page.setViewportSize({ width: 320, height: 640 });
      if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) {
        found.push(`${search} at 320`);
      }
    }
    expect(found).toEqual([]);
    expect(problems()).toEqual([]);
  });
});

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run({ resultTypes: ["violations"] }),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${page.url()} ${id}: ${html}`));
}
