import { describe, expect, it } from "vitest";
import { askMe, browserTests, newPerson, shows, signUp, snapshotOf } from "./browser-tests.ts";

const world = browserTests();

describe("a session in one tab", () => {
  it("begins with a sign-up, opens the API, outlives a reload, and ends with a sign-out", async () => {
    const { front, app, newContext, open } = world();
    const context = await newContext();
    const page = await open(context, app);
    await shows(page, "signed_out");
    expect(await snapshotOf(page)).toEqual({ status: "signed_out", user: null, reason: null });

    const person = newPerson();
    expect(await signUp(page, person)).toBe(person.email);
    expect(await askMe(page, front.issuer)).toBe(200);

    await page.reload();
    await shows(page, "signed_in");
    expect(await page.evaluate(() => window.auth.snapshot().user?.email)).toBe(person.email);
    expect(await askMe(page, front.issuer)).toBe(200);

    await page.evaluate(() => window.auth.logout());
    expect(await snapshotOf(page)).toEqual({ status: "signed_out", user: null, reason: "signed_out" });
    expect(await askMe(page, front.issuer)).toBe(401);
    await page.reload();
    await shows(page, "signed_out");
  });
});
