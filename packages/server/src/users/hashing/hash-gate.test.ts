/** A storm at the door: only so many at once, only so many waiting. The hashing itself is staged. */
import { describe, expect, it } from "vitest";
import { createHashGate } from "./hash-gate.ts";
import { startHashThread } from "./start-hash-thread.ts";
import type { HashAnswer, HashJob, HashThread } from "./start-hash-thread.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const job = (password: string): HashJob => ({ kind: "hash", password, pepper: null });

/** Threads that finish when they are told. */
function staged() {
  const running: { password: string; finish(): void; fail(): void }[] = [];
  let started = 0;
  const start = (): HashThread => {
    started++;
    return {
      run: ({ password }) =>
        new Promise<HashAnswer>((resolve, reject) => {
          running.push({ password, finish: () => resolve(`hash of ${password}`), fail: () => reject(new Error("broken")) });
        }),
    };
  };
  return { running, start, started: () => started };
}

describe("the gate", () => {
  it("runs so many at once, in the order they came, on the same threads", async () => {
    const { running, start, started } = staged();
    const gate = createHashGate({ threads: 2, start });
    const answers = ["a", "b", "c", "d"].map((password) => gate.run(job(password)));
    expect(running.map(({ password }) => password)).toEqual(["a", "b"]);
    for (let i = 0; i < 4; i++) {
      running[i]?.finish();
      await turn();
    }
    expect(running.map(({ password }) => password)).toEqual(["a", "b", "c", "d"]);
    expect(await Promise.all(answers)).toEqual(["hash of a", "hash of b", "hash of c", "hash of d"]);
    expect(started()).toBe(2);
  });

  it("hands each thread one to go on with, once all are at work", async () => {
    const { running, start, started } = staged();
    const gate = createHashGate({ threads: 2, inHand: 2, start });
    const answers = ["a", "b", "c", "d", "e"].map((password) => gate.run(job(password)));
    expect(running.map(({ password }) => password)).toEqual(["a", "b", "c", "d"]);
    expect([started(), gate.load()]).toEqual([2, { running: 4, waiting: 1 }]);
    running[0]?.fail();
    await expect(answers[0]).rejects.toThrow("broken");
    for (let i = 1; i < 5; i++) {
      running[i]?.finish();
      await turn();
    }
    expect(await Promise.all(answers.slice(1))).toEqual(["hash of b", "hash of c", "hash of d", "hash of e"]);
    expect([started(), gate.load()]).toEqual([3, { running: 0, waiting: 0 }]);
  });

  it("of ten thousand at once it keeps its queue's worth and answers the others 503 overloaded at once", async () => {
    const { running, start } = staged();
    const gate = createHashGate({ threads: 1, maxWaiting: 100, start });
    const refusals: unknown[] = [];
    for (let i = 0; i < 10_000; i++) gate.run(job(String(i))).catch((error: unknown) => refusals.push(error));
    await turn();
    expect(running).toHaveLength(1);
    expect(refusals).toHaveLength(10_000 - 101);
    expect(refusals[0]).toMatchObject({ code: "unavailable", reason: "overloaded", retryAfterSeconds: 4 });
  });

  it("whoever gives up leaves the queue, and the others move up", async () => {
    const { running, start } = staged();
    const gate = createHashGate({ threads: 1, maxWaiting: 2, start });
    const gone = new AbortController();
    const [first, second, third] = [gate.run(job("1")), gate.run(job("2"), gone.signal), gate.run(job("3"))];
    await expect(gate.run(job("4"))).rejects.toMatchObject({ reason: "overloaded" });
    gone.abort();
    await expect(second).rejects.toMatchObject({ code: "invalid_request" });
    const fifth = gate.run(job("5"));
    for (let i = 0; i < 3; i++) {
      running[i]?.finish();
      await turn();
    }
    expect(await Promise.all([first, third, fifth])).toEqual(["hash of 1", "hash of 3", "hash of 5"]);
    await expect(gate.run(job("6"), AbortSignal.abort())).rejects.toMatchObject({ code: "invalid_request" });
    expect(running).toHaveLength(3);
  });

  it("a thread that breaks takes one job with it, and another takes its place", async () => {
    const { running, start, started } = staged();
    const gate = createHashGate({ threads: 1, start });
    const [first, second] = [gate.run(job("1")), gate.run(job("2"))];
    running[0]?.fail();
    await expect(first).rejects.toThrow("broken");
    await turn();
    running[1]?.finish();
    expect(await second).toBe("hash of 2");
    expect(started()).toBe(2);
  });
});

describe("a thread", () => {
  it("hashes, compares, and says what it cannot read", async () => {
    const thread = startHashThread();
    const stored = String(await thread.run(job("one")));
    expect(stored).toMatch(/^\$argon2id\$/);
    expect(await thread.run({ kind: "verify", password: "one", pepper: null, stored })).toBe(true);
    expect(await thread.run({ kind: "verify", password: "two", pepper: null, stored })).toBe(false);
    const [broken, behind] = [
      thread.run({ kind: "verify", password: "one", pepper: null, stored: "nonsense" }),
      thread.run(job("two")),
    ];
    await expect(broken).rejects.toThrow("no known form");
    expect(await behind).toMatch(/^\$argon2id\$/);
  });
});
