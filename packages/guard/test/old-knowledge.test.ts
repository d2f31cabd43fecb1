/** What holds between a guard and its feed whatever the clocks show and whatever the network does to the stream. */
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { startBadProxy, type BadProxy } from "./bad-proxy.ts";
import { startFeed } from "./feed-server.ts";
import { follow, until, type Following } from "./following.ts";
import { refusalOf } from "./issuer.ts";

/** Keys go straight, the feed goes through the proxy; `fetch` is Node's own for both. */
async function followThroughProxy(changes: Parameters<typeof follow>[0] = {}): Promise<Following & { proxy: BadProxy }> {
  const feed = await startFeed();
  const origin = new URL(feed.issuer.url);
  let monotonic = () => 0;
  const proxy = await startBadProxy(Number(origin.port), () => monotonic());
  const reroute = (url: string) => (url.endsWith("/revocations") ? url.replace(origin.port, String(proxy.port)) : url);
  const our = await follow({ feed, ...changes, options: { fetch: (url, init) => fetch(reroute(url), init), ...changes.options } });
  monotonic = () => our.clock.monotonic;
  return { ...our, proxy };
}

/** Seconds go by with their heartbeats, whatever becomes of them. */
async function seconds(our: Following, count: number): Promise<void> {
  for (let tenth = 0; tenth < count * 10; tenth++) {
    our.pass(100);
    if (tenth % 10 === 9) our.feed.beat();
    for (let i = 0; i < 20; i++) await turn();
  }
}

const isStale = async (our: Following) =>
  (await refusalOf(our.guard.verify(our.token())).catch(() => undefined))?.reason === "revocation_feed_stale";

test.each([-120, 120])("a server's clock that is wrong by %i s refuses nothing and revives nothing", async (skew) => {
  const feed = await startFeed();
  const our = await follow({ feed });
  our.feed.seconds += skew;
  await our.guard.ready();
  const token = our.feed.issuer.token({ sid: "session-1" }, our.clock.wall);
  const other = our.feed.issuer.token({ sid: "session-2" }, our.clock.wall);
  await our.live(3);
  await our.guard.verify(token);
  our.feed.revoke("session-1");
  await our.live(1);
  for (let minute = 0; minute < 14; minute++) {
    await our.sleepAMinute();
    expect((await refusalOf(our.guard.verify(token))).reason).toBe("session_revoked");
    await our.guard.verify(other);
  }
});

test.each([-120_000, 120_000])("a guard's clock that is set by %i ms refuses nothing and revives nothing", async (step) => {
  const our = await follow();
  await our.guard.ready();
  const token = our.feed.issuer.token({ sid: "session-1", exp: our.feed.seconds + 900 }, our.clock.wall);
  const other = our.feed.issuer.token({ sid: "session-2", exp: our.feed.seconds + 900 }, our.clock.wall);
  our.feed.revoke("session-1");
  await our.live(1);
  for (let i = 0; i < 5; i++) {
    our.clock.wall += step;
    await our.live(1);
    expect((await refusalOf(our.guard.verify(token))).reason).toBe("session_revoked");
    await our.guard.verify(other);
    our.clock.wall -= step;
  }
});

test("a revocation is remembered for as long as a clock two minutes slow lets its tokens live", async () => {
  const our = await follow();
  our.clock.wall -= 120_000;
  await our.guard.ready();
  const token = our.token("session-1");
  our.feed.revoke("session-1");
  await our.live(1);
  for (let minute = 0; minute < 16; minute++) {
    await our.sleepAMinute();
    our.feed.revoke(`other-${minute}`);
    await our.live(1);
    expect((await refusalOf(our.guard.verify(token))).reason).toBe("session_revoked");
  }
});

test.each([-60, 60])("a server whose clock is set by %i s while it is followed is followed anew", async (step) => {
  const our = await follow();
  await our.guard.ready();
  await our.live(5);
  our.feed.seconds += step;
  our.pass(1000);
  our.feed.beat();
  await until(() => our.status().lastError === "came from a server whose clock was set");
  expect(our.status().staleness).toBe(1);
  await until(() => (our.pass(20), our.feed.asked.length === 2 && our.feed.streams.length === 1));
  await our.live(5);
  expect(our.feed.asked).toEqual([undefined, "0"]);
  expect(our.warnings).toEqual([]);
});

test.each([5000, 10_000])("a proxy that comes to delay everything by %i ms is seen, and got over", async (delay) => {
  const our = await followThroughProxy();
  await our.guard.ready();
  await seconds(our, 3);
  expect(await isStale(our)).toBe(false);
  our.proxy.delay = delay;
  our.feed.revoke("session-1");
  // It is not known yet, so the token passes until its guard is too old to say so; then nothing does.
  await our.guard.verify(our.token());
  await seconds(our, 5);
  expect(await isStale(our)).toBe(true);
  await seconds(our, 20);
  expect(await isStale(our)).toBe(true);
  our.proxy.delay = 0;
  await seconds(our, delay / 1000 + 5);
  expect((await refusalOf(our.guard.verify(our.token()))).reason).toBe("session_revoked");
  await our.guard.verify(our.token("session-2"));
  expect(our.status().staleness).toBeLessThan(1.2);
});

test("a delay that creeps up without a silence is seen", async () => {
  const our = await followThroughProxy();
  await our.guard.ready();
  for (let second = 0; second < 20; second++) {
    our.proxy.delay = second * 500;
    await seconds(our, 1);
  }
  expect(our.status().connected).toBe(true);
  expect(our.status().staleness).toBeGreaterThan(5);
  expect(await isStale(our)).toBe(true);
});

test.each([5000, 10_000])("a proxy that delays everything by %i ms from the start is seen", async (delay) => {
  const our = await followThroughProxy({ options: { fetchTimeoutSeconds: 60 } });
  our.proxy.delay = delay;
  await seconds(our, 45);
  expect(our.status().connected).toBe(true);
  expect(our.status().staleness).toBeGreaterThanOrEqual(delay / 1000);
  expect((await refusalOf(our.guard.verify(our.token()))).reason).toBe("revocation_feed_stale");
});

test("a proxy that gathers what it should pass on is seen, and left", async () => {
  const our = await followThroughProxy();
  await our.guard.ready();
  await seconds(our, 2);
  our.proxy.buffering = true;
  our.feed.revoke("session-1");
  await seconds(our, 6);
  expect(our.status().connected).toBe(false);
  expect((await refusalOf(our.guard.verify(our.token("session-2")))).reason).toBe("revocation_feed_stale");
  our.proxy.buffering = false;
  await seconds(our, 6);
  expect((await refusalOf(our.guard.verify(our.token("session-1")))).reason).toBe("session_revoked");
  await our.guard.verify(our.token("session-2"));
});

test("no token is accepted later than the limit after its revocation, whatever the network does", async () => {
  const step = fc.record({
    delay: fc.constantFrom(0, 0, 0, 10, 300, 2000, 6000),
    buffering: fc.constantFrom(true, false, false),
    cut: fc.constantFrom(true, false, false),
    // A clock set ahead by less than a frame was under way looks like a faster network, to anyone.
    skew: fc.constantFrom(0, 0, 0, -2, 30, -30),
    // Numbers that the log never gives, because a transaction was undone.
    hole: fc.constantFrom(0, 0, 1, 32),
    seconds: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      const our = await followThroughProxy({ maxStalenessSeconds: 3 });
      await our.guard.ready();
      const revokedAt = new Map<string, number>();
      for (const { delay, buffering, cut, skew, hole, seconds: count } of steps) {
        our.proxy.delay = delay;
        our.proxy.buffering = buffering;
        if (cut) our.proxy.cut();
        our.feed.seconds += skew;
        for (let i = 0; i < count; i++) {
          const sid = `session-${revokedAt.size}`;
          revokedAt.set(sid, our.clock.monotonic);
          our.feed.revoke(sid, { seq: (our.feed.log.at(-1)?.seq ?? 0) + 1 + (i === 0 ? hole : 0) });
          await seconds(our, 1);
          for (const [each, at] of revokedAt) {
            if (our.clock.monotonic - at < 3000) continue;
            const token = our.feed.issuer.token({ sid: each }, our.clock.wall);
            expect(await our.guard.verify(token).then(() => "accepted", () => "refused")).toBe("refused");
          }
        }
      }
      our.proxy.delay = 0;
      our.proxy.buffering = false;
      await seconds(our, 15);
      const token = our.feed.issuer.token({ sid: "nobody's" }, our.clock.wall);
      expect((await our.guard.verify(token)).sessionId).toBe("nobody's");
      our.guard.close();
      our.proxy.close();
    }),
    { numRuns: 30 },
  );
});
