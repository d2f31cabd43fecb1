import { describe, expect, it } from "vitest";
import { PageClient } from "../../../test/page-client.ts";
import { PASSWORD, startSignedIn, TestClient } from "../../../test/test-server.ts";
import { english } from "../texts/english.ts";

const APP = "https://app.example";
const DEED = `${APP}/deed`;

async function signedIn() {
  const { server, client } = await startSignedIn({ allowedOrigins: [APP] });
  return { server, page: new PageClient(server, client.jar) };
}

function stepUp(query: Record<string, string>): string {
  return `/step-up?${new URLSearchParams(query).toString()}`;
}

describe("an app that asks for what nobody can do is told so, not its user", () => {
  it.each([
    ["nothing", { return_to: DEED }],
    ["an age that is no number", { max_age: "5m", return_to: DEED }],
    ["a negative age", { max_age: "-1", return_to: DEED }],
    ["a word that no sign-in is described by", { methods: "mfa retina", return_to: DEED }],
    ["no way back", { max_age: "300" }],
    ["a way back to a stranger", { max_age: "300", return_to: "https://evil.example/" }],
    ["a way back to a stranger in disguise", { max_age: "300", return_to: "//evil.example" }],
  ])("%s", async (_, query) => {
    const { page } = await signedIn();
    const { status, location, text } = await page.get(stepUp(query));
    expect({ status, location }).toEqual({ status: 400, location: null });
    expect(text).toContain(english.errors.badRequest.title);
  });
});

it.each([
  ["max_age=300&max_age=1", "max_age"],
  ["methods=pwd&methods=mfa", "methods"],
  ["max_age=300&ui_locales=en&ui_locales=ko", "ui_locales"],
  [`max_age=300&return_to=${encodeURIComponent(`${APP}/other`)}`, "return_to"],
  ["max_age=300&ostiary_asked=1.x&ostiary_asked=2.y", "ostiary_asked"],
])("what comes twice is refused, as by OAuth's endpoints: %s", async (query, field) => {
  const { server, page } = await signedIn();
  const path = `/step-up?${query}&return_to=${encodeURIComponent(DEED)}`;
  expect(await page.get(path)).toMatchObject({ status: 400, location: null });
  const { body } = await new TestClient(server).call("GET", path);
  expect(body).toMatchObject({ error: "invalid_request", reason: "invalid_field", field });
});

describe("by how and when they signed in", () => {
  it("whoever did just now goes back at once; later they sign in first, as who they are", async () => {
    const { server, page } = await signedIn();
    const asked = stepUp({ max_age: "300", methods: "pwd", return_to: DEED });
    expect((await page.get(asked)).location).toBe(DEED);
    server.time.now += 301_000;
    const { location } = await page.get(asked);
    expect(location).toMatch(/^\/auth\/sign-in\?/);
    const form = await page.get(location!.slice("/auth".length));
    expect(form.text).toMatch(/value="ada@example.com"[^>]* readonly/);
    expect(form.text).toContain(english.twoSteps.againLead);
    expect(form.text).not.toMatch(/name="remember"[^>]* checked/);
    expect(form.text).not.toContain("/sign-up");
    const back = await page.submit(location!.slice("/auth".length), { email: "ada@example.com", password: PASSWORD });
    const [, here = ""] = /content="0;url=([^"]+)"/.exec(back.text) ?? [];
    expect(here).toContain("/auth/step-up?");
    expect((await page.get(here.replaceAll("&amp;", "&"))).location).toBe(DEED);
  });

  it("whoever stays signed in on the device still does when the new session takes the place of theirs", async () => {
    const { server } = await signedIn();
    const page = new PageClient(server);
    await page.submit("/sign-in", { email: "ada@example.com", password: PASSWORD, remember: "on" });
    server.time.now += 60_000;
    const { location } = await page.get(stepUp({ max_age: "30", return_to: DEED }));
    const { text } = await page.get(location!.slice("/auth".length));
    expect(text).toMatch(/<input[^>]*name="remember"[^>]* checked/);
  });

  it("whoever is not signed in signs in first, however little is asked", async () => {
    const { server } = await signedIn();
    expect((await new PageClient(server).get(stepUp({ methods: "pwd", return_to: DEED }))).location).toMatch(/^\/auth\/sign-in\?/);
  });

  it("nobody goes round: the mark that they were asked is good for this browser and this question alone", async () => {
    const { server, page } = await signedIn();
    const asked = stepUp({ max_age: "0", methods: "pwd", return_to: DEED });
    server.time.now += 60_000;
    const marked = await signInFor(page, asked);
    // No time at all is as soon as they could.
    expect((await page.get(marked)).location).toBe(DEED);
    server.time.now += 5_000;
    expect((await page.get(marked)).location).toBe(DEED);
    expect((await page.get(asked)).location).toMatch(/^\/auth\/sign-in\?/);
    expect((await page.get(marked.replace("methods=pwd", "methods=pwd+otp"))).location).toMatch(/^\/auth\/sign-in\?/);
    const other = new PageClient(server, new Map([...page.jar].filter(([name]) => name !== "ostiary_form")));
    expect((await other.get(marked)).location).toMatch(/^\/auth\/sign-in\?/);
  });

  it.each(["https://evil.example/", "//evil.example/", "javascript:alert(1)"])("nobody is led away by a way back within the way back: %s", async (evil) => {
    const { page } = await signedIn();
    const behind = `http://localhost:4000/auth${stepUp({ methods: "mfa", return_to: evil })}`;
    const { status, text } = await page.get(`/account/two-steps?${new URLSearchParams({ need: "mfa", return_to: behind }).toString()}`);
    expect(status).toBe(200);
    expect(text).not.toContain(`href="${evil}"`);
    expect(text).toMatch(new RegExp(`<a href="http://localhost:4000/auth/step-up[^"]*">${english.twoSteps.notNow}</a>`));
  });

  it("whoever has no second step is led to set one up, and may go back as they are", async () => {
    const { server, page } = await signedIn();
    const { location } = await page.get(stepUp({ methods: "mfa", return_to: DEED }));
    expect(location).toMatch(/^\/auth\/account\/two-steps\?/);
    const offered = await page.get(location!.slice("/auth".length));
    expect(offered.text).toContain(english.twoSteps.needed);
    expect(offered.text).toContain(`<a href="${DEED}">${english.twoSteps.notNow}</a>`);
    // Somebody who finds the browser open later sets up nothing.
    server.time.now += 601_000;
    const again = await page.get(location!.slice("/auth".length));
    expect(again.location).toMatch(/^\/auth\/sign-in\?.*need=mfa.*prompt=login/);
    const marked = await signInFor(page, stepUp({ methods: "mfa", return_to: DEED }));
    const stuck = await page.get(marked);
    expect(stuck.status).toBe(200);
    expect(stuck.text).toContain(`href="${DEED}"`);
  });
});

/** Follows the way to sign-in and through it. Tells the address that it leads back to. */
async function signInFor(page: PageClient, asked: string): Promise<string> {
  const { location } = await page.get(asked);
  const address = location!.startsWith("/auth/account") ? (await page.get(location!.slice("/auth".length))).location : location;
  const path = (address ?? location)!.slice("/auth".length);
  await page.submit(path, { email: "ada@example.com", password: PASSWORD });
  const marked = new URL(`http://localhost${path}`).searchParams.get("return_to") ?? "";
  return marked.slice(marked.indexOf("/step-up"));
}
