import { describe, expect, it } from "vitest";
import { createFakeBrowser } from "../test/fake-browser.ts";
import type { FakeBrowser, Tab } from "../test/fake-browser.ts";
import { ADA, refusal } from "../test/fake-issuer.ts";
import { settle } from "../test/fake-clock.ts";

const LOGIN = { email: "ada@example.com", password: "correct horse battery staple" };
const MINUTE = 60_000;
const STRANGER = { origin: "https://app.example.com" };

async function signedIn(options = {}): Promise<FakeBrowser & { tab: Tab }> {
  const browser = createFakeBrowser(options);
  const tab = browser.openTab();
  await tab.auth.ready();
  await tab.auth.login(LOGIN);
  return { ...browser, tab };
}

const keyOf = (browser: FakeBrowser, nth: number): string | null | undefined =>
  browser.issuer.received.filter(({ call }) => call === "POST /refresh").at(nth)?.headers.get("Idempotency-Key");

describe("after a reload", () => {
  it("nobody is asked where the page sees that there is no session", async () => {
    const { openTab, issuer } = createFakeBrowser();
    expect(await openTab().auth.ready()).toEqual({ status: "signed_out", user: null, reason: null });
    expect(issuer.received).toEqual([]);
  });

  it("the session is restored by its cookie", async () => {
    const { openTab, issuer } = await signedIn();
    const { auth } = openTab();
    expect(auth.snapshot().status).toBe("restoring");
    expect(await auth.ready()).toEqual({ status: "signed_in", user: ADA, reason: null });
    expect(issuer.count("GET /csrf")).toBe(0);
    expect(issuer.received.at(-1)).toMatchObject({ call: "POST /refresh", credentials: "include", redirect: "error" });
  });

  it("a page of another host asks for the CSRF token it cannot read", async () => {
    const { openTab, issuer } = await signedIn(STRANGER);
    expect((await openTab().auth.ready()).status).toBe("signed_in");
    expect(issuer.received.slice(-2).map(({ call }) => call)).toEqual(["GET /csrf", "POST /refresh"]);
  });

  it("a page of another host learns from the same question that nobody is signed in", async () => {
    const { openTab, issuer } = createFakeBrowser(STRANGER);
    expect(await openTab().auth.ready()).toEqual({ status: "signed_out", user: null, reason: null });
    expect(issuer.received.map(({ call }) => call)).toEqual(["GET /csrf"]);
  });

  it.each([[{}], [STRANGER]])("without network it stays open, until the network is back (%j)", async (options) => {
    const { openTab, issuer, clock } = await signedIn(options);
    issuer.instead = () => Promise.reject(new TypeError("Failed to fetch"));
    const tab = openTab();
    const ready = tab.auth.ready();
    await clock.advance(MINUTE);
    expect(await ready).toEqual({ status: "restoring", user: null, reason: "offline" });
    issuer.instead = null;
    tab.wake();
    await settle();
    expect(tab.auth.snapshot()).toEqual({ status: "signed_in", user: ADA, reason: null });
  });
});

describe("single flight", () => {
  it("everybody who waits in a tab shares one request", async () => {
    const { tab, issuer } = await signedIn();
    await Promise.all(Array.from({ length: 50 }, () => tab.auth.refresh()));
    expect(issuer.count("POST /refresh")).toBe(1);
  });

  it.each([[{}], [STRANGER]])("twenty tabs that open at once share one request and its result (%j)", async (options) => {
    const { openTab, issuer } = await signedIn(options);
    const tabs = Array.from({ length: 20 }, () => openTab());
    const snapshots = await Promise.all(tabs.map(({ auth }) => auth.ready()));
    expect(new Set(snapshots.map(({ status }) => status))).toEqual(new Set(["signed_in"]));
    await settle();
    expect(issuer.count("POST /refresh")).toBe(1);
    const tokens = await Promise.all(tabs.map(({ auth }) => auth.getAccessToken()));
    expect(new Set(tokens).size).toBe(1);
  });

  it.each([
    ["Web Locks", { hasLocks: false }],
    ["channels", { hasChannels: false }],
    ["either", { hasLocks: false, hasChannels: false }],
  ])("without %s every tab is served all the same", async (_, options) => {
    const { openTab } = await signedIn(options);
    const tabs = Array.from({ length: 10 }, () => openTab());
    const snapshots = await Promise.all(tabs.map(({ auth }) => auth.ready()));
    expect(snapshots.every(({ status }) => status === "signed_in")).toBe(true);
  });
});

describe("an answer that gets lost", () => {
  it("is asked for again with the same Idempotency-Key, which then has done its work", async () => {
    const browser = await signedIn();
    const { tab, issuer, clock, notes } = browser;
    issuer.losesAnswers = true;
    const refreshing = tab.auth.refresh();
    await settle();
    issuer.losesAnswers = false;
    await clock.advance(5000);
    await refreshing;
    expect(issuer.count("POST /refresh")).toBe(2);
    expect(keyOf(browser, -1)).toMatch(/^[0-9a-f]{32}$/);
    expect(keyOf(browser, -1)).toBe(keyOf(browser, -2));
    expect([...notes]).toEqual([]);
    await tab.auth.refresh();
    expect(keyOf(browser, -1)).not.toBe(keyOf(browser, -2));
  });

  it("is asked for with the same key even after a reload", async () => {
    const browser = await signedIn();
    const { tab, issuer, openTab } = browser;
    issuer.losesAnswers = true;
    tab.auth.refresh().catch(() => {});
    await settle();
    tab.auth.close();
    issuer.losesAnswers = false;
    expect((await openTab().auth.ready()).status).toBe("signed_in");
    expect(keyOf(browser, -1)).toBe(keyOf(browser, -2));
  });

  it("is not waited for beyond ten seconds", async () => {
    const { tab, issuer, clock } = await signedIn();
    issuer.instead = ({ call }) => (call === "POST /refresh" ? new Promise(() => {}) : undefined);
    const abortable = tab.auth.refresh();
    await settle();
    issuer.instead = null;
    await clock.advance(15_000);
    expect((await abortable).status).toBe("signed_in");
  });
});

describe("offline, and servers in trouble", () => {
  const troubles: [string, () => Response | Promise<Response>, string][] = [
    ["no network", () => Promise.reject(new TypeError("Failed to fetch")), "offline"],
    ["503", () => refusal(503, "unavailable", "store_unavailable", { "Retry-After": "1" }), "unavailable"],
    ["429", () => refusal(429, "too_many_attempts", undefined, { "Retry-After": "1" }), "too_many_attempts"],
    ["500", () => refusal(500, "server_error"), "server_error"],
    ["a hotel's sign-in page", () => new Response("<h1>Welcome</h1>"), "unexpected_answer"],
    ["a proxy's 401", () => new Response("<h1>Unauthorized</h1>", { status: 401 }), "unexpected_answer"],
    ["a proxy's 404", () => new Response("Not found", { status: 404 }), "unexpected_answer"],
    ["half an answer", () => new Response('{"accessToken":"x'), "unexpected_answer"],
  ];

  it.each(troubles)("%s signs nobody out, however long it lasts", async (_, trouble, code) => {
    const { tab, issuer, clock } = await signedIn();
    issuer.instead = trouble;
    await clock.advance(60 * MINUTE);
    expect(tab.auth.snapshot()).toEqual({ status: "signed_in", user: ADA, reason: "offline" });
    const asking = tab.auth.getAccessToken();
    asking.catch(() => {});
    await clock.advance(MINUTE);
    await expect(asking).rejects.toMatchObject({ name: "AuthError", code });

    issuer.instead = null;
    await clock.advance(2 * MINUTE);
    expect(tab.auth.snapshot()).toEqual({ status: "signed_in", user: ADA, reason: null });
    expect(await tab.auth.getAccessToken()).toMatch(/^access-/);
  });

  it("a server is asked again with growing pauses, not in a storm", async () => {
    const { tab, issuer, clock } = await signedIn();
    issuer.instead = () => refusal(503, "unavailable");
    await clock.advance(15 * MINUTE);
    const before = issuer.count("POST /refresh");
    await clock.advance(60 * MINUTE);
    expect(issuer.count("POST /refresh") - before).toBeLessThan(60 * 5);
    expect(tab.auth.snapshot().status).toBe("signed_in");
  });

  it("a server that asks to be left alone is left alone, whoever calls", async () => {
    const { tab, issuer, clock } = await signedIn();
    issuer.instead = () => refusal(503, "unavailable", "overloaded", { "Retry-After": "120" });
    await clock.advance(16 * MINUTE);
    const asked = issuer.count("POST /refresh");
    for (let i = 0; i < 20; i++) await expect(tab.auth.getAccessToken()).rejects.toMatchObject({ code: "unavailable" });
    tab.wake();
    await settle();
    expect(issuer.count("POST /refresh")).toBe(asked);
    issuer.instead = null;
    await clock.advance(3 * MINUTE);
    expect(tab.auth.snapshot().reason).toBeNull();
  });

  it("the token at hand is used as long as it is good", async () => {
    const { tab, issuer, clock } = await signedIn();
    issuer.instead = () => Promise.reject(new TypeError("Failed to fetch"));
    await clock.advance(14.9 * MINUTE);
    const token = tab.auth.getAccessToken();
    await clock.advance(5000);
    expect(await token).toMatch(/^access-/);
  });
});

describe("the end of a session is told with its reason", () => {
  it.each([
    ["session_revoked", "session_revoked"],
    ["refresh_token_reused", "refresh_token_reused"],
    ["session_expired", "expired"],
    ["signature_invalid", "expired"],
  ] as const)("%s as %s", async (ended, reason) => {
    const { tab, issuer } = await signedIn();
    issuer.ended = ended;
    await tab.auth.refresh();
    expect(tab.auth.snapshot()).toEqual({ status: "signed_out", user: null, reason });
    expect(await tab.auth.getAccessToken()).toBeNull();
  });

  it("a cookie that is gone while the token lives: signed out elsewhere in this browser", async () => {
    const { tab, jar } = await signedIn();
    jar.session = null;
    tab.wake();
    await settle();
    expect(tab.auth.snapshot().reason).toBe("signed_out");
  });

  it("a cookie that is gone when the token is long dead: expired", async () => {
    const { tab, jar, clock } = await signedIn();
    jar.session = null;
    clock.sleep(8 * 24 * 60 * MINUTE);
    tab.wake();
    await settle();
    expect(tab.auth.snapshot().reason).toBe("expired");
  });
});

describe("answers that overtake each other", () => {
  it("a refresh that is answered after the sign-out does not sign in again", async () => {
    const { tab, issuer, openTab, clock } = await signedIn({ hasLocks: false });
    const other = openTab();
    await other.auth.ready();
    const { resolve, promise } = Promise.withResolvers<void>();
    issuer.transit = promise;
    const refreshing = other.auth.refresh();
    await settle();
    issuer.transit = null;
    await clock.advance(1000);
    await tab.auth.logout();
    await settle();
    resolve();
    await refreshing;
    await settle();
    expect([tab, other].map(({ auth }) => auth.snapshot().status)).toEqual(["signed_out", "signed_out"]);
  });

  it("a clock that is set back does not make everything that follows look old", async () => {
    const { tab, clock, issuer } = await signedIn();
    clock.sleep(-24 * 60 * MINUTE);
    issuer.user = { ...ADA, roles: ["admin"] };
    await tab.auth.refresh();
    expect(tab.auth.snapshot().user?.roles).toEqual(["admin"]);
  });
});
