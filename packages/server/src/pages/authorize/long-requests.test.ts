import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ADA, CALLBACK, queryOf, sentBack } from "../../../test/authorization.ts";
import { startListening } from "../../../test/listening-server.ts";
import { PageClient } from "../../../test/page-client.ts";
import type { PageAnswer } from "../../../test/page-client.ts";
import { ANY_TEXT, TestClient } from "../../../test/test-server.ts";

/** A browser that sends on which page it was, as far as that page lets it. */
async function browserOf(server: Awaited<ReturnType<typeof startListening>>) {
  const overThePort = { issuer: server.issuer, fetch: (request: Request) => fetch(new Request(request, { redirect: "manual" })) };
  const page = new PageClient(overThePort);
  let referrer: Record<string, string> = {};
  const arrived = (url: string, answer: PageAnswer): PageAnswer => {
    const isWhole = answer.headers.get("referrer-policy") === "same-origin";
    if (answer.location === null) referrer = { referer: isWhole ? url : new URL(url).origin };
    return answer;
  };
  return {
    get: async (url: string) => arrived(url, await page.get(url, referrer)),
    post: async (url: string, fields: Record<string, string>) => arrived(url, await page.post(url, fields, referrer)),
  };
}

async function listening() {
  const server = await startListening();
  await new TestClient(server).signup();
  const client = await server.clients.create({
    name: "Tide Tables",
    registration: { redirectUris: [CALLBACK], firstParty: true },
  });
  const path = (state: string, more: Record<string, string> = {}): string => {
    const challenge = { code_challenge: hash("sha256", "x".repeat(43), "base64url"), code_challenge_method: "S256" };
    const standard = { response_type: "code", client_id: client.clientId, redirect_uri: CALLBACK, scope: "openid", state };
    return `${server.issuer}/oauth/authorize?${queryOf({ ...standard, ...challenge, ...more })}`;
  };
  return { server, path, browser: await browserOf(server) };
}

const unescaped = (text: string | undefined): string => text?.replaceAll("&amp;", "&") ?? "";

describe("a request is refused for its length before anybody types a password, or not at all", () => {
  it.each([
    ["letters", "x", 5300],
    ["what is percent-encoded", "%", 1000],
    ["what is percent-encoded, from outside Latin", "틀", 350],
  ])("the longest that is taken goes all the way, with all that browsers send along: %s", async (_, letter, length) => {
    const { path, browser } = await listening();
    const state = letter.repeat(length);
    const led = await browser.get(path(state));
    const at = led.location ?? "";
    const form = await browser.get(at);
    expect(form.status).toBe(200);
    const [action, token] = [/<form method="post" action="([^"]+)"/, /name="form_token" value="([^"]+)"/].map((one) =>
      unescaped(one.exec(form.text)?.[1]),
    );
    const signedIn = await browser.post(new URL(action ?? "", at).href, { form_token: token ?? "", ...ADA });
    const back = await browser.get(unescaped(/content="0;url=([^"]+)"/.exec(signedIn.text)?.[1]));
    expect(sentBack(back)).toMatchObject({ code: ANY_TEXT, state });
  });

  it.each([
    ["letters", "x", 5900],
    ["what is percent-encoded", "%", 1500],
    ["what is percent-encoded, from outside Latin", "틀", 500],
  ])("longer ones are refused at once: %s", async (_, letter, length) => {
    const { path, browser } = await listening();
    expect(await browser.get(path(letter.repeat(length)))).toMatchObject({ status: 400, location: null });
  });

  it("a long login_hint or ui_locales is not said twice", async () => {
    const { path, browser } = await listening();
    const { location } = await browser.get(path("s", { login_hint: "h".repeat(2500), ui_locales: "k".repeat(2500) }));
    expect(location?.length).toBeLessThan(6500);
    expect((await browser.get(location ?? "")).status).toBe(200);
  });

  it("pages that know where to go next tell no page where they were", async () => {
    const { server } = await listening();
    const page = new PageClient(server);
    for (const path of ["/sign-in", "/sign-up"]) {
      expect((await page.get(`${path}?return_to=/somewhere`)).headers.get("referrer-policy")).toBe("strict-origin");
      expect((await page.get(path)).headers.get("referrer-policy")).toBe("same-origin");
    }
  });
});
