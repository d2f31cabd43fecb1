/** What a key of the browser adds to either way of signing in; in the world of the redirect tests, for they take the same. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { call } from "../call.ts";
import { newPerson, shows, signUp, snapshotOf } from "./browser-tests.ts";
import { arrivalOf, newUser, signInByRedirect } from "./redirect-tests.ts";
import type { RedirectWorld } from "./redirect-tests.ts";

/** Everything that a script of the app's origin can find in its database, as far as it can be read. */
function stored(page: Page): Promise<Record<string, unknown>> {
  return page.evaluate(async () => {
    const request = indexedDB.open("ostiary");
    await new Promise((resolve) => request.addEventListener("success", resolve));
    const store = request.result.transaction("kept").objectStore("kept");
    const [keys, values] = [store.getAllKeys(), store.getAll()];
    await new Promise((resolve) => values.addEventListener("success", resolve));
    const entries: [string, unknown][] = [];
    for (const [index, name] of keys.result.entries()) {
      const value: unknown = values.result[index];
      const pair = value as CryptoKeyPair;
      entries.push([
        typeof name === "string" ? name : "",
        typeof value === "string" ? value : await window.outcome(() => crypto.subtle.exportKey("jwk", pair.privateKey)),
      ]);
    }
    return Object.fromEntries(entries);
  });
}

export function keyTests(world: () => RedirectWorld): void {
  const get = (page: Page, path: string, how: "as it should be" | "Bearer" | "no proof" = "as it should be"): Promise<unknown> =>
    page.evaluate(
      async ({ url, scheme }) => {
        if (scheme === "as it should be") return window.outcome(async () => (await window.auth.fetch(url)).status);
        const token = await window.auth.getAccessToken();
        const Authorization = `${scheme === "Bearer" ? "Bearer" : "DPoP"} ${token ?? ""}`;
        return window.outcome(async () => (await fetch(url, { headers: { Authorization } })).status);
      },
      { url: world().front.issuer + path, scheme: how },
    );

  describe("an app on another site, with a key of its browser", () => {
    it("stays signed in over a reload and in every tab, with one session, until it signs out", async () => {
      const { newContext, openApp, front } = world();
      const context = await newContext();
      const page = await openApp(context, "/", { dpop: "" });
      const email = await newUser(world());
      await signInByRedirect(world(), page, email, { returnTo: "/home" });
      await shows(page, "signed_in");
      expect(await arrivalOf(page)).toBe("/home");
      expect(await get(page, "/oauth/userinfo")).toBe(200);
      expect([await get(page, "/oauth/userinfo", "Bearer"), await get(page, "/oauth/userinfo", "no proof")]).toEqual([401, 401]);

      await page.reload();
      await shows(page, "signed_in");
      const other = await openApp(context, "/", { dpop: "" });
      await shows(other, "signed_in");
      expect(await snapshotOf(other)).toMatchObject({ user: { email } });
      // Both at the same moment: one asks, the other has its answer, and both go on with one refresh token.
      for (let times = 0; times < 2; times++) {
        await Promise.all([page, other].map((tab) => tab.evaluate(() => window.app.refresh())));
      }
      expect([await get(page, "/oauth/userinfo"), await get(other, "/oauth/userinfo")]).toEqual([200, 200]);
      // Many at once, none of which has seen this server's nonce.
      expect(await other.evaluate(
        (url) => Promise.all(Array.from({ length: 10 }, async () => (await window.app.fetch(url)).status)),
        `${front.issuer}/oauth/userinfo`,
      )).toEqual(Array.from({ length: 10 }, () => 200));
      expect(
        await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])),
      ).not.toMatch(/ey\w+\./);

      await other.evaluate(() => window.app.logout());
      for (const tab of [page, other]) await shows(tab, "signed_out");
      await page.reload();
      await shows(page, "signed_out");
    });

    it("a script that copies all there is gets neither the key nor tokens that are good without it, and the owner goes on", async () => {
      const { newContext, openApp, clientId, front } = world();
      const page = await openApp(await newContext(), "/", { dpop: "" });
      await signInByRedirect(world(), page, await newUser(world()));
      await shows(page, "signed_in");
      const kept = await stored(page);
      const texts = Object.entries(kept).map(
        ([name, value]) => [name, typeof value === "string" && value.startsWith("InvalidAccessError")] as const,
      );
      expect(texts.filter(([, isKey]) => isKey).map(([name]) => name)).toEqual(["ostiary"]);
      const { refreshToken } = JSON.parse(
        String(Object.values(kept).find((value) => String(value).includes("refreshToken"))),
      ) as { refreshToken: string };

      const thief = await openApp(await newContext(), "/", { dpop: "" });
      const steal = (DPoP: string | null): Promise<unknown> =>
        thief.evaluate(
          async ({ url, client_id, refresh_token, proof }) => {
            const body = new URLSearchParams({ grant_type: "refresh_token", client_id, refresh_token });
            const headers: HeadersInit = proof === null ? {} : { DPoP: proof };
            const response = await fetch(url, { method: "POST", body, headers });
            return [response.status, ((await response.json()) as { error: string }).error];
          },
          { url: `${front.issuer}/oauth/token`, client_id: clientId, refresh_token: refreshToken, proof: DPoP },
        );
      expect(await steal(null)).toEqual([400, "invalid_grant"]);
      // By a key of the thief's own, with the nonce that the server asks for.
      const over = await thief.evaluate(
        async ({ issuer, client_id, refresh_token }) => {
          const body = new URLSearchParams({ grant_type: "refresh_token", client_id, refresh_token });
          const proven = window.dpop.over((...request) => fetch(...request), issuer);
          return ((await (await proven(`${issuer}/oauth/token`, { method: "POST", body })).json()) as { error: string }).error;
        },
        { issuer: front.issuer, client_id: clientId, refresh_token: refreshToken },
      );
      expect(over).toBe("invalid_grant");
      expect(await page.evaluate(async () => (await window.app.refresh()).status)).toBe("signed_in");
      expect(await get(page, "/oauth/userinfo")).toBe(200);
    });
  });

  describe("sign-in by password, with a key of its browser", () => {
    it("is bound: reload, tabs, requests; a stolen cookie jar refreshes nothing, ends nothing, and the owner goes on", async () => {
      const { newContext, openApp, app, front } = world();
      const context = await newContext();
      const page = await openApp(context, "/", { password: "" }, app);
      await signUp(page, newPerson());
      await shows(page, "signed_in");
      expect([await get(page, "/me"), await get(page, "/me", "Bearer"), await get(page, "/me", "no proof")]).toEqual([
        200, 401, 401,
      ]);
      expect(await page.evaluate(async () => (await window.auth.updateUser({ name: "Ada" })).name)).toBe("Ada");

      const jar = await context.cookies(`${front.issuer}/`);
      const cookie = jar.map(({ name, value }) => `${name}=${value}`).join("; ");
      const csrf = jar.find(({ name }) => name === "ostiary_csrf")?.value ?? "";
      const stolen = await call("POST", `${front.issuer}/refresh`, { headers: { cookie, origin: app, "x-csrf-token": csrf } });
      expect([stolen.status, stolen.body.error]).toEqual([401, "invalid_dpop_proof"]);

      await page.reload();
      await shows(page, "signed_in");
      const other = await openApp(context, "/", { password: "" }, app);
      await shows(other, "signed_in");
      expect(await get(other, "/me")).toBe(200);
      await other.evaluate(() => window.auth.logout());
      await shows(page, "signed_out");
    });
  });
}
