import { randomUUID } from "node:crypto";
import { startCuttingProxy } from "../cutting-proxy.ts";
import { untilAnswered } from "../storm.ts";
import { beginTrial, signUpAll } from "../trial.ts";
import type { Trial } from "../trial.ts";
import type { Held, RecordedClient } from "../recorded-client.ts";
import { experiment } from "./experiment.ts";

const SHARE_CUT = 0.3;

/** Answers to refreshes are lost after the commit; clients send the same token again, half of them with a key. */
export const cutReplies = experiment({
  title: "2 replies cut",
  short: { clients: 10, cuts: 80 },
  full: { clients: 100, cuts: 5000 },
  async run(setting, { clients, cuts }) {
    const trial = await beginTrial(setting);
    const proxies = await Promise.all(
      trial.doors().map(async (door) => ({ door, proxy: await startCuttingProxy(door.issuer, SHARE_CUT, trial.random) })),
    );
    const doors = () => proxies.map(({ door, proxy }) => ({ ...door, issuer: proxy.issuer }));
    const cutSoFar = (): number => proxies.reduce((sum, { proxy }) => sum + proxy.cuts, 0);
    const people = Array.from({ length: clients }, (_, number) => trial.newClient(`client${number}`, doors));
    const held = await signUpAll(people);

    let recovered = 0;
    await Promise.all(
      people.map(async (client, number) => {
        while (cutSoFar() < cuts) {
          const key = number % 2 === 0 ? null : randomUUID();
          const { operation, held: next } = await untilAnswered(client, held[number]!, { key });
          if (operation.outcome !== "ok") return;
          recovered++;
          held[number] = next;
        }
      }),
    );
    await Promise.all(proxies.map(({ proxy }) => proxy.close()));
    await takeCensus(trial, people, held);
    return trial.conclude({ faults: cutSoFar(), notes: `${recovered} refreshes came through` });
  },
});

/** Where nothing is forgiven, each session's newest token goes on. */
async function takeCensus(trial: Trial, people: readonly RecordedClient[], held: readonly Held[]): Promise<void> {
  await trial.deployment.restartOne(0);
  await Promise.all(
    people.map(async ({ name }, number) => {
      const client = trial.newClient(`${name}-at-rest`);
      await client.refresh(held[number]!);
      await client.refresh(held[number]!);
    }),
  );
}
