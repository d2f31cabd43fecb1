/**
 * `npm run test:console`: how long the administrators' API takes with 100,000 users and a million events in the audit,
 * on SQLite. Prints a table; fails if anything takes longer than a person notices.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isReady, login, PASSWORD } from "../call.ts";
import { cleanUp, freePort, temporaryFolder } from "../launch.ts";
import { asServer, ostiary, runOstiary } from "../start-ostiary.ts";
import { seed } from "./seed.ts";

const [users = 100_000, events = 1_000_000] = process.argv.slice(2).map(Number);
/** What a person takes for at once; the first look at a month counts a month. */
const MEDIAN_MS = 100;
const FIRST_MS = 1000;
/** What looks through a million events, or a third of all users, and finds nothing. */
const THROUGH_ALL = ["audit, nobody's address", "users, excluding words"];
const THROUGH_ALL_MS = 1000;
const ROUNDS = 20;

const [folder, port] = [temporaryFolder(), await freePort()];
const server = asServer(ostiary(["start"], { folder, env: { OSTIARY_PORT: String(port), OSTIARY_LIMITS: "off" } }), port, folder);
while (!(await isReady(server.url))) await pause(100);
await runOstiary(["users", "create", "operator@example.com", "--admin", "--password-stdin"], { folder, stdin: `${PASSWORD}\n` });
seed(join(folder, ".ostiary/ostiary.db"), { users, events }, Date.now());
// Filling it took long: connections of before are gone, and the first request finds out.
while (!(await isReady(server.url))) await pause(100);
const { accessToken, user } = await login(server.issuer, "operator@example.com");

const month = new Date(Date.now() - 20 * 86_400_000).toISOString();
const calls: Readonly<Record<string, string>> = {
  "overview, a day": "/overview?range=day",
  "overview, a month": "/overview?range=month",
  "users, newest": "/users",
  "users, by a word": "/users?text=lovelace",
  "users, by two": "/users?text=ada+corp",
  "users, one letter": "/users?text=a",
  "users, of a role": "/users?role=support",
  "users, disabled": "/users?disabled=true&text=grace",
  "users, a letter and more": "/users?text=e&role=support&disabled=true",
  "users, all and nobody": "/users?text=example+zz&role=user",
  "users, excluding words": "/users?text=corp.example+example.com&role=user",
  "users, nobody": "/users?text=zzz",
  "audit, newest": "/audit",
  "audit, thefts": "/audit?type=refresh_token_reused",
  "audit, several types": "/audit?type=login_failed,logout,session_revoked",
  "audit, of a time": `/audit?since=${month}&type=login`,
  "audit, of a user": `/audit?user=${user.id}`,
  "audit, of an address": "/audit?ip=203.0.113.7",
  "audit, its thefts": "/audit?ip=203.0.113.7&type=refresh_token_reused",
  "audit, nobody's address": "/audit?ip=192.0.2.1",
  "audit, the tail": `/audit?after=${events - 10}`,
};

const failures: string[] = [];
console.log(`${users.toLocaleString("en")} users, ${events.toLocaleString("en")} events\n`);
console.log(`${"".padEnd(24)}${"first".padStart(10)}${"median".padStart(10)}${"slowest".padStart(10)}`);
for (const [name, path] of Object.entries(calls)) {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now();
    const response = await fetch(`${server.issuer}/admin${path}`, { headers: { authorization: `Bearer ${accessToken}` } });
    await response.text();
    if (response.status !== 200) failures.push(`${name}: ${response.status}`);
    times.push(performance.now() - started);
  }
  const first = times[0] ?? 0;
  const sorted = times.slice(1).toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  console.log(name.padEnd(24) + [first, median, sorted.at(-1) ?? 0].map((ms) => `${ms.toFixed(1)} ms`.padStart(10)).join(""));
  if (median > (THROUGH_ALL.includes(name) ? THROUGH_ALL_MS : MEDIAN_MS) || first > FIRST_MS) {
    failures.push(`${name}: ${first.toFixed(0)} ms at first, ${median.toFixed(0)} ms as a rule`);
  }
}
await server.stop();
await cleanUp();
for (const failure of failures) console.error(failure);
if (failures.length > 0) process.exitCode = 1;
