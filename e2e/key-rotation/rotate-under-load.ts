/**
 * A rotation every few seconds while people refresh at two replicas and three guards verify without a pause. Half-way, a
 * key whose private part is known to us signs, is found compromised, and goes.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createSigner, generateKey } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import { refresh, signup } from "../call.ts";
import type { Tokens } from "../call.ts";
import { launch, temporaryFolder, until } from "../launch.ts";
import type { Launched } from "../launch.ts";
import { runOstiary, startOstiary } from "../start-ostiary.ts";
import type { RunningServer } from "../start-ostiary.ts";
import type { Order, Verified } from "./verifier.ts";

export interface Load {
  readonly seconds: number;
  /** How long a key signs. */
  readonly rotationSeconds: number;
  /** Over all guards. */
  readonly verificationsPerSecond: number;
}

export interface Outcome extends Verified {
  /** Keys that honest tokens were signed with. */
  readonly keys: number;
  readonly refreshes: number;
  readonly refreshFailures: readonly string[];
}

const GUARDS = 3;
const USERS = 4;
const REFRESH_EVERY_MS = 100;
const TOKEN_SECONDS = 8;
const LEAKED = "leaked";
/** The document's max-age, which is half a rotation here, and the fetch; a guard without traffic looks less often. */
const GUARDS_LOOK_WITHIN_MS = 3500;

export async function rotateUnderLoad({ seconds, rotationSeconds, verificationsPerSecond }: Load): Promise<Outcome> {
  const folder = temporaryFolder();
  const env = { OSTIARY_KEY_ROTATION: `${rotationSeconds}s`, OSTIARY_ACCESS_TOKEN_TTL: `${TOKEN_SECONDS}s` };
  const first = await startOstiary({ folder, env });
  const { issuer } = first;
  const second = await startOstiary({ folder, env: { ...env, OSTIARY_ISSUER: issuer } });
  const guards = await Promise.all(Array.from({ length: GUARDS }, () => startVerifier(issuer, verificationsPerSecond / GUARDS)));
  const tell = (order: Order): void => {
    for (const guard of guards) guard.write(`${JSON.stringify(order)}\n`);
  };

  const deadline = performance.now() + seconds * 1000;
  const users = await Promise.all(Array.from({ length: USERS }, (_, i) => signup(issuer, `user-${i}@example.com`)));
  const refreshing = refreshUntil(deadline, users, [issuer, `${second.url}/auth`], tell);
  await pause(Math.max(0, seconds * 400));
  await compromise(first, second, tell);
  const { keys, refreshes, failures } = await refreshing;

  const said = await Promise.all(guards.map(reportOf));
  for (const server of [first, second]) await server.stop();
  const sum = (of: (verified: Verified) => number): number => said.reduce((total, one) => total + of(one), 0);
  return {
    keys,
    refreshes,
    refreshFailures: failures,
    accepted: sum(({ accepted }) => accepted),
    refusals: said.flatMap(({ refusals }) => refusals),
    forgedAccepted: sum(({ forgedAccepted }) => forgedAccepted),
    forgedRefused: sum(({ forgedRefused }) => forgedRefused),
    forgedAcceptedLate: sum(({ forgedAcceptedLate }) => forgedAcceptedLate),
  };
}

async function startVerifier(issuer: string, rate: number): Promise<Launched> {
  const guard = launch(process.execPath, [join(import.meta.dirname, "verifier.ts")], {
    env: { ISSUER: issuer, RATE: String(rate) },
  });
  await guard.says(/Ready/);
  return guard;
}

async function reportOf(guard: Launched): Promise<Verified> {
  guard.end();
  await guard.ended;
  const report = guard.stdout.trim().split("\n").at(-1) ?? "";
  if (!report.startsWith("{")) throw new Error(`A guard ended without a report: ${guard.stdout}${guard.stderr}`);
  return JSON.parse(report) as Verified;
}

/**
 * Each user in turn, at one replica after the other; the guards get every new access token at once. On a busy machine a server
 * may say that it takes too long (503): that is no refusal, nothing has changed, and the same token is sent again.
 */
async function refreshUntil(deadline: number, users: Tokens[], issuers: readonly string[], tell: (order: Order) => void) {
  const keys = new Set<string>();
  const failures: string[] = [];
  let refreshes = 0;
  while (performance.now() < deadline) {
    const user = refreshes % users.length;
    const issuer = issuers[Math.floor(refreshes / users.length) % issuers.length] ?? "";
    const answer = await refresh(issuer, users[user]?.refreshToken ?? "");
    refreshes++;
    if (answer.status === 200) {
      users[user] = answer.body;
      const kid = kidOf(answer.body.accessToken);
      keys.add(kid);
      // What the leaked key signs is refused with what is forged: nobody can tell them apart.
      if (kid !== LEAKED) tell({ honest: answer.body.accessToken });
    } else if (answer.status !== 503) failures.push(`${answer.status} ${answer.body.error} ${answer.body.reason}`);
    await pause(REFRESH_EVERY_MS);
  }
  return { keys: keys.size, refreshes, failures };
}

/**
 * Imports a key and forges a token with it that would live for an hour; takes the key out once another one signs, while
 * guards accept the forgery.
 */
async function compromise({ folder, issuer }: RunningServer, other: RunningServer, tell: (order: Order) => void): Promise<void> {
  const leaked = generateKey("ES256", { keyId: LEAKED });
  const file = join(folder, "leaked.json");
  writeFileSync(file, JSON.stringify(leaked.privateJwk()));
  await runOstiary(["keys", "import", file, "--now"], { folder });
  tell({ forged: forge(leaked, issuer) });
  await until("another key signs", async () =>
    /"kid":"leaked".*"retiring"/.test(await runOstiary(["keys", "list", "--json"], { folder })),
  );
  await runOstiary(["keys", "retire", LEAKED, "--compromised"], { folder });
  await untilUnpublished([issuer, `${other.url}/auth`]);
  // From here on, guards without a revocation feed may keep the document for as long as it says.
  await pause(GUARDS_LOOK_WITHIN_MS);
  tell({ withdrawn: true });
  await pause(500);
}

async function untilUnpublished(issuers: readonly string[]): Promise<void> {
  for (const issuer of issuers) {
    while ((await (await fetch(`${issuer}/.well-known/jwks.json`)).text()).includes(`"${LEAKED}"`)) await pause(50);
  }
}

function forge(key: Key, issuer: string): string {
  const sign = createSigner({ key, type: "at+jwt", issuer, audience: issuer, expiresInSeconds: 3600 });
  return sign({ sub: "mallory", jti: "forged", client_id: "first-party", sid: "none", ver: 1, scope: "", roles: ["admin"] });
}

function kidOf(token: string): string {
  return (JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string }).kid;
}
