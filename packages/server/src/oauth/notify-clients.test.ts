import { describe, expect, it } from "vitest";
import { deletion, endASession, FAR, onItsOwn } from "../../test/notifier.ts";
import { registerApp, sameStore, sidOf, startReceiver } from "../../test/oauth-client.ts";
import { MINUTE, SECOND, startTestServer, temporaryFile, TestClient } from "../../test/test-server.ts";
import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { Client } from "../clients/client.ts";
import { revokeSession } from "../sessions/revoke.ts";

const STRANGER = { selfRegistered: { way: "request", ip: null, tokenHash: null, said: {}, readAt: null, usedAt: null } } as const;

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
    await revokeSession(
      { store: store.sessions, revocations: { publish() {} }, clock: Date.now },
      { id: sid, userId: user.id },
      "logout",
      LOCAL_ORIGIN,
    );
    await startTestServer({ databaseUrl: `sqlite:${path}` });
    await receiver.count(1);
    expect(receiver.received).toHaveLength(1);
  });

  it("goes to the registered address alone: a redirect is followed by nobody, and is a failure", async () => {
    const trap = await startReceiver();
    const { app, store, receiver, worker, settled, settledAre } = await onItsOwn(
      (_, response) => void response.writeHead(307, { location: trap.uri }).end(),
    );
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
    const { app, store, worker, settled, time, settledAre } = await onItsOwn(
      (_, response) => void response.writeHead(status).end(),
    );
    await endASession(store, app, worker);
    await worker.look();
    await settledAre(1);
    expect(settled()).toEqual([isDone ? null : time.now + 5 * SECOND]);
  });

  it("is tried again after pauses that grow, for a day; then the audit says that it was given up", async () => {
    const { app, store, receiver, worker, settled, time, settledAre } = await onItsOwn(
      (request) => void request.socket.destroy(),
    );
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
    await store.clients.delete(app.id, { audit: deletion(), revocation: () => null });
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

describe("a client that came by itself", () => {
  it("is told on the public internet alone: no address of ours is reached by it, and it is tried again", async () => {
    const { app, store, receiver, worker, settledAre, settled } = await onItsOwn();
    const stranger: Client = { ...app, ...STRANGER, id: "stranger" };
    await store.selfRegistered.register(stranger, deletion(), null);
    await endASession(store, stranger, worker);
    await worker.look();
    await settledAre(1);
    expect([settled()[0], receiver.received]).toEqual([expect.any(Number), []]);
    await endASession(store, app, worker);
    await worker.look();
    await receiver.count(1);
  });
});
