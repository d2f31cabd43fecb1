import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { createSigner } from "@ostiary/jwt";
import { registerApp, sameStore } from "../../test/oauth-client.ts";
import { PageClient } from "../../test/page-client.ts";
import { ISSUER, keysOf, MINUTE, START, startSignedIn, temporaryFile } from "../../test/test-server.ts";
import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { hashOf } from "../sessions/hash-of.ts";
import type { Session } from "../sessions/session.ts";
import { systemRandom } from "../random.ts";

/** Ada, who has let two apps in: each has a session of its own, and a token of her browser's. */
async function withApps() {
  const path = temporaryFile();
  const { server, client, tokens } = await startSignedIn({ databaseUrl: `sqlite:${path}` });
  const store = await sameStore(path);
  const keys = await keysOf(path);
  const userId = tokens.user.id;
  const [own] = await store.sessions.listLive(userId, START);
  if (own === undefined) throw new Error("She is not signed in.");
  const { passwordHash } = (await store.users.find(userId)) ?? { passwordHash: "" };
  const sign = createSigner({
    key: keys.accessKey,
    type: "at+jwt",
    issuer: ISSUER,
    audience: ISSUER,
    expiresInSeconds: 900,
    clock: () => START,
  });
  const tokenOf = (clientId: string, sid: string, jti: string, sub = userId): string =>
    sign({ sub, jti, client_id: clientId, sid, ver: 1, scope: "", roles: [] });
  const isGood = (token: string) => server.guard.verify(token).then(() => true, () => false);

  async function letIn(name: string) {
    const app = await registerApp(server, { grantTypes: ["authorization_code", "refresh_token", "client_credentials"] }, name);
    const { clientId } = app;
    await store.oauth.consents.allow(
      userId,
      clientId,
      ["openid", "email"],
      START,
      auditEvent("consent_given", START, LOCAL_ORIGIN, { userId }),
    );
    const session: Session = {
      ...own!,
      id: systemRandom.uuid(),
      clientId,
      scope: "openid email offline_access",
      device: { label: name, ip: null, userAgent: null },
    };
    await store.sessions.create(session, passwordHash, auditEvent("app_session_began", START, LOCAL_ORIGIN, { userId }));
    const code = { hash: hashOf(clientId), clientId, userId, signOnId: own!.id, sessionId: systemRandom.uuid(), jti: `jti-${clientId}`, redirectUri: "https://shop.example/callback", codeChallenge: "c", scopes: ["openid"], resources: [], nonce: null, proofKey: null, createdAt: START, expiresAt: START + MINUTE };
    await store.oauth.codes.keep({ ...code, redeemedAt: START });
    await store.oauth.codes.keep({ ...code, hash: hashOf(`waiting ${clientId}`), redeemedAt: null });
    return {
      ...app,
      session,
      /** Of its own session, of the browser's, and of nobody's. */
      held: [
        tokenOf(clientId, session.id, "a"),
        tokenOf(clientId, own!.id, code.jti),
        tokenOf(clientId, clientId, "c", clientId),
      ] as const,
      hasWaitingCode: async () => (await store.oauth.codes.find(hashOf(`waiting ${clientId}`))) !== null,
    };
  }
  const [shop, news] = [await letIn("Shop"), await letIn("News <b>")];
  const good = async (tokensOf: readonly string[]) => Promise.all(tokensOf.map(isGood));
  return { server, client, tokens, store, shop, news, good, page: new PageClient(server, client.jar), isGood };
}

describe("a client that is deleted", () => {
  it("has nothing left at any guard: not of sessions of its own, of its users' browsers, or of itself", async () => {
    const { server, tokens, store, shop, news, good, isGood } = await withApps();
    expect(await good(shop.held)).toEqual([true, true, true]);
    await server.clients.delete(shop.clientId);
    expect(await good(shop.held)).toEqual([false, false, false]);
    expect(await good(news.held)).toEqual([true, true, true]);
    expect(await isGood(tokens.accessToken)).toBe(true);
    expect((await store.sessions.find(shop.session.id))?.revokedReason).toBe("client_deleted");
    expect(await server.clients.find(shop.clientId)).toBeNull();
  });

  it("takes along what users have allowed it, and codes that wait", async () => {
    const { server, store, tokens, shop, news } = await withApps();
    await server.clients.delete(shop.clientId);
    expect([await shop.hasWaitingCode(), await news.hasWaitingCode()]).toEqual([false, true]);
    expect((await store.oauth.consents.list(tokens.user.id)).map(({ clientId }) => clientId)).toEqual([news.clientId]);
  });

  it("leaves nothing if it was deleted by a process that came no further", async () => {
    const { server, store, shop, good } = await withApps();
    await store.clients.delete(shop.clientId, {
      audit: auditEvent("client_deleted", START, LOCAL_ORIGIN, {}),
      revocation: () => null,
    });
    expect(await server.clients.delete(shop.clientId)).toBeNull();
    expect(await good(shop.held.slice(0, 2))).toEqual([false, false]);
  });

  it("and was a guard only leaves the log as it is", async () => {
    const { server, store } = await withApps();
    const { clientId } = await server.clients.create({ name: "API", guard: true });
    const entries = await store.revocations.entriesAfter(0, 100);
    await server.clients.delete(clientId);
    expect(await store.revocations.entriesAfter(0, 100)).toEqual(entries);
  });
});

describe("the account page", () => {
  it("shows which apps have access, to what, and no app among the devices", async () => {
    const { page, server, store, tokens, shop } = await withApps();
    const { text } = await page.get("/account");
    const [, devices = "", apps = ""] = /id="devices"([\s\S]*)id="apps"([\s\S]*)/.exec(text) ?? [];
    expect(devices).not.toMatch(/Shop|News/);
    expect(apps).toContain("<strong>Shop</strong>");
    expect(apps).toContain("<strong>News &lt;b&gt;</strong>");
    expect(apps).toContain("Has access to: your e-mail address<");
    // Also one that was allowed and holds nothing at the moment; not one that is gone.
    await server.sessions.revoke(shop.session.id);
    await store.oauth.consents.allow(
      tokens.user.id,
      "gone",
      ["openid"],
      START,
      auditEvent("consent_given", START, LOCAL_ORIGIN, {}),
    );
    expect((await page.get("/account")).text.match(/class="task-withdraw"/g)).toHaveLength(2);
    const korean = await page.get("/account?ui_locales=ko");
    expect(korean.text).toContain("접근 권한이 있는 앱");
    expect(korean.text).toContain("이메일 주소");
  });

  it("takes an app's access away, at once and everywhere, and leaves all others theirs", async () => {
    const { page, server, store, tokens, shop, news, good, isGood } = await withApps();
    const answer = await page.submit("/account", { task: "withdraw", client: shop.clientId });
    expect(answer.location).toBe("/auth/account?notice=access-withdrawn");
    expect((await page.get("/account?notice=access-withdrawn")).text).toContain("The app no longer has access");
    expect(await good(shop.held)).toEqual([false, false, true]);
    expect(await shop.hasWaitingCode()).toBe(false);
    expect(await store.oauth.consents.find(tokens.user.id, shop.clientId)).toEqual([]);
    expect(await good(news.held)).toEqual([true, true, true]);
    expect(await news.hasWaitingCode()).toBe(true);
    expect(await isGood(tokens.accessToken)).toBe(true);
    const types = (await server.audit.list({ userId: tokens.user.id, limit: 3 })).map(({ type }) => type);
    expect(types).toEqual(["token_revoked", "session_revoked", "consent_withdrawn"]);
    expect((await store.sessions.find(shop.session.id))?.revokedReason).toBe("consent_withdrawn");
  });

  it("never ends the browser's own session that way, nor anything by a form of another's", async () => {
    const { page, client, tokens, shop, good } = await withApps();
    for (const clientId of [FIRST_PARTY_CLIENT_ID, "", "nobody", "\0"]) {
      expect((await page.submit("/account", { task: "withdraw", client: clientId })).status).toBe(303);
    }
    expect((await client.me(tokens.accessToken)).status).toBe(200);
    expect((await page.post("/account", { task: "withdraw", client: shop.clientId })).status).toBe(400);
    expect(await good(shop.held)).toEqual([true, true, true]);
  });

  it("signs out other devices, and no app", async () => {
    const { page, shop, good } = await withApps();
    await page.submit("/account", { task: "end-others" });
    expect(await good(shop.held)).toEqual([true, true, true]);
    await page.submit("/account", { task: "end-all" });
    expect((await good(shop.held)).slice(0, 2)).toEqual([false, false]);
  });
});
