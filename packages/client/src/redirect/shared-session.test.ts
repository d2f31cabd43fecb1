import { describe, expect, it } from "vitest";
import { settle } from "../../test/fake-clock.ts";
import { comeBack, createFakeOAuth } from "../../test/fake-oauth.ts";
import type { AppTab, FakeOAuth } from "../../test/fake-oauth.ts";
import { ISSUER } from "../../test/fake-issuer.ts";
import { createDpop } from "../dpop/dpop.ts";

/** Longer than a tab waits for its turn, and shorter than it waits for an answer. */
const PATIENCE_MS = 4000;

/** Tabs that share a key share the storage beside it, and the session in it. */
async function signedIn() {
  const oauth = createFakeOAuth();
  const dpop = createDpop();
  const storage = dpop.storage(`ostiary ${ISSUER} app`);
  const tab = await comeBack(oauth, { dpop });
  await tab.auth.handleRedirect();
  const kept = async (): Promise<unknown> => JSON.parse((await storage.load()) ?? "null");
  return { oauth, dpop, tab, kept };
}

/** The answers to what is asked from now on, and to nothing that is asked after that, are late. */
async function held<T>(oauth: FakeOAuth, ask: () => Promise<T>) {
  const { promise, resolve } = Promise.withResolvers<void>();
  oauth.transit = promise;
  const result = ask();
  await oauth.clock.advance(PATIENCE_MS);
  oauth.transit = null;
  const arrive = async (): Promise<T> => {
    resolve();
    const value = await result;
    await settle();
    return value;
  };
  return { arrive };
}

const statuses = (...tabs: AppTab[]): string[] => tabs.map(({ auth }) => auth.snapshot().status);

describe("tabs that take each other's turn, for being slow", () => {
  it("a refresh of the session before does not take the place of a new one", async () => {
    const { oauth, dpop, tab, kept } = await signedIn();
    const other = await comeBack(oauth, { dpop });
    const exchange = await held(oauth, () => other.auth.handleRedirect());
    const refresh = await held(oauth, () => tab.auth.refresh());
    await exchange.arrive();
    await refresh.arrive();
    expect(await kept()).toEqual({ refreshToken: "s2.0" });
    await other.auth.refresh();
    expect(await kept()).toEqual({ refreshToken: "s2.1" });
    await tab.auth.refresh();
    expect(statuses(tab, other)).toEqual(["signed_in", "signed_in"]);
  });

  it("nor does the news that the session before has ended end the new one", async () => {
    const { oauth, dpop, tab, kept } = await signedIn();
    const other = await comeBack(oauth, { dpop });
    const exchange = await held(oauth, () => other.auth.handleRedirect());
    const { promise, resolve } = Promise.withResolvers<null>();
    oauth.intercept = ({ form }) => (form["refresh_token"] === "s1.0" ? promise : null);
    const refreshing = tab.auth.refresh();
    await oauth.clock.advance(PATIENCE_MS);
    await exchange.arrive();
    resolve(null);
    await refreshing;
    await settle();
    expect(oauth.count("/oauth/revoke")).toBe(1);
    expect(await kept()).toEqual({ refreshToken: "s2.0" });
    expect(statuses(tab, other)).toEqual(["signed_in", "signed_in"]);
  });

  it("a refresh that is answered after the sign-out leaves nothing behind", async () => {
    const { oauth, dpop, tab, kept } = await signedIn();
    const other = oauth.openApp({ dpop });
    await other.auth.ready();
    await settle();
    const refresh = await held(oauth, () => tab.auth.refresh());
    const leaving = other.auth.logout();
    await oauth.clock.advance(PATIENCE_MS);
    await leaving;
    await refresh.arrive();
    expect(await kept()).toBeNull();
    expect(statuses(tab, other)).toEqual(["signed_out", "signed_out"]);
    expect(tab.auth.snapshot().reason).toBe("signed_out");
  });

  it("a sign-out ends what has been renewed in the meantime", async () => {
    const { oauth, dpop, tab, kept } = await signedIn();
    const other = oauth.openApp({ dpop });
    await other.auth.ready();
    await settle();
    const refresh = await held(oauth, () => tab.auth.refresh());
    const leaving = await held(oauth, () => other.auth.logout());
    await refresh.arrive();
    await leaving.arrive();
    expect(await kept()).toBeNull();
    expect(statuses(tab, other)).toEqual(["signed_out", "signed_out"]);
  });

  it("nor after a sign-out that the issuer could not be told of", async () => {
    const { oauth, dpop, tab, kept } = await signedIn();
    const other = oauth.openApp({ dpop });
    await other.auth.ready();
    await settle();
    const refresh = await held(oauth, () => tab.auth.refresh());
    oauth.intercept = () => Promise.reject(new TypeError("Failed to fetch"));
    const leaving = other.auth.logout().catch((error: unknown) => error);
    await oauth.clock.advance(PATIENCE_MS);
    expect(await leaving).toMatchObject({ code: "offline" });
    await refresh.arrive();
    expect(await kept()).toEqual({ refreshToken: "s1.2", abandoned: true });
    expect(statuses(tab, other)).toEqual(["signed_out", "signed_out"]);
    oauth.intercept = null;
    expect((await oauth.openApp({ dpop }).auth.ready()).status).toBe("signed_out");
    expect(await kept()).toBeNull();
  });

  it("a sign-in ends the session before as it is by then", async () => {
    const { oauth, dpop, tab, kept } = await signedIn();
    const other = await comeBack(oauth, { dpop });
    const exchange = await held(oauth, () => other.auth.handleRedirect());
    const refresh = await held(oauth, () => tab.auth.refresh());
    await refresh.arrive();
    expect(await kept()).toEqual({ refreshToken: "s1.1" });
    await exchange.arrive();
    expect(oauth.received.find(({ path }) => path === "/oauth/revoke")?.form["token"]).toBe("s1.1");
    expect(await kept()).toEqual({ refreshToken: "s2.0" });
  });
});

describe("a session that ends with its access token, for want of a refresh token", () => {
  it("goes on when another tab is opened, which finds nothing", async () => {
    const { oauth, dpop, tab } = await signedIn();
    oauth.offline = false;
    const online = await comeBack(oauth, { dpop, scope: "openid" });
    await online.auth.handleRedirect();
    const opened = oauth.openApp({ dpop, scope: "openid" });
    expect((await opened.auth.ready()).status).toBe("signed_out");
    await settle();
    expect(statuses(tab, online)).toEqual(["signed_in", "signed_in"]);
    await online.auth.logout();
    await settle();
    expect(tab.auth.snapshot().reason).toBe("signed_out");
  });
});
