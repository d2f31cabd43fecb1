import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { FAR } from "../../test/notifier.ts";
import { registerApp, sameStore, sidOf, startReceiver } from "../../test/oauth-client.ts";
import { PageClient } from "../../test/page-client.ts";
import { MINUTE, PASSWORD, startSignedIn, temporaryFile, TestClient } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";
import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { revokeSession } from "../sessions/revoke.ts";

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
    return revokeSession(
      { store: store.sessions, revocations, clock: Date.now },
      { id: sid, userId: tokens.user.id },
      "session_deleted",
      LOCAL_ORIGIN,
    );
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
    expect(receiver.received.map(({ logoutToken }) => decodeJwt(logoutToken))).toMatchObject([
      { sid, sub: tokens.user.id, iat: server.time.now / 1000 },
    ]);
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
