import { describe, expect, it } from "vitest";
import { createFakeIssuer, ISSUER } from "../test/fake-issuer.ts";
import { createAuthClient } from "./client.ts";
import { memoryStorage } from "./token-storage.ts";

const LOGIN = { email: "ada@example.com", password: "correct horse battery staple" };

/** Apps that are no browsers: as they are in Node, with real time. */
function createApp() {
  const issuer = createFakeIssuer();
  const storage = memoryStorage();
  const start = () =>
    createAuthClient({ issuer: ISSUER, delivery: "body", storage, fetch: issuer.fetchFor({ session: null }) });
  return { issuer, storage, start };
}

describe("an app that keeps its session in a storage", () => {
  it("goes on where it was when it is started again", async () => {
    const { start, issuer, storage } = createApp();
    await start().login(LOGIN);
    expect((await start().ready()).user?.email).toBe(LOGIN.email);
    expect(JSON.parse((await storage.load()) ?? "")).toEqual({ refreshToken: "csrf-1.1" });
    expect(issuer.received.every(({ credentials }) => credentials === "omit")).toBe(true);
  });

  it("is signed out where the storage is empty, or holds what nobody understands", async () => {
    for (const text of [null, "", "no JSON", "{}", "[]", '{"refreshToken":1}']) {
      const { start, storage, issuer } = createApp();
      await storage.save(text);
      expect(await start().ready()).toEqual({ status: "signed_out", user: null, reason: null });
      expect(issuer.received).toEqual([]);
    }
  });

  it("asks for a lost answer with the same key, even when it was ended in between", async () => {
    const { start, issuer, storage } = createApp();
    await start().login(LOGIN);
    issuer.losesAnswers = true;
    void start().ready();
    await expect.poll(() => issuer.count("POST /refresh")).toBeGreaterThan(0);
    const key = issuer.received.at(-1)?.headers.get("Idempotency-Key");
    expect(JSON.parse((await storage.load()) ?? "")).toEqual({ refreshToken: "csrf-1.0", key });
    issuer.losesAnswers = false;
    expect((await start().ready()).status).toBe("signed_in");
    const keys = issuer.received
      .filter(({ call }) => call === "POST /refresh")
      .map(({ headers }) => headers.get("Idempotency-Key"));
    expect(new Set(keys)).toEqual(new Set([key]));
  });

  it("has nothing left after signing out", async () => {
    const { start, storage } = createApp();
    const auth = start();
    await auth.login(LOGIN);
    await auth.logout();
    expect(await storage.load()).toBeNull();
    expect((await start().ready()).status).toBe("signed_out");
  });

  it("does not come back after signing out without network", async () => {
    const { start, issuer, storage } = createApp();
    const auth = start();
    await auth.login(LOGIN);
    issuer.instead = () => Promise.reject(new TypeError("fetch failed"));
    await expect(auth.logout()).rejects.toMatchObject({ code: "offline" });
    issuer.instead = null;
    expect((await start().ready()).status).toBe("signed_out");
    expect(await storage.load()).toBeNull();
    expect(issuer.count("POST /logout")).toBeGreaterThan(1);
  });

  it("is told of a theft, and keeps nothing of the session", async () => {
    const { start, issuer, storage } = createApp();
    await start().login(LOGIN);
    issuer.ended = "refresh_token_reused";
    expect((await start().ready()).reason).toBe("refresh_token_reused");
    expect(await storage.load()).toBeNull();
  });

  it("is not signed out by a storage that fails for a while", async () => {
    const { start, storage } = createApp();
    await start().login(LOGIN);
    const text = await storage.load();
    storage.load = () => Promise.reject(new Error("The keychain is locked."));
    const auth = start();
    expect((await auth.ready()).status).toBe("restoring");
    await expect(auth.getAccessToken()).rejects.toThrow("The keychain is locked.");
    storage.load = () => text;
    expect((await auth.ready()).status).toBe("signed_in");
  });

  it("keeps the newer session where another process has signed in, and goes on with it", async () => {
    const { start, issuer, storage } = createApp();
    await start().login(LOGIN);
    const { promise, resolve } = Promise.withResolvers<void>();
    issuer.transit = promise;
    const slow = start();
    const ready = slow.ready();
    await expect.poll(() => issuer.count("POST /refresh")).toBe(1);
    issuer.transit = null;
    await start().login(LOGIN);
    resolve();
    expect((await ready).status).toBe("signed_in");
    expect(JSON.parse((await storage.load()) ?? "")).toEqual({ refreshToken: "csrf-2.1" });
    expect(await slow.getAccessToken()).not.toBeNull();
  });

  it("two of one process do not mix, though they have the same issuer", async () => {
    const [one, two] = [createApp().start(), createApp().start()];
    await one.login(LOGIN);
    expect((await two.ready()).status).toBe("signed_out");
  });
});
