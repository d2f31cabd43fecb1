import { describe, expect, it } from "vitest";
import { PageClient } from "../../test/page-client.ts";
import { PASSWORD, startSignedIn, startTestServer } from "../../test/test-server.ts";
import { english } from "./texts/english.ts";

const APP = "https://app.example";
const ada = { email: "ada@example.com", password: PASSWORD };

async function atAccount() {
  const { server, client, tokens } = await startSignedIn({ allowedOrigins: [APP] });
  return { server, tokens, page: new PageClient(server, client.jar) };
}

describe("another origin cannot send our forms, though it knows their fields", () => {
  it.each([
    ["a stranger", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["a stranger whose browser says no more", { origin: "https://evil.example", "sec-fetch-site": "" }],
    ["an app that may use the API", { origin: APP, "sec-fetch-site": "same-site" }],
    ["a page without an origin", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["a page without an origin, whose browser says no more", { origin: "null", "sec-fetch-site": "none" }],
    ["another port", { origin: "http://localhost:4001", "sec-fetch-site": "same-site" }],
    ["who is cross-site but hides it", { "sec-fetch-site": "cross-site" }],
  ])("%s", async (_, headers) => {
    const { server, page, tokens } = await atAccount();
    const refused = await page.submit("/account", { task: "end-all" }, headers);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain(english.errors.forbidden.title);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
    const anonymous = new PageClient(server);
    for (const path of ["/sign-in", "/sign-up"]) {
      expect((await anonymous.submit(path, ada, headers)).status).toBe(403);
    }
    expect(anonymous.jar.has("ostiary_signin")).toBe(false);
  });
});

describe("a form counts for whom it was made", () => {
  it("not without its field, nor with another's", async () => {
    const { server, page, tokens } = await atAccount();
    const eve = new PageClient(server);
    await eve.submit("/sign-up", { email: "eve@example.com", password: PASSWORD });
    const foreign = [
      "",
      "x",
      ".",
      await eve.formToken("/account"),
      await new PageClient(server).formToken("/sign-in"),
      `${await page.formToken("/account")}x`,
      page.jar.get("ostiary_csrf") ?? "",
      page.jar.get("ostiary_signin") ?? "",
    ];
    for (const form_token of foreign) {
      const refused = await page.post("/account", { form_token, task: "end-all" });
      expect(refused.status).toBe(400);
      expect(refused.text).toContain(english.formExpired);
    }
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
  });

  it("nobody is signed in to somebody else's account by a form they never opened", async () => {
    const { server } = await atAccount();
    const eve = new PageClient(server);
    const token = await eve.formToken("/sign-in");
    const victim = new PageClient(server);
    await victim.get("/sign-in");
    const refused = await victim.post("/sign-in", { ...ada, form_token: token });
    expect([refused.status, victim.jar.has("ostiary_signin")]).toEqual([400, false]);
    expect(refused.text).toContain('value="ada@example.com"');
    // Shown anew, it works.
    const again = /name="form_token" value="([^"]+)"/.exec(refused.text)?.[1] ?? "";
    expect((await victim.post("/sign-in", { ...ada, form_token: again })).status).toBe(303);
  });

  it("no two of its fields are alike", async () => {
    const page = new PageClient(await startTestServer());
    const tokens = [await page.formToken("/sign-in"), await page.formToken("/sign-in")];
    expect(new Set(tokens).size).toBe(2);
  });

  it("a browser without Origin and Sec-Fetch headers still gets in by the field", async () => {
    const { server } = await atAccount();
    const page = new PageClient(server);
    const form_token = await page.formToken("/sign-in");
    const cookie = `ostiary_form=${page.jar.get("ostiary_form")}`;
    const body = new URLSearchParams({ ...ada, form_token }).toString();
    const headers = { cookie, "content-type": "application/x-www-form-urlencoded" };
    const answer = await server.fetch(new Request(`${server.issuer}/sign-in`, { method: "POST", headers, body }));
    expect(answer.status).toBe(303);
  });
});
