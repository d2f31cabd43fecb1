import type { RevocationEntry } from "@ostiary/protocol";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { FeedReader, valuesOf } from "../../test/feed-reader.ts";
import type { Client } from "../clients/client.ts";
import { storeUnavailable } from "../errors.ts";
import { createRevocationFeed } from "./feed.ts";

const NOW = 1_767_225_600;
const HOUR = 3600;

function client(id = "guard"): Client {
  return { id, name: id, guard: true, secretHash: new Uint8Array(32), registration: null, createdAt: 0, tokenVersion: 1 };
}

function entryOf(seq: number, more: Partial<RevocationEntry> = {}): RevocationEntry {
  return { seq, kind: "token", value: `t${seq}`, effect: "revoked", expiresAt: NOW + HOUR, reason: "test", ...more };
}

/** A log in memory, and the feed of one server that follows it. */
function openLog({ keptEntries = 10_000 } = {}) {
  const log: RevocationEntry[] = [];
  const store = { reads: 0, isDown: false, gate: Promise.resolve(), secondsBehind: 0 };
  const feed = createRevocationFeed({
    clock: () => NOW * 1000,
    steadyClock: () => NOW * 1000,
    keptEntries,
    secondsBehind: () => store.secondsBehind,
    store: {
      async entriesAfter(seq, limit) {
        store.reads++;
        if (store.isDown) throw storeUnavailable(new Error("down"));
        const found = log.filter((entry) => entry.seq > seq).slice(0, limit);
        await store.gate;
        return found;
      },
    },
  });
  onTestFinished(() => feed.end());
  let head = 0;
  return {
    feed,
    store,
    /** Appends and tells the feed; the entries' values. */
    append: (count = 1, step = 1): string[] =>
      Array.from({ length: count }, () => {
        head += step;
        const entry = entryOf(head);
        log.push(entry);
        feed.apply(entry);
        return entry.value;
      }),
    follow: async (after: number | null = null, more: { client?: Client; disconnect?: () => void } = {}) =>
      new FeedReader(await feed.open({ client: client(), after, ...more })),
  };
}

describe("a follower that has nothing", () => {
  it("gets the whole log as a snapshot that it can resume from, then heartbeats and what comes", async () => {
    const { feed, append, follow } = openLog();
    append(2);
    const reader = await follow();
    expect(await reader.next()).toEqual({
      event: "snapshot",
      id: 2,
      data: { seq: 2, now: NOW, more: false, entries: [entryOf(1), entryOf(2)] },
    });
    expect(await reader.next()).toEqual({ event: "heartbeat", id: null, data: { seq: 2, now: NOW } });
    append();
    expect(await reader.next()).toEqual({ event: "entry", id: 3, data: entryOf(3) });
    feed.beat();
    expect(await reader.next()).toEqual({ event: "heartbeat", id: null, data: { seq: 3, now: NOW } });
  });

  it("gets an empty snapshot of an empty log", async () => {
    const reader = await openLog().follow();
    expect(await reader.next()).toMatchObject({ event: "snapshot", id: 0, data: { seq: 0, more: false, entries: [] } });
    expect(await reader.next()).toMatchObject({ event: "heartbeat", data: { seq: 0 } });
  });

  it.each([10_000, 10])(
    "gets a long log in parts, of which only the last has an id, with %i entries in memory",
    async (keptEntries) => {
      const { append, follow } = openLog({ keptEntries });
      const all = append(3500, 2);
      const reader = await follow();
      const events = await reader.until(({ event }) => event === "heartbeat");
      expect(valuesOf(events)).toEqual(all);
      const parts = events.slice(0, -1).map(({ event, id, data }) => ({ event, id, seq: data.seq }));
      expect(parts).toEqual([null, null, null, 7000].map((id) => ({ event: "snapshot", id, seq: 7000 })));
    },
  );

  it("is spared what has expired", async () => {
    const { feed, follow } = openLog();
    feed.apply(entryOf(1, { expiresAt: NOW }));
    feed.apply(entryOf(2));
    expect(valuesOf([(await (await follow()).next())!])).toEqual(["t2"]);
  });
});

describe("a follower that comes back", () => {
  it("gets what came since, and nothing it has, without the store", async () => {
    const { append, follow, store } = openLog();
    append(5);
    store.isDown = true;
    const reader = await follow(3);
    const events = await reader.until(({ event }) => event === "heartbeat");
    expect(events.map(({ event, id }) => [event, id])).toEqual([["entry", 4], ["entry", 5], ["heartbeat", null]]);
    expect((await (await follow(5)).next())?.event).toBe("heartbeat");
  });

  it("after a long while gets it from the store", async () => {
    const { append, follow, store } = openLog({ keptEntries: 10 });
    const all = append(2500);
    const events = await (await follow(100)).until(({ event }) => event === "heartbeat");
    expect(valuesOf(events)).toEqual(all.slice(100));
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(["entry", "heartbeat"]));
    expect(store.reads).toBeGreaterThan(0);
  });

  it("with the place of another log gets everything", async () => {
    const { append, follow } = openLog();
    append(3);
    expect(await (await follow(4)).next()).toMatchObject({ event: "snapshot", id: 3 });
  });
});

describe("no entry is lost or comes twice", () => {
  it("when entries are appended while a snapshot is read", async () => {
    const { append, follow, store, feed } = openLog({ keptEntries: 50 });
    const expected = append(3000);
    let open = (): void => {};
    store.gate = new Promise((resolve) => (open = resolve));
    const following = follow();
    // Those of before, during and after the reading; more than stay in memory.
    expected.push(...append(150));
    open();
    const reader = await following;
    expected.push(...append(70));
    const [first] = await reader.until(({ event }) => event === "snapshot");
    expected.push(...append(200));
    const rest = await reader.until(({ event }) => event === "heartbeat");
    expected.push(...append(30));
    feed.beat();
    const live = await reader.until(({ event }) => event === "heartbeat");
    expect(valuesOf([first!, ...rest, ...live])).toEqual(expected);
  });

  it("when entries are appended in the moment in which a follower goes live", async () => {
    for (let hops = 0; hops < 12; hops++) {
      const { append, follow } = openLog();
      await follow(0); // So that what is appended is on its way to somebody.
      const following = follow(0);
      for (let hop = 0; hop < hops; hop++) await Promise.resolve();
      const expected = append(2);
      const reader = await following;
      await new Promise(setImmediate);
      expected.push(...append());
      const events = await reader.until(({ event, data }) => event === "entry" && data.seq === 3);
      expect([hops, valuesOf(events)]).toEqual([hops, expected]);
    }
  });

  it("whatever is appended, dropped from memory and read in whatever order", async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 40 }) }) },
      { weight: 2, arbitrary: fc.constant({ read: true }) },
      { weight: 1, arbitrary: fc.constant({ beat: true }) },
      { weight: 1, arbitrary: fc.constant({ turn: true }) },
    );
    const run = fc.asyncProperty(
      fc.nat(60),
      fc.option(fc.nat(60)),
      fc.array(step, { maxLength: 25 }),
      async (before, after, steps) => {
        const { feed, append, follow } = openLog({ keptEntries: 5 });
        const all = append(before, 3);
        const reader = await follow(after);
        const events = [];
        for (const one of steps) {
          if ("append" in one) all.push(...append(one.append, 2));
          else if ("read" in one) events.push((await reader.next())!);
          else if ("beat" in one) feed.beat();
          else await new Promise(setImmediate);
          // A heartbeat for every reading, so that none waits for ever.
          feed.beat();
        }
        await new Promise(setImmediate);
        // What came twice came before this.
        all.push(...append());
        events.push(...(await reader.until(({ event, data }) => event === "entry" && `t${data.seq}` === all.at(-1))));
        const knows = after !== null && after <= 3 * before;
        const expected = all.filter((value) => !knows || Number(value.slice(1)) > after);
        expect(valuesOf(events)).toEqual(expected);
        feed.end();
      },
    );
    await fc.assert(run, { numRuns: fc.readConfigureGlobal().numRuns ?? 200 });
  });

  it("a heartbeat never speaks of an entry that was not sent before", async () => {
    const { feed, append, follow } = openLog();
    const reader = await follow();
    for (let i = 0; i < 50; i++) {
      append(1 + (i % 3));
      if (i % 2 === 0) feed.beat();
      if (i % 5 === 0) await new Promise(setImmediate);
    }
    feed.beat();
    let sent = 0;
    for (let beats = 0; beats < 26; ) {
      const event = (await reader.next())!;
      if (event.event === "entry") sent = event.data.seq;
      if (event.event !== "heartbeat") continue;
      expect(event.data.seq).toBe(sent);
      beats++;
    }
  });
});

describe("a follower's stream ends", () => {
  it("when the follower goes, and leaves nothing behind", async () => {
    const { feed, follow } = openLog();
    const readers = await Promise.all([follow(), follow(0), follow(99)]);
    for (const reader of readers) await reader.next();
    expect(feed.followers).toBe(3);
    for (const reader of readers) await reader.cancel();
    expect(feed.followers).toBe(0);
  });

  it("when it does not read for half a minute; others go on", async () => {
    const { feed, follow } = openLog();
    let cut = 0;
    await follow(null, { disconnect: () => cut++ });
    const reader = await follow();
    for (let beats = 0; beats < 40; beats++) {
      feed.beat();
      await reader.next();
    }
    expect([cut, feed.followers]).toEqual([1, 1]);
  });

  it("when more waits for it than four megabytes", async () => {
    const { feed, append, follow } = openLog();
    let cut = 0;
    await follow(null, { disconnect: () => cut++ });
    await new Promise(setImmediate);
    for (let turns = 0; turns < 40; turns++) {
      append(1000);
      await new Promise(setImmediate);
    }
    expect([cut, feed.followers]).toEqual([1, 0]);
  });

  it("when its client is no more; other clients' go on", async () => {
    const { feed, follow } = openLog();
    const cut: string[] = [];
    for (const id of ["gone", "stays"]) await follow(null, { client: client(id), disconnect: () => cut.push(id) });
    expect(Array.from(feed.clients(), ({ id }) => id)).toEqual(["gone", "stays"]);
    feed.cutWhere(({ id }) => id === "gone");
    expect([cut, feed.followers]).toEqual([["gone"], 1]);
  });

  it("with an error for its reader where there is no connection to close", async () => {
    const { feed, follow } = openLog();
    const reader = await follow();
    feed.cutWhere(() => true);
    await expect(reader.until(() => false)).rejects.toThrow("cut off");
  });

  it("when the server stops, after what was sent; and no other begins", async () => {
    const { feed, append, follow } = openLog();
    const reader = await follow();
    await reader.next();
    append();
    feed.end();
    expect((await reader.next())?.event).toBe("heartbeat");
    expect((await reader.next())?.event).toBe("entry");
    expect(await reader.next()).toBeNull();
    expect(feed.followers).toBe(0);
    await expect(follow()).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
  });
});

describe("while the store is down", () => {
  it("feeds and heartbeats go on", async () => {
    const { feed, store, follow } = openLog({ keptEntries: 1 });
    const reader = await follow();
    await reader.until(({ event }) => event === "heartbeat");
    store.isDown = true;
    feed.beat();
    expect((await reader.next())?.event).toBe("heartbeat");
  });

  it("heartbeats tell for how long, also to who comes then, and no longer once it is over", async () => {
    const { feed, store, follow } = openLog();
    const reader = await follow();
    await reader.until(({ event }) => event === "heartbeat");
    for (const [secondsBehind, told] of [[1.4, {}], [1.6, { behind: 2 }], [7.04, { behind: 7 }], [0.1, {}]] as const) {
      store.secondsBehind = secondsBehind;
      feed.beat();
      expect((await reader.next())?.data).toEqual({ seq: 0, now: NOW, ...told });
    }
    store.secondsBehind = 60;
    expect((await (await follow(0)).next())?.data).toEqual({ seq: 0, now: NOW, behind: 60 });
  });

  it("who needs it is told so, and leaves nothing behind", async () => {
    const { feed, append, store, follow } = openLog({ keptEntries: 1 });
    append(10);
    store.isDown = true;
    await expect(follow()).rejects.toMatchObject({ reason: "store_unavailable" });
    expect(feed.followers).toBe(0);
  });

  it("who was in the middle of a snapshot is cut off", async () => {
    const { feed, append, store, follow } = openLog({ keptEntries: 1 });
    append(5000);
    let cut = 0;
    const reader = await follow(null, { disconnect: () => cut++ });
    store.isDown = true;
    await reader.next();
    await expect.poll(() => cut).toBe(1);
    expect(feed.followers).toBe(0);
  });
});
