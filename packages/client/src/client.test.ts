import { describe, expect, it } from "vitest";
import { createFakeBrowser } from "../test/fake-browser.ts";
import { settle } from "../test/fake-clock.ts";
import { ADA, ISSUER, refusal } from "../test/fake-issuer.ts";
import { createAuthClient } from "./client.ts";

const LOGIN = { email: "ada@example.com", password: "correct horse battery staple" };
const MINUTE = 60_000;
const offline = (): Promise<never> => Promise.reject(new TypeError("Failed to fetch"));

async function twoTabs(options = {}) {
  const browser = createFakeBrowser(options);
  const [one, two] = [browser.openTab(), browser.openTab()];
  await Promise.all([one.auth.ready(), two.auth.ready()]);
  await one.auth.login(LOGIN);
  await settle();
  return { ...browser, one, two };
}

describe("a client that is only made", () => {
  it("does nothing: it can stand at the top of a module, on a server as well", () => {
    const asked: unknown[] = [];
    const auth = createAuthClient({
      issuer: ISSUER,
      fetch: async (...call) => {
        asked.push(call);
        return new Response();
      },
    });
    expect(auth.snapshot()).toEqual({ status: "restoring", user: null, reason: null });
    expect(asked).toEqual([]);
  });

  it.each(["", "/auth", "localhost"])("refuses an issuer that is no URL: %j", (issuer) => {
    expect(() => createAuthClient({ issuer })).toThrow(TypeError);
  });
});

describe("signing in", () => {
  it("is seen by the other tabs, with a token they need not ask for", async () => {
    const { two, issuer } = await twoTabs();
    expect(two.auth.snapshot()).toEqual({ status: "signed_in", user: ADA, reason: null });
    expect(await two.auth.getAccessToken()).toBe("access-1");
    expect(issuer.count("POST /refresh")).toBe(0);
  });

  it("tells what the server refuses, in the words of the error table", async () => {
    const { openTab, issuer } = createFakeBrowser();
    issuer.instead = () => refusal(401, "invalid_credentials");
    await expect(openTab().auth.login(LOGIN)).rejects.toMatchObject({ code: "invalid_credentials", status: 401 });
    issuer.instead = () => refusal(429, "too_many_attempts", undefined, { "Retry-After": "30" });
    await expect(openTab().auth.login(LOGIN)).rejects.toMatchObject({ code: "too_many_attempts", retryAfterSeconds: 30 });
    issuer.instead = offline;
    await expect(openTab().auth.login(LOGIN)).rejects.toMatchObject({ code: "offline" });
  });

  it("up where accounts are concealed signs nobody in: a mail is on its way", async () => {
    const { openTab, issuer } = createFakeBrowser();
    const { auth } = openTab();
    await auth.ready();
    issuer.instead = () => new Response(null, { status: 202 });
    expect(await auth.signup(LOGIN)).toBeNull();
    issuer.instead = null;
    expect(auth.snapshot()).toEqual({ status: "signed_out", user: null, reason: null });
    expect(await auth.getAccessToken()).toBeNull();
  });

  it("by a second step is seen by all tabs, and is no session before", async () => {
    const { openTab, issuer, jar } = createFakeBrowser();
    const [one, two] = [openTab(), openTab()];
    await Promise.all([one.auth.ready(), two.auth.ready()]);
    const wanted = {
      error: "mfa_required",
      error_description: "No.",
      mfaToken: "m1",
      methods: ["otp", "recovery"],
      expiresIn: 600,
    };
    issuer.instead = ({ call }) => (call === "POST /login" ? Response.json(wanted, { status: 401 }) : undefined);
    const refused = await one.auth.login(LOGIN).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "mfa_required", mfaToken: "m1", methods: ["otp", "recovery"] });
    expect(one.auth.snapshot().status).toBe("signed_out");
    issuer.instead = ({ call, body }) => {
      if (call !== "POST /login/second-factor") return undefined;
      expect(body).toEqual({ mfaToken: "m1", code: "123456" });
      return issuer.fetchFor(jar)(`${ISSUER}/login`, { method: "POST", body: JSON.stringify(LOGIN) });
    };
    await one.auth.login({ mfaToken: "m1", code: "123456" });
    await settle();
    expect([one, two].map(({ auth }) => auth.snapshot().status)).toEqual(["signed_in", "signed_in"]);
  });

  it("as somebody else in another tab is followed by all", async () => {
    const { one, two, issuer } = await twoTabs();
    issuer.user = { ...ADA, id: "u2", email: "grace@example.com" };
    await two.auth.login({ ...LOGIN, email: "grace@example.com" });
    await settle();
    expect(one.auth.snapshot().user?.email).toBe("grace@example.com");
    expect(await one.auth.getAccessToken()).toBe(await two.auth.getAccessToken());
  });
});

describe("signing out", () => {
  it("signs all tabs out", async () => {
    const { one, two, jar } = await twoTabs();
    await two.auth.logout();
    await settle();
    expect(one.auth.snapshot()).toEqual({ status: "signed_out", user: null, reason: "signed_out" });
    expect(await one.auth.getAccessToken()).toBeNull();
    expect(jar.session).toBeNull();
  });

  it("everywhere does too", async () => {
    const { one, two } = await twoTabs();
    await two.auth.logoutAll();
    await settle();
    expect(one.auth.snapshot().reason).toBe("signed_out");
  });

  it("of a session that has ended already is no error", async () => {
    const { one, jar } = await twoTabs({ origin: "https://app.example.com" });
    jar.session = null;
    await one.auth.logout();
    expect(one.auth.snapshot().reason).toBe("signed_out");
  });

  it("holds without network: it is told, the session does not come back, and the server hears of it later", async () => {
    const { one, two, issuer, jar, clock, openTab } = await twoTabs();
    issuer.instead = offline;
    await expect(one.auth.logout()).rejects.toMatchObject({ code: "offline" });
    await settle();
    expect([one, two].map(({ auth }) => auth.snapshot().status)).toEqual(["signed_out", "signed_out"]);

    const reloaded = openTab();
    const ready = reloaded.auth.ready();
    await clock.advance(MINUTE);
    expect((await ready).status).toBe("signed_out");
    expect(jar.session).not.toBeNull();

    issuer.instead = null;
    await clock.advance(2 * MINUTE);
    expect(jar.session).toBeNull();
    expect(issuer.count("POST /refresh")).toBe(0);
    expect(reloaded.auth.snapshot().status).toBe("signed_out");
  });

  it("without network is told to the server by the same page, as soon as it can be reached", async () => {
    const { one, issuer, jar, clock } = await twoTabs();
    issuer.instead = offline;
    await one.auth.logout().catch(() => {});
    issuer.instead = null;
    await clock.advance(MINUTE);
    expect(jar.session).toBeNull();
  });

  it("without network can be followed by a sign-in", async () => {
    const { one, issuer } = await twoTabs();
    issuer.instead = offline;
    await one.auth.logout().catch(() => {});
    issuer.instead = null;
    await one.auth.login(LOGIN);
    expect((await one.auth.refresh()).status).toBe("signed_in");
  });
});

describe("a page of another host", () => {
  it("takes the CSRF token from answers, and asks again when it no longer fits", async () => {
    const { one, jar, issuer } = await twoTabs({ origin: "https://app.example.com" });
    await one.auth.refresh();
    // Somebody signed in on the hosted pages meanwhile, which this page cannot see.
    jar.session = { csrfToken: "csrf-elsewhere", generation: 0 };
    expect((await one.auth.refresh()).status).toBe("signed_in");
    expect(issuer.received.slice(-3).map(({ call }) => call)).toEqual(["POST /refresh", "GET /csrf", "POST /refresh"]);
  });

  it("that the server does not let in is signed out, and told why when it signs in", async () => {
    const { openTab, issuer } = createFakeBrowser({ origin: "https://stranger.example" });
    issuer.instead = () => refusal(403, "csrf_failed");
    const { auth } = openTab();
    expect(await auth.ready()).toEqual({ status: "signed_out", user: null, reason: null });
    await expect(auth.login(LOGIN)).rejects.toMatchObject({ code: "csrf_failed" });
  });
});

describe("a page without an origin, such as a file", () => {
  it("sends the token to the issuer and to no other file", async () => {
    const { openTab, issuer } = createFakeBrowser({ origin: "null" });
    const { auth } = openTab();
    await auth.login(LOGIN);
    issuer.instead = ({ headers }) => new Response(headers.get("Authorization") ?? "nothing");
    expect(await (await auth.fetch(`${ISSUER}/x`)).text()).toBe("Bearer access-1");
    expect(await (await auth.fetch("file:///etc/hosts")).text()).toBe("nothing");
  });
});

describe("a request that was under way while the token was renewed", () => {
  it("is sent again with the new one, without asking for a third", async () => {
    const { one, issuer } = await twoTabs();
    issuer.instead = async ({ call, headers }) => {
      if (call !== "GET /orders") return undefined;
      if (headers.get("Authorization") !== "Bearer access-1") return new Response("orders");
      await one.auth.refresh();
      return refusal(401, "invalid_token", "token_stale");
    };
    expect(await (await one.auth.fetch(`${ISSUER}/orders`)).text()).toBe("orders");
    expect(issuer.count("POST /refresh")).toBe(1);
  });
});

describe("tabs that keep their sessions in storages of their own", () => {
  it("do not mix", async () => {
    const { openTab } = createFakeBrowser();
    const [one, two] = [openTab({ delivery: "body" }), openTab({ delivery: "body" })];
    await one.auth.login(LOGIN);
    await settle();
    expect((await two.auth.ready()).status).toBe("signed_out");
  });
});

describe("the account", () => {
  it("a changed name is shown, in the other tabs as well", async () => {
    const { one, two } = await twoTabs();
    await one.auth.updateUser({ name: "Countess" });
    await settle();
    expect(two.auth.snapshot().user?.name).toBe("Countess");
  });

  it("a changed password brings a new access token", async () => {
    const { one } = await twoTabs();
    await one.auth.changePassword({ currentPassword: "a", newPassword: "b" });
    expect(await one.auth.getAccessToken()).toBe("access-2");
  });

  it("devices are listed and signed out by the server's API", async () => {
    const { one, issuer } = await twoTabs();
    expect(await one.auth.listSessions()).toEqual([]);
    await one.auth.revokeSession("a/b");
    expect(issuer.received.at(-1)?.call).toBe("DELETE /sessions/a%2Fb");
  });

  it("nobody signed in has none", async () => {
    const { openTab } = createFakeBrowser();
    await expect(openTab().auth.listSessions()).rejects.toMatchObject({ code: "signed_out" });
  });
});

describe("snapshots", () => {
  it("stay the same object until something changes, and cannot be changed", async () => {
    const { one } = await twoTabs();
    const before = one.auth.snapshot();
    let calls = 0;
    one.auth.subscribe(() => calls++);
    await one.auth.refresh();
    expect(one.auth.snapshot()).toBe(before);
    expect(calls).toBe(0);
    expect(Object.isFrozen(before)).toBe(true);
  });

  it("a subscriber hears of each change until it ends it", async () => {
    const { one } = await twoTabs();
    const heard: string[] = [];
    const stop = one.auth.subscribe(() => heard.push(one.auth.snapshot().status));
    await one.auth.logout();
    await one.auth.login(LOGIN);
    stop();
    await one.auth.logout();
    expect(heard).toEqual(["signed_out", "signed_in"]);
  });
});

describe("no token is kept where scripts, people or logs find it", () => {
  it("the notes that outlive a page hold an Idempotency-Key and nothing else", async () => {
    const { one, notes, issuer } = await twoTabs();
    issuer.losesAnswers = true;
    one.auth.refresh().catch(() => {});
    await settle();
    expect([...notes.keys()]).toEqual([`ostiary ${ISSUER} refresh`]);
    expect([...notes.values()].join()).toMatch(/^[0-9a-f]{32}$/);
  });
});
