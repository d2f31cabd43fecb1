import { describe, expect, it } from "vitest";
import { askMe, browserTests, newPerson, shows, signUp, snapshotOf } from "./browser-tests.ts";

/** Two hosts of one site, as app.example.com and id.example.com are; and 127.0.0.1, which is another site. */
const world = browserTests({
  issuerHost: "id.example.localhost",
  appHost: "app.example.localhost",
  allowStranger: true,
});

describe("an app on another host of the same site", () => {
  it("cannot read the server's cookies, and works all the same", async () => {
    const { front, newContext, open } = world();
    const context = await newContext();
    const page = await open(context);
    await shows(page, "signed_out");
    await signUp(page);
    expect(await page.evaluate(() => document.cookie)).toBe("");
    await page.reload();
    await shows(page, "signed_in");
    expect(front.count.get("GET /csrf")).toBe(2);
    expect(await askMe(page, front.issuer)).toBe(200);
    await page.evaluate(() => window.auth.logout());
    expect(await context.cookies(`${front.issuer}/`)).toHaveLength(1); // The device cookie, which names a browser.
    await page.reload();
    await shows(page, "signed_out");
  });
});

describe("an app on another site", () => {
  it("is refused by the server, and says so, even where its origin is allowed", async () => {
    const { stranger, newContext, open } = world();
    const page = await open(await newContext(), stranger);
    await shows(page, "signed_out");
    const outcome = await page.evaluate((person) => window.outcome(() => window.auth.signup(person)), newPerson());
    expect(outcome).toBe("csrf_failed");
    expect(await snapshotOf(page)).toEqual({ status: "signed_out", user: null, reason: null });
  });
});

describe("the access token stays with its origins", () => {
  it("strangers do not get it, not even over a redirect", async () => {
    const { front, app, stranger, newContext, open } = world();
    const page = await open(await newContext());
    await signUp(page);
    const echo = (url: string): Promise<unknown> =>
      page.evaluate((address) => window.outcome(async () => (await window.auth.fetch(address)).text()), url);
    expect(await echo("/echo")).toMatch(/^Bearer ey/);
    expect(await echo(`${front.origin}/echo`)).toMatch(/^Bearer ey/);
    expect(await echo(`${stranger}/echo`)).toBe("nothing");
    expect(await echo(`/redirect?to=${encodeURIComponent(`${app}/echo`)}`)).toMatch(/^Bearer ey/);
    expect(await echo(`/redirect?to=${encodeURIComponent(`${stranger}/echo`)}`)).toBe("nothing");
  });
});
