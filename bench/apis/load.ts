/**
 * Asks an API as often as it answers, each in turn: `load.ts <url> <file>`. First it sees that those who are to be refused
 * are: what answers 200 to anybody is no guard.
 */
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { driveOnDemand } from "../processes/closed-loop.ts";
import type { Credentials } from "./credentials.ts";

const PATIENCE_MS = 20_000;
const [address = "", file = ""] = process.argv.slice(2);
const { origin, pathname: path } = new URL(address);
const { header, good, refused } = JSON.parse(readFileSync(file, "utf8")) as Credentials;
let next = 0;

const checked = check();

driveOnDemand(origin, async (pool) => {
  await checked;
  const { statusCode, body } = await pool.request({ path, method: "GET", headers: { [header]: good[next++ % good.length] ?? "" } });
  await body.dump();
  if (statusCode !== 200) throw new Error(`${address} answered ${statusCode}`);
  return 0;
});

async function check(): Promise<void> {
  for (const value of [good[0], good.at(-1)]) await answers(200, value ?? "");
  for (const value of refused) await answers(401, value);
}

/** An API hears of a sign-out a moment later. */
async function answers(status: number, value: string): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await pause(20)) {
    const answer = await fetch(address, { headers: { [header]: value } });
    await answer.arrayBuffer();
    if (answer.status === status) return;
    if (performance.now() > deadline) throw new Error(`${address} answered ${answer.status} where ${status} was due`);
  }
}
