import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../launch.ts";
import { ostiary } from "../../start-ostiary.ts";
import { startWatchedApi } from "../feed/watched-api.ts";
import type { GuardCredentials, WatchedApi } from "../feed/watched-api.ts";
import { startSignOuts } from "../feed/sign-outs.ts";
import type { SignOuts } from "../feed/sign-outs.ts";
import { beginTrial, signUpAll } from "../trial.ts";
import type { Setting, Trial } from "../trial.ts";
import { experiment } from "./experiment.ts";

/** As parts of what a guard may be stale: shorter, longer, just shorter, much longer. */
const CUTS = [0.2, 1.2, 0.8, 12];
const SHAKE = 0.2;

/**
 * The feed between servers and APIs is cut, held up, shaken and loses its server, while sessions are signed out all the
 * time. No API may accept what was signed out for longer than its guard may be stale, nor refuse what was not.
 */
export const breakFeed = experiment({
  title: "7 feed broken",
  short: { apis: 2, perSecond: 3, restMs: 25, maxStalenessSeconds: 2, cuts: 2 },
  full: { apis: 4, perSecond: 50, restMs: 0, maxStalenessSeconds: 5, cuts: 4 },
  async run(setting, { apis: count, perSecond, restMs, maxStalenessSeconds, cuts }) {
    const trial = await beginTrial(setting);
    const lengths = CUTS.slice(0, cuts).map((part) => part * maxStalenessSeconds);
    const kills = trial.deployment.replicas.length;
    const broken = 2 * lengths.reduce((sum, length) => sum + length, 0) + kills * maxStalenessSeconds;
    // A second more after each of them has been mended.
    const seconds = broken + 1 + 2 * lengths.length + kills;
    const leaving = Array.from({ length: seconds * perSecond }, (_, number) => trial.newClient(`leaving${number}`));
    const signingOut = await signUpAll(leaving);
    const staying = await signUpAll(Array.from({ length: count }, (_, number) => trial.newClient(`staying${number}`)));

    // Guards that start before their server can be reached.
    const apis = await startApis(trial, { count, maxStalenessSeconds, credentials: await createCredentials(setting) });
    const signOuts = startSignOuts({ trial, apis, perSecond, restMs, maxStalenessSeconds, signingOut, staying });
    await pause(500);
    await mend(apis, signOuts);
    let faults = 1;

    for (let server = 0; server < kills; server++) {
      signOuts.broken(maxStalenessSeconds);
      for (const { proxy } of apis) proxy.shake = SHAKE;
      await trial.deployment.killAndRestart(server);
      await pause(maxStalenessSeconds * 1000);
      for (const { proxy } of apis) proxy.shake = 0;
      await mend(apis, signOuts);
      faults++;
    }
    for (const state of ["cut", "silent"] as const) {
      for (const length of lengths) {
        signOuts.broken(length);
        for (const { proxy } of apis) proxy.state = state;
        await pause(length * 1000);
        await mend(apis, signOuts);
        faults++;
      }
    }
    const { violations, accepted, slowestMs } = await signOuts.stop();
    const shaken = apis.reduce((sum, { proxy }) => sum + proxy.shaken, 0);
    await Promise.all(apis.map((api) => api.close()));
    const notes =
      `${signOuts.count} signed out, refused after ${slowestMs} ms at most while the feed was whole; ${accepted} accepted ` +
      `in time; ${shaken} events twice or late`;
    return trial.conclude({ faults: faults + shaken, violations, notes });
  },
});

async function createCredentials({ database }: Setting): Promise<GuardCredentials> {
  const command = ostiary(["clients", "create", "apis", "--guard", "--json"], { folder: ".", env: database.env });
  const { code } = await command.ended;
  if (code !== 0) throw new Error(`No credentials for the guards: ${command.stderr}`);
  return JSON.parse(command.stdout) as GuardCredentials;
}

function startApis(
  { deployment, random }: Trial,
  options: { count: number; maxStalenessSeconds: number; credentials: GuardCredentials },
): Promise<WatchedApi[]> {
  const { replicas, issuer } = deployment;
  return Promise.all(
    Array.from({ length: options.count }, (_, number) =>
      startWatchedApi({
        ...options,
        name: `api ${number + 1}`,
        issuer,
        address: replicas[number % replicas.length]!.server.issuer,
        random,
        state: "cut",
      }),
    ),
  );
}

/** Lets everything pass again, and waits until every guard has proof of what was so at this moment or later. */
async function mend(apis: readonly WatchedApi[], signOuts: SignOuts): Promise<void> {
  for (const { proxy } of apis) proxy.state = "open";
  const mendedAt = Date.now();
  for (const api of apis) {
    await until(`${api.name} hears its server again`, async () => {
      const { connected, staleness, keys } = await api.status();
      return connected && staleness !== null && staleness * 1000 < Date.now() - mendedAt && keys.count > 0;
    });
  }
  await signOuts.wellAgain(mendedAt);
}
