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
  // All connections are open before it begins.
  await Promise.all(Array.from({ length: 8 }, () => ask(steady, accessToken ?? "", performance.now(), [])));
  const latencies: number[] = [];
  let [loggedIn, refused, cut] = [0, 0, 0];
  const started = performance.now();
  const deadline = started + seconds * 1000;

  const signingIn = Array.from({ length: logins }, async () => {
    while (performance.now() < deadline) {
      const statusCode = await statusOf(pool, { path: "/auth/login", method: "POST", headers: HEADERS, body });
      if (statusCode === null) cut++;
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

/** Null if the connection was cut: the server lets go of idle ones while we are too busy to notice. */
async function statusOf(pool: Pool, request: Parameters<Pool["request"]>[0]): Promise<number | null> {
  try {
    const { statusCode, body: answer } = await pool.request(request);
    await answer.dump();
    return statusCode;
  } catch (error) {
    if (["ECONNRESET", "UND_ERR_SOCKET"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

async function ask(pool: Pool, token: string, due: number, latencies: number[]): Promise<void> {
  const request = { path: "/guarded", method: "GET", headers: { authorization: `Bearer ${token}` } } as const;
  const statusCode = (await statusOf(pool, request)) ?? (await statusOf(pool, request));
  if (statusCode !== 200) throw new Error(`The guarded route answered ${statusCode}.`);
  latencies.push(performance.now() - due);
}

async function post(pool: Pool, path: string): Promise<{ accessToken?: string }> {
  const { body: answer } = await pool.request({ path, method: "POST", headers: HEADERS, body });
  return (await answer.json()) as { accessToken?: string };
}
