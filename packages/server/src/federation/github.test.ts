import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { startTestServer } from "../../test/test-server.ts";
import { Traveller, whoIs } from "../../test/traveller.ts";
import { english } from "../pages/texts/english.ts";
import { issuerOf } from "./provider.ts";
import { github } from "./providers.ts";

const OCTOCAT = { id: 583_231, login: "octocat", name: null, email: "shown@example.com" };
const EMAILS = [
  { email: "other@example.com", primary: false, verified: true },
  { email: "octocat@example.com", primary: true, verified: true },
];

/** As GitHub does it: refusals with status 200, forms unless JSON is asked for, no requests without a user agent. */
async function startGitHub() {
  const says = { user: OCTOCAT as unknown, emails: EMAILS as unknown, status: 200 };
  const posted: URLSearchParams[] = [];
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const send = (status: number, body: unknown): void =>
      void response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
    if (request.url === "/login/oauth/access_token") {
      posted.push(new URLSearchParams(text));
      if (request.headers.accept !== "application/json") {
        return void response.writeHead(200, { "content-type": "application/x-www-form-urlencoded" }).end("access_token=t");
      }
      if (posted.at(-1)?.get("code") !== "good") {
        return send(200, { error: "bad_verification_code", error_description: "The code passed is incorrect or expired." });
      }
      return send(200, { access_token: "gho_x", scope: "read:user,user:email", token_type: "bearer" });
    }
    const isKnown =
      request.headers.authorization?.toLowerCase() === "bearer gho_x" && request.headers["user-agent"] !== undefined;
    if (!isKnown) return send(403, { message: "Request forbidden by administrative rules." });
    return request.url === "/user"
      ? send(says.status, says.user)
      : request.url === "/user/emails"
        ? send(200, says.emails)
        : send(404, {});
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  server.keepAliveTimeout = 1;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ostiary = await startTestServer({ signInWith: [github({ url, apiUrl: url, clientId: "Iv1.x", clientSecret: "s" })] });
  const browser = new Traveller(ostiary);
  return { says, posted, url, ostiary, browser, signIn: (code = "good") => signInBy(browser, code) };
}

async function signInBy(browser: Traveller, code: string) {
  const asked = new URL(await browser.press("/sign-in", {}, "github"));
  const query = new URLSearchParams({ code, state: asked.searchParams.get("state") ?? "" }).toString();
  return { asked, answer: await browser.get(`/sign-in/with/github/callback?${query}`) };
}

describe("GitHub", () => {
  it("is asked with state and PKCE, and whoever it is has its number, and its primary address if that is verified", async () => {
    const { url, posted, ostiary, browser, signIn, says } = await startGitHub();
    const { asked } = await signIn();
    expect(asked.href.startsWith(`${url}/login/oauth/authorize?`)).toBe(true);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      scope: "read:user user:email",
      code_challenge_method: "S256",
    });
    expect(Object.fromEntries(posted[0] ?? [])).toMatchObject({
      client_id: "Iv1.x",
      client_secret: "s",
      code_verifier: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    });
    expect(await whoIs(browser)).toBe("octocat@example.com");
    expect(await ostiary.users.findByEmail("octocat@example.com")).toMatchObject({ name: "octocat", emailVerified: false });
    expect((await browser.get("/account")).text).toContain("octocat</p>");

    // Whoever takes the login that was given up is somebody else, and whoever has another is who they were.
    Object.assign(says, { user: { ...OCTOCAT, id: 99 }, emails: [{ ...EMAILS[1], email: "new@example.com" }] });
    const other = new Traveller(ostiary);
    await signInBy(other, "good");
    expect(await whoIs(other)).toBe("new@example.com");
    says.user = { ...OCTOCAT, login: "renamed" };
    const again = new Traveller(ostiary);
    await signInBy(again, "good");
    expect([await whoIs(again), await ostiary.users.count(9)]).toEqual(["octocat@example.com", 2]);
  });

  it.each<[string, unknown, unknown]>([
    ["says with status 200 that it is nobody", { message: "Bad credentials" }, EMAILS],
    ["numbers them 0", { ...OCTOCAT, id: 0 }, EMAILS],
    ["numbers them with a text", { ...OCTOCAT, id: "583231" }, EMAILS],
    ["says nothing", null, EMAILS],
  ])("lets nobody in where it %s", async (_, user, emails) => {
    const { says, ostiary, browser, signIn } = await startGitHub();
    Object.assign(says, { user, emails });
    expect((await signIn()).answer.text).toContain(english.withProblems.refused("GitHub"));
    expect([await whoIs(browser), await ostiary.users.count(1)]).toEqual([null, 0]);
  });

  it("makes no account of an address that is not verified, shown on the profile, or not the primary one", async () => {
    const { says, ostiary, signIn } = await startGitHub();
    for (const emails of [
      [{ email: "octocat@example.com", primary: true, verified: false }, EMAILS[0]],
      [],
      { message: "Not Found" },
    ]) {
      says.emails = emails;
      expect((await signIn()).answer.text).toContain(english.withProblems.no_email("GitHub"));
    }
    expect(await ostiary.users.count(1)).toBe(0);
  });

  it("refuses a wrong code with status 200, and its API may be down", async () => {
    const { says, signIn } = await startGitHub();
    expect((await signIn("bad")).answer.status).toBe(400);
    says.status = 502;
    expect((await signIn()).answer.status).toBe(503);
  });

  it("is the same issuer whatever it is called on the button", () => {
    expect(issuerOf(github({ clientId: "x", clientSecret: "y", id: "gh", name: "Code" }))).toBe("https://github.com/login/oauth");
    expect(github({ clientId: "x", clientSecret: "y", url: "https://git.example/" })).toMatchObject({
      url: "https://git.example",
      apiUrl: "https://git.example/api/v3",
    });
  });
});
