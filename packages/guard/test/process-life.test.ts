/** Whether a guard keeps a process alive, seen from outside. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startFeed } from "./feed-server.ts";

const program = join(import.meta.dirname, "idle-process.ts");

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Resolves when the process has ended by itself; a test that waits for that in vain times out. */
function run(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, output }));
  });
}

test("an open feed keeps no process alive", async () => {
  const feed = await startFeed();
  // Else it would be left for its silence.
  const beating = setInterval(() => feed.beat(), 200);
  onTestFinished(() => clearInterval(beating));
  expect(await run(feed.issuer.url, "ready")).toEqual({ code: 0, output: "connected: true\n" });
});

test("a request that waits for the first snapshot is answered before the process ends", async () => {
  const feed = await startFeed();
  const token = feed.issuer.token({ sid: "session-1" });
  expect(await run(feed.issuer.url, "verify", token)).toEqual({ code: 0, output: "session-1\n" });
});

test("a process that does nothing with its guard ends, and so does one that closes it", async () => {
  const feed = await startFeed();
  feed.answer = () => {};
  const ends = await Promise.all([run(feed.issuer.url, "nothing"), run(feed.issuer.url, "close")]);
  expect(ends).toEqual([{ code: 0, output: "" }, { code: 0, output: "" }]);
});

test("a process that waits for a server that is not there yet waits", async () => {
  // Below the range that the system takes ports from by itself.
  const port = 20_000 + (process.pid % 10_000);
  const url = `http://127.0.0.1:${port}/auth`;
  const ended = run(url, "ready");
  const soon = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1500, "still waiting"))]);
  expect(soon).toBe("still waiting");
  await startFeed({ port });
  expect(await ended).toEqual({ code: 0, output: "connected: true\n" });
});
