/**
 * The load generator, a process of its own: `load.ts <origin>`. Signs in with so many connections, and asks the guarded
 * route at a steady rate meanwhile, each request timed from when it was due.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import type { LoginDrive, LoginDriven } from "./messages.ts";

const [origin = ""] = process.argv.slice(2);
const PASSWORD = "correct horse battery staple";
const HEADERS = { "content-type": "application/json", "user-agent": "ostiary-bench/1.0" };
const body = JSON.stringify({ email: "bench@example.com", password: PASSWORD, delivery: "body" });

const signedUp = post(new Pool(origin), "/auth/signup");
process.on("message", (drive: LoginDrive) => {
  void signedUp.then(() => run(drive)).then((driven) => process.send?.(driven));
});

async function run({ seconds, logins, guardedPerSecond }: LoginDrive): Promise<LoginDriven> {
  const pool = new Pool(origin, { connections: Math.max(1, logins), pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  const steady = new Pool(origin, { connections: 8, pipelining: 1 });
  const { accessToken } = await post(steady, "/auth/login");
  const latencies: number[] = [];
  let [loggedIn, refused, cut] = [0, 0, 0];
  const started = performance.now();
  const deadline = started + seconds * 1000;

  const signingIn = Array.from({ length: logins }, async () => {
    while (performance.now() < deadline) {
      const answered = await pool.request({ path: "/auth/login", method: "POST", headers: HEADERS, body }).catch(isCut);
      await answered?.body.dump();
      const statusCode = answered?.statusCode;
      if (answered === null) cut++;
      else if (statusCode === 200) loggedIn++;
      else if (statusCode === 503) refused++;
      else throw new Error(`Login answered ${statusCode}.`);
    }
  });
  const asking: Promise<void>[] = [];
  for (let i = 0; guardedPerSecond > 0; i++) {
    const due = started + (i * 1000) / guardedPerSecond;
    if (due >= deadline) break;
    await pause(Math.max(0, due - performance.now()));
    asking.push(ask(steady, accessToken ?? "", due, latencies));
  }
  await Promise.all([...signingIn, ...asking]);
  const took = (performance.now() - started) / 1000;
  await Promise.all([pool.destroy(), steady.close()]);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
  return { seconds: took, loggedIn, refused, cut, guarded: { count: latencies.length, p50: at(0.5), p99: at(0.99), max: at(1) } };
}

/** The kernel lets only so many wait to be accepted. */
function isCut(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === "ECONNRESET") return null;
  throw error;
}

async function ask(pool: Pool, token: string, due: number, latencies: number[]): Promise<void> {
  const { statusCode, body: answer } = await pool.request({ path: "/guarded", method: "GET", headers: { authorization: `Bearer ${token}` } });
  await answer.dump();
  if (statusCode !== 200) throw new Error(`The guarded route answered ${statusCode}.`);
  latencies.push(performance.now() - due);
}

async function post(pool: Pool, path: string): Promise<{ accessToken?: string }> {
  const { body: answer } = await pool.request({ path, method: "POST", headers: HEADERS, body });
  return (await answer.json()) as { accessToken?: string };
}
