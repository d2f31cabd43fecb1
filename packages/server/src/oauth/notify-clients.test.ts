import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";
import { MINUTE, PASSWORD, SECOND, startSignedIn, startTestServer, temporaryFile, TestClient } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";
import { startListening } from "../../test/listening-server.ts";
import { registerApp, sameStore, sidOf, startReceiver } from "../../test/oauth-client.ts";
import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { Client } from "../clients/client.ts";
import { PageClient } from "../../test/page-client.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { revokeSession } from "../sessions/revoke.ts";
import type { Store } from "../stores/store.ts";
import { notifyClients } from "./notify-clients.ts";
import type { Notifier } from "./notify-clients.ts";
import type { LogoutNotice } from "./oauth-store.ts";
import { createFetchPublic } from "../fetching/fetch-public.ts";
import { createSendLogoutToken } from "./send-logout-token.ts";
import type { SendLogoutToken } from "./send-logout-token.ts";

const STRANGER = { selfRegistered: { way: "request", ip: null, tokenHash: null, said: {}, readAt: null, usedAt: null } } as const;
const FAR = Date.parse("2030-01-01T00:00:00Z");

/** Ada, signed in to an app that wants to be told when that ends. */
async function signedInToApp() {
  const databaseUrl = temporaryFile();
  const receiver = await startReceiver();
  const { server, client, tokens } = await startSignedIn({ databaseUrl: `sqlite:${databaseUrl}`, rotationGrace: 0 });
  const app = await registerApp(server, { backchannelLogoutUri: receiver.uri });
  const store = await sameStore(databaseUrl);
  const sid = sidOf(tokens.accessToken);
  await store.oauth.signOns.note({ signOnId: sid, clientId: app.clientId, userId: tokens.user.id, expiresAt: FAR });
  return { server, client, tokens, receiver, app, store, sid };
}

describe("the logout token", () => {
  it("checklist 88: is what the specification says: typ, events, sub and sid, its own jti, a short life, and no nonce", async () => {
    const receiver = await startReceiver();
    const databaseUrl = temporaryFile();
    const server = await startListening({ databaseUrl: `sqlite:${databaseUrl}` });
    const client = new TestClient(server);
    const { accessToken, user } = await client.signup();
    const app = await registerApp(server, { backchannelLogoutUri: receiver.uri });
    const store = await sameStore(databaseUrl);
    await store.oauth.signOns.note({ signOnId: sidOf(accessToken), clientId: app.clientId, userId: user.id, expiresAt: FAR });
    await client.call("POST", "/logout", { bearer: accessToken });
    await receiver.count(1);

    const [{ logoutToken, contentType, path }] = receiver.received as [(typeof receiver.received)[0]];
    expect(path).toBe("/backchannel");
    expect(contentType).toMatch(/^application\/x-www-form-urlencoded/);
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/.well-known/jwks.json`));
    const currentDate = new Date(server.time.now);
    const { payload, protectedHeader } = await jwtVerify(logoutToken, keys, { issuer: server.issuer, audience: app.clientId, typ: "logout+jwt", currentDate });
    expect(protectedHeader).toEqual({ alg: "ES256", typ: "logout+jwt", kid: expect.any(String) as unknown });
    const iat = server.time.now / 1000;
    expect(payload).toEqual({
      iss: server.issuer,
      aud: app.clientId,
      iat,
      exp: iat + 120,
      jti: expect.stringMatching(/^[\w-]{22}$/) as unknown,
      sub: user.id,
      sid: sidOf(accessToken),
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    // What it is no token for.
    expect((await client.me(logoutToken)).status).toBe(401);
  });

  it("checklist 88: is another at each try: none is taken for a replay", async () => {
    const statuses = [503, 503, 200];
    const { app, store, receiver, worker, time, settledAre } = await onItsOwn((_, response) => void response.writeHead(statuses.shift() ?? 500).end());
    await endASession(store, app, worker);
    for (let tries = 1; tries <= 3; tries++) {
      await worker.look();
      await settledAre(tries);
      time.now += 10 * MINUTE;
    }
    const tokens = receiver.received.map(({ logoutToken }) => logoutToken);
    expect(new Set(tokens).size).toBe(3);
    expect(tokens.map((token) => decodeProtectedHeader(token).typ)).toEqual(Array.from({ length: 3 }, () => "logout+jwt"));
    time.now += 60 * MINUTE;
    await worker.look();
    expect(receiver.received).toHaveLength(3);
  });
});

type Situation = Awaited<ReturnType<typeof signedInToApp>>;
const ENDS: Record<string, (situation: Situation) => Promise<unknown>> = {
  "signing out": ({ client, tokens }) => client.call("POST", "/logout", { bearer: tokens.accessToken }),
  "signing out everywhere": ({ client, tokens }) => client.call("POST", "/logout-all", { bearer: tokens.accessToken }),
  async theft({ client }) {
    const thief = client.copy();
    await client.refresh();
    thief.jar.delete("ostiary_device");
    await client.refresh();
    await thief.refresh();
  },
  "the user being disabled": ({ server, tokens }) => server.users.disable(tokens.user.id),
  "the user being deleted": ({ server, tokens }) => server.users.delete(tokens.user.id),
  async "a new password, chosen elsewhere"({ server }) {
    const elsewhere = new TestClient(server);
    const { accessToken } = await elsewhere.login();
    const body = { currentPassword: PASSWORD, newPassword: "another correct horse battery" };
    await elsewhere.call("POST", "/password", { bearer: accessToken, body });
  },
  async "another device that ends it"({ server, sid }) {
    const elsewhere = new TestClient(server);
    const { accessToken } = await elsewhere.login();
    await elsewhere.call("DELETE", `/sessions/${sid}`, { bearer: accessToken });
  },
  "an administrator": ({ server, sid }) => server.sessions.revoke(sid),
  "an administrator, everywhere": ({ server, tokens }) => server.sessions.revokeAll(tokens.user.id),
  "another process on the database": ({ store, sid, tokens }) => {
    const revocations = { publish() {} };
    return revokeSession({ store: store.sessions, revocations, clock: Date.now }, { id: sid, userId: tokens.user.id }, "session_deleted", LOCAL_ORIGIN);
  },
  "the account page": ({ server, client }) => new PageClient(server, client.jar).submit("/account", { task: "sign-out" }),
  async "another user who signs in with the same browser"({ server, client }) {
    await server.users.create({ email: "grace@example.com", password: PASSWORD });
    await client.call("POST", "/login", { body: { email: "grace@example.com", password: PASSWORD } });
  },
  async "another user who signs in on the pages"({ server, client }) {
    await server.users.create({ email: "grace@example.com", password: PASSWORD });
    await signInOnThePages(server, client, "grace@example.com");
  },
};

/** By the cookie of the pages alone, as in a browser whose refresh cookie is not shown to them. */
async function signInOnThePages(server: TestServer, client: TestClient, email = "ada@example.com"): Promise<void> {
  const browser = new PageClient(server, client.jar);
  client.jar.delete("ostiary_refresh");
  const page = await browser.submit("/sign-in?prompt=login", { email, password: PASSWORD });
  expect(page.status).toBe(303);
}

describe("a client is told that a session has ended by", () => {
  it.each(Object.entries(ENDS))("%s", async (_, bringAbout) => {
    const situation = await signedInToApp();
    await bringAbout(situation);
    await situation.receiver.count(1);
    expect(situation.receiver.received).toHaveLength(1);
  });
});

describe("the same user who signs in anew in the same browser stays signed in to apps, which are told at the end of all", () => {
  const RENEWALS: Record<string, (situation: Situation) => Promise<unknown>> = {
    "by the API": ({ client }) => client.call("POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } }),
    "on the pages": ({ server, client }) => signInOnThePages(server, client),
    async "twice"({ server, client }) {
      await signInOnThePages(server, client);
      await client.call("POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } });
    },
  };

  it.each(Object.entries(RENEWALS))("%s", async (_, renew) => {
    const situation = await signedInToApp();
    const { server, tokens, receiver, sid, client, store, app } = situation;
    await renew(situation);
    expect(await server.sessions.find(sid)).toMatchObject({ endReason: "renewed" });
    expect((await client.me(tokens.accessToken)).status).toBe(401);
    const [current, ...more] = await server.sessions.list(tokens.user.id);
    expect(more).toEqual([]);
    expect(await store.oauth.signOns.sessionOf(sid, app.clientId)).toBe(current?.id);
    server.time.now += MINUTE;
    await server.sessions.revoke(current?.id ?? "");
    await receiver.count(1);
    expect(receiver.received.map(({ logoutToken }) => decodeJwt(logoutToken))).toMatchObject([{ sid, sub: tokens.user.id, iat: server.time.now / 1000 }]);
  });
});

describe("delivery", () => {
  it("of an end that nobody saw: the server starts, and tells", async () => {
    const path = temporaryFile();
    const receiver = await startReceiver();
    const earlier = await startTestServer({ databaseUrl: `sqlite:${path}` });
    const { user, accessToken } = await new TestClient(earlier).signup();
    const app = await registerApp(earlier, { backchannelLogoutUri: receiver.uri });
    await earlier.close();
    const store = await sameStore(path);
    const sid = sidOf(accessToken);
    await store.oauth.signOns.note({ signOnId: sid, clientId: app.clientId, userId: user.id, expiresAt: FAR });
    await revokeSession({ store: store.sessions, revocations: { publish() {} }, clock: Date.now }, { id: sid, userId: user.id }, "logout", LOCAL_ORIGIN);
    await startTestServer({ databaseUrl: `sqlite:${path}` });
    await receiver.count(1);
    expect(receiver.received).toHaveLength(1);
  });

  it("goes to the registered address alone: a redirect is followed by nobody, and is a failure", async () => {
    const trap = await startReceiver();
    const { app, store, receiver, worker, settled, settledAre } = await onItsOwn((_, response) => void response.writeHead(307, { location: trap.uri }).end());
    await endASession(store, app, worker);
    await worker.look();
    await settledAre(1);
    expect(receiver.received).toHaveLength(1);
    expect(trap.received).toHaveLength(0);
    expect(settled()).toEqual([expect.any(Number)]);
  });

  it("reads no answer, however long it is", async () => {
    let isCut = false;
    const { app, store, worker, settled, settledAre } = await onItsOwn((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more).on("close", () => (isCut = true)).on("error", () => {});
      more();
    });
    await endASession(store, app, worker);
    await worker.look();
    await settledAre(1);
    expect(settled()).toEqual([null]);
    await expect.poll(() => isCut, { timeout: 30_000 }).toBe(true);
  });

  it.each([
    [200, true],
    [204, true],
    [400, false],
    [404, false],
    [500, false],
  ])("that is answered by %i is done: %s", async (status, isDone) => {
    const { app, store, worker, settled, time, settledAre } = await onItsOwn((_, response) => void response.writeHead(status).end());
    await endASession(store, app, worker);
    await worker.look();
    await settledAre(1);
    expect(settled()).toEqual([isDone ? null : time.now + 5 * SECOND]);
  });

  it("is tried again after pauses that grow, for a day; then the audit says that it was given up", async () => {
    const { app, store, receiver, worker, settled, time, settledAre } = await onItsOwn((request) => void request.socket.destroy());
    await endASession(store, app, worker);
    const start = time.now;
    let tries = 0;
    while (settled().at(-1) !== null) {
      await worker.look();
      await settledAre((tries += 1));
      time.now = settled().at(-1) ?? time.now;
      if (receiver.received.length > 50) throw new Error("It never gives up.");
    }
    const pauses = settled().slice(0, -1).map((at, i, all) => Number(at) - Number(all[i - 1] ?? start));
    expect(pauses.slice(0, 5)).toEqual([5, 15, 45, 135, 405].map((seconds) => seconds * SECOND));
    expect(Math.max(...pauses)).toBe(180 * MINUTE);
    expect(time.now - start).toBeGreaterThan(24 * 60 * MINUTE);
    const [given] = await store.audit.list({ types: ["logout_undelivered"] });
    expect(given).toMatchObject({ userId: "ada", detail: { clientId: app.id, tries: receiver.received.length } });
    expect(JSON.stringify(given)).not.toMatch(/eyJ/);
  });

  it("is due again when whoever had it died over it", async () => {
    const { app, store, receiver, worker, time } = await onItsOwn();
    await worker.look();
    // Taken, and never settled: as after kill -9.
    const sessionId = await endASession(store, app);
    await store.oauth.signOns.markEnded({ sessionId }, time.now);
    expect(await store.oauth.signOns.takeDue(time.now, 30 * SECOND, 10)).toHaveLength(1);
    await worker.look();
    expect(receiver.received).toHaveLength(0);
    time.now += 31 * SECOND;
    await worker.look();
    await receiver.count(1);
  });

  it("is shared by the servers on a store: each notice is sent by one", async () => {
    const { app, store, receiver, worker, another, settledAre } = await onItsOwn();
    const workers = [worker, another()];
    for (let i = 0; i < 30; i++) for (const one of workers) await endASession(store, app, one);
    await Promise.all(workers.map((one) => one.look()));
    await receiver.count(60);
    await settledAre(60);
    expect(receiver.received).toHaveLength(60);
  });

  it("to a client that hangs keeps nobody else waiting for longer than one answer may take", async () => {
    const { app, store, worker, register } = await onItsOwn(() => {});
    const well = await startReceiver();
    const other = await register(well.uri);
    for (let i = 0; i < 40; i++) await endASession(store, app, worker);
    await endASession(store, other, worker);
    await worker.look();
    await well.count(1);
    expect(well.received).toHaveLength(1);
  });

  it("to many that registered themselves and hang is for four at a time, and keeps no other waiting", async () => {
    const told: string[] = [];
    let hanging = 0;
    const { app, store, worker, register } = await onItsOwn(undefined, (uri, _, signal, isStranger) => {
      if (!isStranger) return Promise.resolve(told.push(uri)).then(() => null);
      hanging++;
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve("aborted")));
    });
    for (let i = 0; i < 20; i++) await endASession(store, await register("https://stranger.example/", STRANGER), worker);
    for (let i = 0; i < 20; i++) await endASession(store, app, worker);
    await expect.poll(async () => (await worker.look(), told.length), { timeout: 30_000 }).toBe(20);
    expect(hanging).toBe(4);
  });

  it("to one that registered itself is given up after an hour", async () => {
    const { store, worker, register, time, settled, settledAre } = await onItsOwn(undefined, async () => "status 500");
    await endASession(store, await register("https://stranger.example/", STRANGER), worker);
    await worker.look();
    await settledAre(1);
    time.now += 60 * MINUTE;
    await worker.look();
    await settledAre(2);
    expect(settled()).toEqual([expect.any(Number), null]);
  });

  it("to a client that is gone, or wants to hear nothing any more, is done", async () => {
    const { app, store, receiver, worker, settled, settledAre } = await onItsOwn();
    await endASession(store, app, worker);
    await endASession(store, { id: "gone" }, worker);
    await store.clients.delete(app.id, { audit: event(), revocation: () => null });
    await worker.look();
    await settledAre(2);
    expect(receiver.received).toHaveLength(0);
    expect(settled()).toEqual([null, null]);
  });

  it("waits for a store that is down, and forgets nothing", async () => {
    const { app, store, receiver, worker, outage, reported } = await onItsOwn();
    await worker.look();
    outage.now = true;
    await endASession(store, app, worker);
    await worker.look();
    expect(reported).toHaveLength(1);
    outage.now = false;
    await worker.look();
    await receiver.count(1);
  });
});

it("a sign-out waits for no client", async () => {
  const hanging = await startReceiver(() => {});
  const { client, tokens, server, store, sid } = await signedInToApp();
  const app = await registerApp(server, { backchannelLogoutUri: hanging.uri });
  await store.oauth.signOns.note({ signOnId: sid, clientId: app.clientId, userId: tokens.user.id, expiresAt: FAR });
  expect((await client.call("POST", "/logout", { bearer: tokens.accessToken })).status).toBe(204);
  await hanging.count(1);
  // Nor does the end of the server, which lets go of it.
  await server.close();
});

function event() {
  return { at: 0, type: "client_deleted", userId: null, sessionId: null, ip: null, userAgent: null, detail: {} } as const;
}

let made = 0;
/** The end of a session of which nothing is left but who is to be told. */
describe("a client that came by itself", () => {
  it("is told on the public internet alone: no address of ours is reached by it, and it is tried again", async () => {
    const { app, store, receiver, worker, settledAre, settled } = await onItsOwn();
    const selfRegistered = { way: "request", ip: null, tokenHash: null, said: {}, readAt: null, usedAt: null } as const;
    const stranger: Client = { ...app, id: "stranger", selfRegistered };
    await store.selfRegistered.register(stranger, event(), null);
    await endASession(store, stranger, worker);
    await worker.look();
    await settledAre(1);
    expect([settled()[0], receiver.received]).toEqual([expect.any(Number), []]);
    await endASession(store, app, worker);
    await worker.look();
    await receiver.count(1);
  });
});

async function endASession(store: Store, client: Pick<Client, "id">, worker?: Pick<Notifier, "apply">): Promise<string> {
  const signOnId = `session-${made++}`;
  await store.oauth.signOns.note({ signOnId, clientId: client.id, userId: "ada", expiresAt: FAR });
  worker?.apply({ seq: made, kind: "session", value: signOnId, effect: "revoked", reason: "logout", expiresAt: 0 });
  return signOnId;
}

/** The worker without a server, and a client that answers like this. */
async function onItsOwn(answer?: Parameters<typeof startReceiver>[0], send: SendLogoutToken = createSendLogoutToken(createFetchPublic())) {
  const store = await openSqlite(":memory:");
  const receiver = await startReceiver(answer);
  const time = { now: Date.parse("2026-01-01T00:00:00Z") };
  const outage = { now: false };
  const reported: unknown[] = [];
  const settledAt: (number | null)[] = [];
  const { signOns } = store.oauth;

  function start() {
    const notifier = notifyClients({
      signOns: {
        async markEnded(of, at) {
          if (outage.now) throw new Error("down");
          return signOns.markEnded(of, at);
        },
        takeDue: (...query) => signOns.takeDue(...query),
        async settle(notice: LogoutNotice, retryAt) {
          await signOns.settle(notice, retryAt);
          settledAt.push(retryAt);
        },
      },
      clients: store.clients,
      audit: store.audit,
      tokens: { issue: ({ signOnId }) => `${Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString("base64url")}.${signOnId}.${made++}` },
      send,
      clock: () => time.now,
      onError: (error) => reported.push(error),
    });
    onTestFinished(() => notifier.close());
    return notifier;
  }
  /** Waits until so many were settled in all. */
  async function settledAre(count: number): Promise<void> {
    await expect.poll(() => settledAt.length, { timeout: 30_000, interval: 5 }).toBeGreaterThanOrEqual(count);
  }
  async function register(backchannelLogoutUri: string, more: Partial<Client> = {}): Promise<Client> {
    const registration = {
      redirectUris: ["https://shop.example/callback"],
      postLogoutRedirectUris: [],
      grantTypes: ["authorization_code"],
      tokenEndpointAuthMethod: "client_secret_basic",
      scopes: ["openid"],
      roles: [],
      firstParty: false,
      jwks: null,
      backchannelLogoutUri,
      dpopBoundAccessTokens: false,
      requirePushedAuthorizationRequests: false,
    } as const;
    const client: Client = { id: `client-${made++}`, name: "Shop", guard: false, secretHash: new Uint8Array(32), createdAt: 0, tokenVersion: 1, registration, ...more };
    await store.clients.create(client, event());
    return client;
  }
  const app = await register(receiver.uri);
  const worker = start();
  onTestFinished(() => store.close());
  return { store, receiver, app, time, outage, reported, worker, another: start, register, settledAre, settled: () => [...settledAt] };
}
