import type { RequestListener } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { frame, startFeed } from "../test/feed-server.ts";
import { follow, until, type Following } from "../test/following.ts";
import { refusalOf } from "../test/issuer.ts";

const revoked = { status: 401, error: "invalid_token", reason: "session_revoked" };

const isRefused = async (our: Following, sid: string) =>
  (await refusalOf(our.guard.verify(our.token(sid))).catch(() => undefined))?.reason === "session_revoked";

test("ready means that everything revoked before is known", async () => {
  const feed = await startFeed();
  for (let i = 0; i < 2500; i++) feed.revoke(`session-${i}`);
  const our = await follow({ feed });
  await our.guard.ready();
  expect(our.status()).toMatchObject({ connected: true, seq: 2500, staleness: 0, entries: 2500, lastError: null });
  expect(await refusalOf(our.guard.verify(our.token("session-2499")))).toEqual(revoked);
  await our.guard.verify(our.token("session-2500"));
  expect(our.warnings).toEqual([]);
});

test("a warm token is refused as soon as the entry is there", async () => {
  const our = await follow();
  await our.guard.ready();
  const token = our.token();
  await our.guard.verify(token);
  our.feed.revoke("session-1");
  await until(() => our.status().seq === 1);
  expect(await refusalOf(our.guard.verify(token))).toEqual(revoked);
});

test("the first request of a new guard waits for the snapshot", async () => {
  const feed = await startFeed();
  feed.revoke("session-1");
  // Its keys are there at once, so that it is the snapshot that is waited for.
  const our = await follow({ feed, options: { keys: feed.issuer.keys } });
  const verdicts = [our.guard.verify(our.token("session-2")), refusalOf(our.guard.verify(our.token("session-1")))];
  expect(await Promise.all(verdicts)).toEqual([expect.objectContaining({ sessionId: "session-2" }), revoked]);
});

test("after a cut it resumes where it was, and misses nothing", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.revoke("session-1");
  await until(() => our.status().seq === 1);
  our.feed.cut();
  our.feed.revoke("session-2");
  our.feed.revoke("session-3");
  await our.reconnected();
  expect(our.feed.asked).toEqual([undefined, "1"]);
  expect(our.status()).toMatchObject({ connected: true, seq: 3, entries: 3 });
  expect(await isRefused(our, "session-3")).toBe(true);
  expect(our.warnings).toEqual([]);
});

test("a cut in the midst of a snapshot is no place to resume from", async () => {
  const feed = await startFeed();
  for (let i = 1; i <= 10; i++) feed.revoke(`session-${i}`);
  feed.begin = (stream) => {
    stream.send("snapshot", { seq: 10, now: feed.seconds, more: true, entries: feed.log.slice(0, 5) });
    setImmediate(() => stream.response.destroy());
  };
  const our = await follow({ feed });
  await until(() => our.status().entries === 5);
  expect(our.status()).toMatchObject({ connected: false, seq: null, staleness: null });
  expect((await refusalOf(our.guard.verify(our.token("session-9")))).reason).toBe("revocation_feed_stale");
  feed.begin = undefined;
  await our.reconnected();
  expect(new Set(feed.asked)).toEqual(new Set([undefined]));
  expect(our.status()).toMatchObject({ connected: true, seq: 10, entries: 10 });
});

test("an entry that was lost on the way is noticed by the next heartbeat, and fetched", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.revoke("session-1");
  our.feed.revoke("session-2", {}, "quietly");
  our.feed.revoke("session-3");
  await until(() => our.status().entries === 2);
  expect(our.status().seq).toBe(1);
  our.pass(1000);
  our.feed.beat();
  await until(() => our.status().lastError !== null);
  expect([our.status().lastError, our.status().staleness]).toEqual(["left an entry out", 1]);
  await until(() => (our.pass(20), our.status().seq === 3));
  expect(our.feed.asked).toEqual([undefined, "1"]);
  expect(await isRefused(our, "session-2")).toBe(true);
});

test("an entry that is lost while resuming is fetched with the whole log", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.revoke("session-1");
  await until(() => our.status().seq === 1);
  for (const sid of ["session-2", "session-3", "session-4"]) our.feed.revoke(sid, {}, "quietly");
  our.feed.begin = (stream) => {
    our.feed.begin = undefined;
    stream.send("entry", our.feed.log[1]);
    stream.send("entry", our.feed.log[3]);
    stream.send("heartbeat", { seq: 4, now: our.feed.seconds });
  };
  our.feed.cut();
  await our.reconnected();
  expect(our.feed.asked).toEqual([undefined, "1", undefined]);
  expect(our.status()).toMatchObject({ seq: 4, entries: 4 });
});

test("a number that was never given makes it look at the whole log, once, while the feed goes on", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.revoke("session-1");
  our.feed.revoke("session-2", { seq: 34 });
  let moments = 0;
  await until(() => {
    our.pass(20);
    if (++moments % 50 === 0) our.feed.beat();
    return our.status().seq === 34 || moments > 1000;
  });
  expect(our.status()).toMatchObject({ connected: true, seq: 34, entries: 2 });
  expect(our.feed.asked).toEqual([undefined, "1", undefined]);
  await our.live(10);
  expect(our.status()).toMatchObject({ connected: true, seq: 34, lastError: null });
  expect(our.feed.asked).toHaveLength(3);
  expect(our.warnings).toEqual([]);
});

test("a log that has forgotten what expired is resumed all the same", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.cut();
  for (let i = 0; i < 10; i++) our.feed.revoke(`session-${i}`);
  our.feed.log.splice(0, 9);
  await our.reconnected();
  expect(our.status()).toMatchObject({ connected: true, seq: 10, entries: 1 });
});

test("entries out of order are applied, but only what is gapless is a place to resume from", async () => {
  const our = await follow();
  await our.guard.ready();
  const entries = Array.from({ length: 6 }, (_, i) => our.feed.revoke(`session-${i + 1}`, {}, "quietly"));
  const [stream] = our.feed.streams;
  for (const index of [5, 1, 0, 4]) stream!.send("entry", entries[index]);
  await until(() => our.status().entries === 4);
  expect(our.status().seq).toBe(2);
  expect(await isRefused(our, "session-6")).toBe(true);
  for (const index of [3, 2]) stream!.send("entry", entries[index]);
  await until(() => our.status().seq === 6);
  await our.live(1);
  expect(our.feed.asked).toEqual([undefined]);
});

test("duplicates change nothing", async () => {
  const our = await follow();
  await our.guard.ready();
  const entry = our.feed.revoke("session-1");
  for (let i = 0; i < 100; i++) our.feed.streams[0]!.send("entry", entry);
  our.feed.beat();
  await our.live(2);
  expect(our.status()).toMatchObject({ seq: 1, entries: 1 });
  expect(our.feed.asked).toHaveLength(1);
});

test("a higher version is never forgotten for a lower one, nor a revocation for what is merely stale", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.revoke("user-1", { kind: "subject", version: 5, effect: "stale" });
  our.feed.revoke("user-1", { kind: "subject", version: 3, effect: "stale" });
  our.feed.revoke("session-1");
  our.feed.revoke("session-1", { effect: "stale" });
  await until(() => our.status().seq === 4);
  expect((await refusalOf(our.guard.verify(our.token("session-2", { ver: 4 })))).reason).toBe("token_stale");
  await our.guard.verify(our.token("session-2", { ver: 5 }));
  expect(await refusalOf(our.guard.verify(our.token("session-1", { ver: 5 })))).toEqual(revoked);
});

test("another database behind the same address is read from its beginning", async () => {
  const our = await follow();
  await our.guard.ready();
  for (let i = 0; i < 5; i++) our.feed.revoke(`session-${i}`);
  await until(() => our.status().seq === 5);
  our.feed.log.splice(0);
  our.feed.cut();
  our.feed.revoke("session-new");
  await our.reconnected();
  expect(our.status()).toMatchObject({ seq: 1, entries: 6 });
  expect(await isRefused(our, "session-4")).toBe(true);
  expect(await isRefused(our, "session-new")).toBe(true);
});

test("half of another database's snapshot is no place to resume from, and neither is the old place", async () => {
  const our = await follow();
  await our.guard.ready();
  for (let i = 0; i < 5; i++) our.feed.revoke(`old-${i}`);
  await until(() => our.status().seq === 5);
  our.feed.log.splice(0);
  our.feed.begin = (stream) => {
    our.feed.begin = undefined;
    stream.send("snapshot", { seq: 4, now: our.feed.seconds, more: true, entries: [our.feed.revoke("new-1", {}, "quietly")] });
    setImmediate(() => stream.response.destroy());
  };
  our.feed.cut();
  await until(() => (our.pass(20), our.status().entries === 6));
  for (let i = 2; i <= 9; i++) our.feed.revoke(`new-${i}`, {}, "quietly");
  await our.reconnected();
  expect(our.feed.asked).toEqual([undefined, "5", undefined]);
  expect(our.status()).toMatchObject({ seq: 9, entries: 14 });
});

test("a log that goes back while it is followed is read from its beginning", async () => {
  const our = await follow();
  await our.guard.ready();
  for (let i = 0; i < 5; i++) our.feed.revoke(`session-${i}`);
  await our.live(1);
  our.feed.log.splice(2);
  our.feed.beat();
  await until(() => our.status().lastError === "has gone back in its log");
  await our.reconnected();
  expect(our.feed.asked).toEqual([undefined, undefined]);
});

test("a silent stream is cut and opened anew before the knowledge is too old", async () => {
  const our = await follow({ maxStalenessSeconds: 5 });
  await our.guard.ready();
  await our.live(3);
  our.pass(2499);
  expect(our.feed.streams).toHaveLength(1);
  our.pass(1);
  await until(() => our.status().lastError === "has fallen silent");
  await our.reconnected();
  expect(our.status().staleness).toBeLessThan(3);
  expect(our.feed.asked).toEqual([undefined, "0"]);
});

test("entries without heartbeats prove nothing: that stream is cut as well", async () => {
  const our = await follow();
  await our.guard.ready();
  for (let i = 1; i <= 5; i++) {
    our.feed.revoke(`session-${i}`);
    await until(() => our.status().seq === i);
    our.pass(500);
  }
  await until(() => our.status().lastError !== null);
  expect(our.status()).toMatchObject({ connected: false, lastError: "has fallen silent" });
});

test("a server that is killed and started again is found again, and what was revoked meanwhile is known", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.answer = (_, response) => void response.destroy();
  our.feed.cut();
  await until(() => our.status().lastError !== null);
  expect(our.status().connected).toBe(false);
  for (let i = 0; i < 50; i++) {
    our.pass(100);
    await until(() => true);
  }
  our.feed.revoke("session-1");
  expect((await refusalOf(our.guard.verify(our.token()))).reason).toBe("revocation_feed_stale");
  our.feed.answer = undefined;
  await our.reconnected();
  expect(await refusalOf(our.guard.verify(our.token()))).toEqual(revoked);
  await our.guard.verify(our.token("session-2"));
});

test("a thousand revocations a second are all known at the next heartbeat", async () => {
  const our = await follow();
  await our.guard.ready();
  for (let second = 0; second < 5; second++) {
    for (let i = 0; i < 1000; i++) our.feed.revoke(`session-${second}-${i}`);
    await our.live(1);
    expect(our.status()).toMatchObject({ seq: (second + 1) * 1000, entries: (second + 1) * 1000 });
  }
  expect(our.feed.asked).toHaveLength(1);
});

test("a log of a hundred thousand entries is taken in, in parts", async () => {
  const feed = await startFeed();
  feed.begin = (stream) => {
    const expiresAt = feed.seconds + 900;
    let seq = 0;
    const push = (): void => {
      while (seq < 100_000) {
        const entries = [];
        for (let i = 0; i < 5000; i++) {
          entries.push({ seq: ++seq, kind: "session", value: `session-${seq}`, effect: "revoked", expiresAt, reason: "x" });
        }
        const more = seq < 100_000;
        const text = frame("snapshot", { seq: 100_000, now: feed.seconds, more, entries });
        if (!stream.response.write(text)) return void stream.response.once("drain", push);
      }
    };
    push();
  };
  const our = await follow({ feed });
  await our.guard.ready();
  expect(our.status()).toMatchObject({ seq: 100_000, entries: 100_000 });
});

const PAGE: RequestListener = (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>Log in</p>");
const events = (...chunks: (string | Buffer)[]): RequestListener => (_, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const chunk of chunks) response.write(chunk);
};

test.each<[string, RequestListener, string]>([
  ["not there", (_, response) => void response.destroy(), "failed: ECONNRESET"],
  ["without a feed", (_, response) => void response.writeHead(404).end(), "answered 404"],
  ["broken", (_, response) => void response.writeHead(500).end(), "answered 500"],
  ["elsewhere", (_, response) => void response.writeHead(302, { location: "/x" }).end(), "answered 302 (redirects are not followed)"],
  ["a captive portal", PAGE, "did not answer with an event stream"],
  ["compressed", (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" }).write("x");
  }, "answered compressed"],
  ["binary", events(Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff])), "failed: sent what is not UTF-8"],
  ["no JSON", events("event: snapshot\ndata: {\n\n"), "failed: sent a malformed snapshot"],
  ["a null", events("event: entry\ndata: null\n\n"), "failed: sent a malformed entry"],
  ["a snapshot without entries", events(frame("snapshot", { seq: 1, now: 1, more: false })), "failed: sent a malformed snapshot"],
  ["a broken entry", events(frame("entry", { seq: 1, kind: "session", value: 7 })), "failed: sent a malformed entry"],
  ["a heartbeat of no time", events(frame("heartbeat", { seq: 1, now: "1" })), "failed: sent a malformed heartbeat"],
  ["a heartbeat of no age", events(frame("heartbeat", { seq: 1, now: 1, behind: "1" })), "failed: sent a malformed heartbeat"],
  ["a heartbeat too early", events(frame("heartbeat", { seq: 0, now: 1 })), "sent a heartbeat before its snapshot was complete"],
  ["one huge line", events(`data: ${"x".repeat(9_000_000)}`), "failed: sent an event of more than 8388608 characters"],
  ["over at once", (_, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(), "was ended by the server"],
  ["cut short", (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n");
    setImmediate(() => response.destroy());
  }, "failed: ECONNRESET"],
])("a feed that is %s is told once, tried again, and followed when it is well", async (_, answer, why) => {
  const feed = await startFeed();
  feed.answer = answer;
  const our = await follow({ feed });
  const ready = our.guard.ready();
  await until(() => (our.pass(20), feed.asked.length >= 3));
  expect(our.status()).toMatchObject({ connected: false, seq: null, staleness: null, entries: 0, lastError: why });
  expect(our.warnings).toEqual([expect.stringContaining(`cannot see what is revoked: its feed ${why}; requests are answered with 503`)]);
  feed.answer = undefined;
  await our.reconnected();
  await ready;
  expect(our.status().lastError).toBeNull();
  expect(our.warnings.slice(1)).toEqual([expect.stringContaining("sees again")]);
});

test.each<[string, RequestListener]>([
  ["never answers", () => {}],
  ["answers, and sends nothing", events()],
  ["sends nothing but comments", events(": hello\n\n")],
])("a server that %s is left after the time limit", async (_, answer) => {
  const feed = await startFeed();
  feed.answer = answer;
  const our = await follow({ feed, options: { fetchTimeoutSeconds: 3 } });
  await until(() => feed.asked.length === 1);
  our.pass(2999);
  await until(() => true);
  expect(our.status().lastError).toBeNull();
  our.pass(1);
  await until(() => our.status().lastError === "did not answer in time");
});

test("events of a kind that is not known yet are passed over", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.streams[0]!.send("weather", { sunny: true });
  our.feed.revoke("x", { kind: "planet" as "session" });
  our.feed.revoke("session-1", { effect: "vaporised" as "revoked", reason: 7 as unknown as string });
  await our.live(1);
  expect(our.status()).toMatchObject({ seq: 2, entries: 1 });
  expect(await isRefused(our, "session-1")).toBe(true);
});

test.each([401, 403])("refused credentials (%i) are told once, end waiting, and are tried again in a minute only", async (status) => {
  const feed = await startFeed();
  feed.answer = (_, response) => void response.writeHead(status, { "content-type": "application/json" }).end("{}");
  const our = await follow({ feed });
  await expect(our.guard.ready()).rejects.toThrow(`refused the guard's credentials with ${status}: check clientId`);
  await expect(our.guard.ready()).rejects.toThrow(`refused the guard's credentials`);
  for (let second = 0; second < 44; second++) {
    our.pass(1000);
    await until(() => true);
  }
  expect(feed.asked).toHaveLength(1);
  expect(our.warnings).toEqual([expect.stringContaining("check clientId and clientSecret")]);
  await until(() => (our.pass(1000), feed.asked.length === 2));
  feed.answer = (_, response) => void response.destroy();
  await until(() => (our.pass(1000), feed.asked.length === 4));
  feed.answer = undefined;
  await until(() => (our.pass(1000), our.status().connected));
  await our.guard.ready();
});

test("credentials withdrawn later are told once", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.answer = (_, response) => void response.writeHead(401).end();
  our.feed.cut();
  await until(() => (our.pass(20), our.warnings.length > 0));
  expect(our.warnings).toEqual([expect.stringContaining("refused the guard's credentials with 401")]);
});

test.each([
  ["5", 5000, 7000],
  ["86400", 30_000, 32_000],
  ["soon", 0, 2000],
  ["-1", 0, 2000],
])("a server that asks to be left alone for %s s is, within reason", async (retryAfter, least, most) => {
  const feed = await startFeed();
  feed.answer = (_, response) => void response.writeHead(503, { "retry-after": retryAfter }).end();
  const our = await follow({ feed });
  await until(() => our.status().lastError === "answered 503");
  const before = our.clock.monotonic;
  await until(() => (our.pass(20), feed.asked.length === 2));
  expect(our.clock.monotonic - before).toBeGreaterThanOrEqual(least);
  expect(our.clock.monotonic - before).toBeLessThanOrEqual(most + 500);
});

/** Fixes what the guard leaves to chance. */
function chance(value: number): void {
  const random = vi.spyOn(Math, "random").mockReturnValue(value);
  onTestFinished(() => random.mockRestore());
}

test("a server that cannot read its log is left for one that can, without a moment in which nothing is known", async () => {
  const our = await follow();
  await our.guard.ready();
  await our.live(3);
  our.feed.revoke("session-1", {}, "quietly");
  const beat = async (behind: number): Promise<void> => {
    our.pass(1000);
    our.feed.beat({ seq: 0, behind });
    await until(() => our.status().staleness === 0);
  };
  await beat(2);
  expect(our.feed.asked).toEqual([undefined]);
  await beat(3);
  await until(() => (our.pass(20), our.status().seq === 1));
  expect(our.feed.asked).toEqual([undefined, "0"]);
  expect(our.feed.streams).toHaveLength(1);
  expect(await isRefused(our, "session-1")).toBe(true);
  expect(our.warnings).toEqual([]);
});

test("where no server can read the log, guards go on, and look for one every ten seconds", async () => {
  const our = await follow();
  await our.guard.ready();
  await our.live(1);
  our.feed.begin = (stream) => stream.send("heartbeat", { seq: 0, now: our.feed.seconds, behind: 60 });
  for (let second = 0; second < 60; second++) {
    our.pass(1000);
    our.feed.beat({ behind: 60 + second });
    await until(() => (our.status().staleness ?? 1) < 0.001);
    await our.guard.verify(our.token());
  }
  expect(our.feed.asked.length).toBeGreaterThan(4);
  expect(our.feed.asked.length).toBeLessThan(9);
  // A server that is away altogether changes nothing about that.
  our.feed.answer = (_, response) => void response.writeHead(503).end();
  for (let second = 0; second < 30; second++) {
    our.pass(1000);
    our.feed.beat({ behind: 120 + second });
    await until(() => (our.status().staleness ?? 1) < 0.001);
    await our.guard.verify(our.token());
  }
  expect(our.warnings).toEqual([]);
});

test("pauses grow to two seconds while the feed is lost, and are short again once a connection has held for a while", async () => {
  chance(0.999);
  const our = await follow();
  await our.guard.ready();
  /** How long it waits, to 20 ms, when it is cut off: each of so many times. */
  const pauses = async (count: number): Promise<number[]> => {
    const waits: number[] = [];
    for (let i = 0; i < count; i++) {
      const asked = our.feed.asked.length;
      our.feed.cut();
      await until(() => !our.status().connected);
      const lost = our.clock.monotonic;
      await until(() => our.feed.asked.length > asked || (our.pass(20), false));
      waits.push(Math.round((our.clock.monotonic - lost) / 100) * 100);
      await until(() => our.status().connected);
    }
    return waits;
  };
  // Connections that hold for a moment only start nothing anew.
  expect(await pauses(7)).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  await our.live(9);
  expect(await pauses(1)).toEqual([2000]);
  await our.live(10);
  expect(await pauses(2)).toEqual([100, 200]);
});

test("an entry that is missing before ten thousand others is not waited for until the next heartbeat", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.revoke("missing", {}, "quietly");
  for (let i = 0; i < 10_000; i++) our.feed.revoke(`session-${i}`);
  await until(() => our.status().entries === 10_000);
  expect(our.status()).toMatchObject({ connected: true, seq: 0, lastError: null });
  our.feed.revoke("one too many");
  await until(() => our.status().lastError === "left an entry out");
  await our.reconnected();
  expect(our.status()).toMatchObject({ seq: 10_002, entries: 10_002 });
  expect(await isRefused(our, "missing")).toBe(true);
});

test("when a connection is renewed is left to chance: a thousand guards do not come at once", async () => {
  chance(0.25);
  const our = await follow();
  await our.guard.ready();
  await our.live(2699);
  expect(our.feed.asked).toEqual([undefined]);
  our.pass(1000);
  await until(() => our.feed.asked.length === 2);
});

test("a connection is renewed now and then, without a moment in which nothing is known", async () => {
  chance(0);
  const our = await follow();
  await our.guard.ready();
  our.feed.begin = () => {};
  let asked = 1;
  let oldest = 0;
  for (let second = 1; second <= 1800; second++) {
    expect(asked).toBe(1);
    our.pass(1000);
    our.feed.beat();
    await until(() => our.feed.asked.length > asked || (our.status().staleness ?? 1) < 0.001);
    oldest = Math.max(oldest, our.status().staleness ?? Infinity);
    expect(our.status().connected).toBe(true);
    asked = our.feed.asked.length;
  }
  expect(our.feed.asked).toEqual([undefined, "0"]);
  expect(oldest).toBeLessThanOrEqual(1);
  // The new one has not caught up yet: the old one counts.
  const [old, young] = our.feed.streams;
  for (let second = 0; second < 3; second++) {
    our.pass(1000);
    old!.send("heartbeat", { seq: 0, now: our.feed.seconds });
    await until(() => our.status().staleness === 0);
  }
  expect(our.status().connected).toBe(true);
  young!.send("heartbeat", { seq: 0, now: our.feed.seconds });
  await until(() => our.feed.streams.length === 1);
  expect(our.feed.streams).toEqual([young]);
  expect(our.status()).toMatchObject({ connected: true, lastError: null });
});

test("closing ends the stream and everything that waits", async () => {
  const our = await follow();
  await our.guard.ready();
  our.guard.close();
  await until(() => our.feed.streams.length === 0);
  expect(our.status().connected).toBe(false);
  const hanging = await startFeed();
  hanging.answer = () => {};
  const other = await follow({ feed: hanging });
  const [ready, verdict] = [other.guard.ready(), other.guard.verify(other.token())];
  await until(() => hanging.asked.length === 1);
  other.guard.close();
  await expect(ready).rejects.toThrow("The guard is closed");
  expect((await refusalOf(verdict)).status).toBe(503);
  onTestFinished(() => expect(other.warnings).toEqual([]));
});
