import { describe, expect, it } from "vitest";
import { createFakeBrowser } from "../test/fake-browser.ts";
import { settle } from "../test/fake-clock.ts";
import { ADA, refusal } from "../test/fake-issuer.ts";

const LOGIN = { email: "ada@example.com", password: "correct horse battery staple" };
const MINUTE = 60_000;

async function signedIn() {
  const browser = createFakeBrowser();
  const tab = browser.openTab();
  await tab.auth.login(LOGIN);
  return { ...browser, tab };
}

describe("a token is renewed ahead of its end", () => {
  it("one to two minutes before", async () => {
    const { issuer, clock } = await signedIn();
    await clock.advance(13 * MINUTE - 1000);
    expect(issuer.count("POST /refresh")).toBe(0);
    await clock.advance(MINUTE + 1000);
    expect(issuer.count("POST /refresh")).toBe(1);
  });

  it("again and again, by one tab for all", async () => {
    const { issuer, clock, openTab } = await signedIn();
    for (let i = 0; i < 9; i++) await openTab().auth.ready();
    const before = issuer.count("POST /refresh");
    await clock.advance(10 * 15 * MINUTE);
    const asked = issuer.count("POST /refresh") - before;
    expect(asked).toBeGreaterThanOrEqual(10);
    expect(asked).toBeLessThanOrEqual(12);
  });

  it("a short life is renewed in its last two fifths", async () => {
    const { issuer, clock, openTab } = createFakeBrowser();
    Object.assign(issuer, { lifetimeSeconds: 5 });
    await openTab().auth.login(LOGIN);
    await clock.advance(2900);
    expect(issuer.count("POST /refresh")).toBe(0);
    await clock.advance(1200);
    expect(issuer.count("POST /refresh")).toBe(1);
  });
});

describe("a hidden tab", () => {
  it("rests, so that a session nobody uses can end; and refreshes when it is shown", async () => {
    const { issuer, clock, tab } = await signedIn();
    tab.isVisible = false;
    await clock.advance(24 * 60 * MINUTE);
    expect(issuer.count("POST /refresh")).toBe(0);
    tab.isVisible = true;
    tab.wake();
    await settle();
    expect(issuer.count("POST /refresh")).toBe(1);
  });

  it("refreshes when it needs a token", async () => {
    const { issuer, clock, tab } = await signedIn();
    tab.isVisible = false;
    await clock.advance(24 * 60 * MINUTE);
    expect(await tab.auth.getAccessToken()).toBe("access-2");
    expect(issuer.count("POST /refresh")).toBe(1);
  });
});

describe("a laptop that slept", () => {
  it("finds out within seconds that the clock has jumped, though nothing tells it", async () => {
    const { issuer, clock } = await signedIn();
    clock.sleep(8 * 60 * MINUTE);
    await clock.advance(20_000);
    expect(issuer.count("POST /refresh")).toBe(1);
  });

  it("never hands out a token that has expired meanwhile", async () => {
    const { clock, tab } = await signedIn();
    clock.sleep(8 * 60 * MINUTE);
    expect(await tab.auth.getAccessToken()).toBe("access-2");
  });
});

describe("what happens in the browser without this client", () => {
  it("a sign-in on the issuer's own pages is seen when the page is shown again", async () => {
    const { jar, openTab } = createFakeBrowser();
    const tab = openTab();
    expect((await tab.auth.ready()).status).toBe("signed_out");
    jar.session = { csrfToken: "csrf-elsewhere", generation: 0 };
    tab.wake();
    await settle();
    expect(tab.auth.snapshot()).toEqual({ status: "signed_in", user: ADA, reason: null });
  });

  it("waking up costs no request while all is as it was", async () => {
    const { issuer, tab } = await signedIn();
    for (let i = 0; i < 20; i++) tab.wake();
    await settle();
    expect(issuer.count("POST /refresh")).toBe(0);
  });
});

describe("in the minutes before the end", () => {
  it("a call gets the token at hand at once, and renews it beside", async () => {
    const { clock, tab, issuer } = await signedIn();
    tab.isVisible = false;
    await clock.advance(13.6 * MINUTE);
    expect(await tab.auth.getAccessToken()).toBe("access-1");
    await settle();
    expect(issuer.count("POST /refresh")).toBe(1);
    expect(await tab.auth.getAccessToken()).toBe("access-2");
  });

  it("a call in the last seconds waits for the next one", async () => {
    const { clock, tab } = await signedIn();
    tab.isVisible = false;
    await clock.advance(15 * MINUTE - 5000);
    expect(await tab.auth.getAccessToken()).toBe("access-2");
  });
});

it.each([
  [403, "csrf_failed"],
  [404, "not_found"],
])("a server that refuses to renew (%i %s) is not asked without a pause", async (status, error) => {
  const { issuer, clock } = await signedIn();
  issuer.instead = () => refusal(status, error);
  await clock.advance(14.5 * MINUTE);
  expect(issuer.count("POST /refresh")).toBeGreaterThan(0);
  expect(issuer.count("POST /refresh")).toBeLessThan(20);
  // The session is over here once its token is: then there is nothing left to ask for.
  await clock.advance(5 * MINUTE);
  const asked = issuer.count("POST /refresh");
  await clock.advance(60 * MINUTE);
  expect(issuer.count("POST /refresh")).toBe(asked);
});

it("a closed client asks no more", async () => {
  const { clock, tab, issuer } = await signedIn();
  tab.auth.close();
  await clock.advance(60 * MINUTE);
  expect(issuer.count("POST /refresh")).toBe(0);
});
