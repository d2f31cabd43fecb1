/** What happens between the steps of an exchange, on a real database: another redemption, a change of the user, a death. */
import { describe, expect, it } from "vitest";
import { API, REDIRECT, startOAuth, VERIFIER } from "../../test/code-client.ts";
import { ISSUER, keysOf, START } from "../../test/test-server.ts";
import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { hashOf } from "../sessions/hash-of.ts";
import type { ClaimsHook } from "../tokens/custom-claims.ts";
import { createAccessTokens } from "../tokens/access-token.ts";
import { createIdTokens } from "../tokens/id-token.ts";
import { createRefreshTokens } from "../sessions/refresh-token.ts";
import { systemRandom } from "../random.ts";
import type { Store } from "../stores/store.ts";
import type { GrantDeps } from "./granted-tokens.ts";
import { requireGrantType } from "./granted-tokens.ts";
import { redeemCode } from "./redeem-code.ts";
import { refreshGrant } from "./refresh-grant.ts";

const REFUSED = { code: "invalid_grant" };
const device = { label: "curl", ip: "203.0.113.7", userAgent: null };

/** The steps as they are, on the server's database; `change` puts something between them. */
async function start(
  change: (store: Store) => Partial<{ sessions: Partial<Store["sessions"]>; claims: ClaimsHook }> = () => ({}),
  firstParty = false,
) {
  const started = await startOAuth({}, { firstParty });
  const { path, store, app, newCode, refresh } = started;
  const keyring = await keysOf(path);
  const clock = () => START;
  const { sessions = {}, claims } = change(store);
  const common = { keyring, issuer: ISSUER, lifetimeSeconds: 900, clock };
  const published: unknown[] = [];
  const deps: GrantDeps = {
    oauth: { store: store.oauth, idTokens: createIdTokens(common), clients: store.clients },
    sessions: {
      store: { ...store.sessions, ...sessions },
      keyring,
      refreshTokens: createRefreshTokens(keyring, ISSUER),
      accessTokens: createAccessTokens({ ...common, audience: [API], scopesOfRoles: {}, claims, random: systemRandom }),
      revocations: { publish: (entry) => published.push(entry) },
      policy: { graceSeconds: 10, idleSeconds: 604_800, absoluteSeconds: 2_592_000, rememberSeconds: 7_776_000, binding: "none" },
      clock,
      random: systemRandom,
    },
    users: { store: store.users, audit: store.audit },
    log: store.revocations,
    settings: { audience: [API], issuer: ISSUER },
  };
  const client = requireGrantType((await store.clients.find(app.clientId))!, "authorization_code");
  const redeem = (code: string) =>
    redeemCode(deps, client, { code, codeVerifier: VERIFIER, redirectUri: REDIRECT, resources: [], device, proof: null });
  const kept = async (code: string) => (await store.oauth.codes.find(hashOf(code)))!;
  return { ...started, deps, client, redeem, newCode, kept, refresh, published };
}

describe("refreshGrant", () => {
  it("what cannot be looked up is looked up before the rotation: nothing is used up", async () => {
    const { store, deps, client, redeem, newCode, kept } = await start();
    const code = await newCode();
    const { refreshToken = "" } = await redeem(code);
    const signOns = { ...store.oauth.signOns, findGrant: () => Promise.reject(new Error("down")) };
    const broken = { ...deps, oauth: { ...deps.oauth, store: { ...store.oauth, signOns } } };
    const refresh = { refreshToken, scope: undefined, resources: [], idempotencyKey: null, device, proof: null };
    await expect(refreshGrant(broken, client, refresh)).rejects.toThrow("down");
    expect((await store.sessions.find((await kept(code)).sessionId))?.generation).toBe(0);
    expect(await refreshGrant(deps, client, refresh)).toMatchObject({ idToken: expect.any(String) as unknown });
  });
});

describe("redeemCode", () => {
  it("a replay that overtakes the session's beginning ends it all the same", async () => {
    let replay = async (): Promise<void> => {};
    const { store, redeem, newCode, kept } = await start(({ sessions }) => ({
      sessions: {
        async create(...session) {
          await replay();
          return sessions.create(...session);
        },
      },
    }));
    const code = await newCode();
    replay = () => expect(redeem(code)).rejects.toMatchObject(REFUSED);
    expect(await redeem(code)).toMatchObject({ refreshToken: expect.any(String) as unknown });
    const { sessionId, jti, replayedAt } = await kept(code);
    expect(replayedAt).toBe(START);
    expect(await store.sessions.find(sessionId)).toMatchObject({ revokedAt: START, revokedReason: "code_reused" });
    const log = await store.revocations.entriesAfter(0, 100);
    expect(log.map(({ kind, value }) => [kind, value])).toEqual([["token", jti], ["session", sessionId]]);
  });

  it("a replay is told of once, however often it is tried, at once or later", async () => {
    const { store, redeem, newCode } = await start();
    const code = await newCode();
    await redeem(code);
    const atOnce = await Promise.allSettled(Array.from({ length: 20 }, () => redeem(code)));
    expect(atOnce.every(({ status }) => status === "rejected")).toBe(true);
    for (let i = 0; i < 5; i++) await expect(redeem(code)).rejects.toMatchObject(REFUSED);
    const types = (await store.audit.list({ limit: 20 })).map(({ type }) => type);
    expect(types.filter((type) => type === "code_reused")).toHaveLength(1);
    expect(await store.revocations.entriesAfter(0, 100)).toHaveLength(2);
  });

  it("a replay that broke off is finished by the next one", async () => {
    const outage = { now: false };
    const { store, redeem, newCode, kept } = await start(({ sessions }) => ({
      sessions: {
        async revoke(...revocation) {
          if (outage.now) throw new Error("killed");
          return sessions.revoke(...revocation);
        },
      },
    }));
    const code = await newCode();
    await redeem(code);
    outage.now = true;
    await expect(redeem(code)).rejects.toThrow("killed");
    outage.now = false;
    await expect(redeem(code)).rejects.toMatchObject(REFUSED);
    expect(await store.sessions.find((await kept(code)).sessionId)).toMatchObject({ revokedReason: "code_reused" });
  });

  it("a sign-out everywhere that comes before the session's beginning ends it too", async () => {
    const ended: { server?: { sessions: { revokeAll(userId: string): Promise<boolean> } }; userId?: string } = {};
    const { store, server, userId, redeem, newCode, kept } = await start(({ sessions }) => ({
      sessions: {
        async create(...session) {
          await ended.server?.sessions.revokeAll(ended.userId ?? "");
          return sessions.create(...session);
        },
      },
    }));
    Object.assign(ended, { server, userId });
    const code = await newCode();
    await expect(redeem(code)).rejects.toMatchObject(REFUSED);
    expect(await store.sessions.find((await kept(code)).sessionId)).toMatchObject({ revokedReason: "logout_all" });
    expect(await store.sessions.listLive(userId, START)).toEqual([]);
  });

  it.each(["the user takes the access back", "an operator deletes the client"])(
    "%s while the session begins: it ends",
    async (what) => {
      const meanwhile: { act?: () => Promise<unknown> } = {};
      const { store, server, userId, app, redeem, newCode, kept } = await start(({ sessions }) => ({
        sessions: {
          async create(...session) {
            await meanwhile.act?.();
            return sessions.create(...session);
          },
        },
      }));
      const isDeletion = what.includes("deletes");
      const audit = auditEvent("consent_withdrawn", START, LOCAL_ORIGIN, { userId });
      meanwhile.act = () =>
        isDeletion ? server.clients.delete(app.clientId) : store.oauth.consents.withdraw(userId, app.clientId, audit);
      const code = await newCode();
      await expect(redeem(code)).rejects.toMatchObject(REFUSED);
      const reason = isDeletion ? "client_deleted" : "consent_withdrawn";
      expect(await store.sessions.find((await kept(code)).sessionId)).toMatchObject({ revokedReason: reason });
    },
  );

  it("a code that is gone by the time it is to be redeemed was in no two hands", async () => {
    const meanwhile: { act?: () => Promise<unknown> } = {};
    const { store, userId, app, redeem, newCode } = await start(
      () => ({ claims: async () => (await meanwhile.act?.(), {}) }),
      true,
    );
    meanwhile.act = () =>
      store.oauth.consents.withdraw(userId, app.clientId, auditEvent("consent_withdrawn", START, LOCAL_ORIGIN, { userId }));
    await expect(redeem(await newCode())).rejects.toMatchObject(REFUSED);
    expect((await store.audit.list({ limit: 20 })).map(({ type }) => type)).not.toContain("code_reused");
    expect(await store.revocations.entriesAfter(0, 100)).toEqual([]);
  });

  it("without a session of its own, a sign-out meanwhile leaves no token either", async () => {
    const meanwhile: { act?: () => Promise<unknown> } = {};
    const { server, userId, redeem, newCode } = await start(() => ({ claims: async () => (await meanwhile.act?.(), {}) }), true);
    meanwhile.act = () => server.sessions.revokeAll(userId);
    await expect(redeem(await newCode({ scopes: ["openid"] }))).rejects.toMatchObject(REFUSED);
  });

  it("a user who changes the password or is disabled meanwhile has allowed nothing", async () => {
    const meanwhile: { act?: () => Promise<unknown> } = {};
    const { store, server, userId, redeem, newCode, kept } = await start(() => ({
      claims: async () => {
        await meanwhile.act?.();
        return {};
      },
    }), true);
    const code = await newCode();
    meanwhile.act = () => server.users.disable(userId);
    await expect(redeem(code)).rejects.toMatchObject(REFUSED);
    expect(await store.sessions.find((await kept(code)).sessionId)).toBeNull();
  });

  it("roles that change while the claims hook is asked: the token says what is so at its beginning", async () => {
    const meanwhile: { act?: (() => Promise<unknown>) | undefined } = {};
    const seen: string[][] = [];
    const { server, userId, redeem, newCode } = await start(() => ({
      claims: async ({ roles }) => {
        seen.push([...roles]);
        const { act } = meanwhile;
        meanwhile.act = undefined;
        await act?.();
        return { staff: roles.includes("staff") };
      },
    }), true);
    meanwhile.act = () => server.users.setRoles(userId, ["staff"]);
    const { accessToken } = await redeem(await newCode());
    expect(seen).toEqual([["user"], ["staff"]]);
    expect(JSON.parse(Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString())).toMatchObject({
      staff: true,
      ver: 2,
    });
  });

  it("a server that dies before the session is kept has spent the code and nothing else; a client that comes again is told so", async () => {
    const { store, userId, redeem, newCode, kept } = await start(({ sessions }) => {
      let dies = true;
      return {
        sessions: {
          async create(...session) {
            if (!dies) return sessions.create(...session);
            dies = false;
            throw new Error("killed");
          },
        },
      };
    });
    const code = await newCode();
    await expect(redeem(code)).rejects.toThrow("killed");
    await expect(redeem(code)).rejects.toMatchObject(REFUSED);
    expect(await store.sessions.find((await kept(code)).sessionId)).toBeNull();
    expect(await store.sessions.listLive(userId, START)).toHaveLength(1);
    expect(await redeem(await newCode())).toMatchObject({ refreshToken: expect.any(String) as unknown });
  });
});
