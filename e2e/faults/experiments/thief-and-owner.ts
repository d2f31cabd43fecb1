import { setTimeout as pause } from "node:timers/promises";
import type { Violation } from "../history/evidence.ts";
import type { Attempt, Held, RecordedClient } from "../recorded-client.ts";
import { untilAnswered } from "../storm.ts";
import { beginTrial, signUpEach } from "../trial.ts";
import type { Trial } from "../trial.ts";
import { experiment } from "./experiment.ts";

/** Each plan is one theft: both hold the same token, one uses it first, the other comes later. */
interface Plan {
  readonly first: "owner" | "thief";
  readonly delivery: "body" | "cookie";
  /** How often the first has rotated when the second comes. */
  readonly rotations: number;
  /** How long after the first rotation the second comes, in graces. */
  readonly delay: number;
  /** How often the second sends the token at once, to both servers. */
  readonly copies: number;
}

const BEYOND = 1.15;
const BODY_PLANS: Plan[] = (["owner", "thief"] as const).flatMap((first) =>
  [1, 2, 4].flatMap((rotations) =>
    [0, 0.5, 0.9, BEYOND, 2].map((delay, index): Plan => ({
      first,
      delivery: "body",
      rotations,
      delay,
      copies: 1 + (index % 2),
    })),
  ),
);
const COOKIE_PLANS: Plan[] = (["owner", "thief"] as const).map((first) => {
  return { first, delivery: "cookie", rotations: 1, delay: BEYOND, copies: 1 };
});

/** By cookie, one old token is forgiven as a lost answer: hands change three times at the most. */
const MOST_TURNS = 4;

/** A stolen token in every order around the grace: found always, the session dead, the audit naming both devices. */
export const thiefAndOwner = experiment({
  title: "5 thief and owner",
  short: { times: 1, graceSeconds: 1 },
  full: { times: 10, graceSeconds: 2 },
  async run(setting, { times, graceSeconds }) {
    const trial = await beginTrial(setting, { graceSeconds });
    const plans = Array.from({ length: times }, () => [...BODY_PLANS, ...COOKIE_PLANS]).flat();
    const violations: Violation[] = [];
    const owners = plans.map(({ delivery }, number) => ({ client: trial.newClient(`owner${number}`), delivery }));
    const stolen = await signUpEach(owners);
    const thefts = plans.map((plan, number) => arrange(trial, plan, owners[number]!.client, stolen[number]!));
    await Promise.all(
      plans.map(async (plan, number) => {
        const theft = thefts[number]!;
        const found = plan.delivery === "body" ? await playByBody(theft, plan) : await playByCookie(theft, plan);
        if (!found) violations.push({ invariant: "I5", what: `not found: ${JSON.stringify(plan)} (owner${number})` });
      }),
    );
    // By now both servers know of most ends, whichever of them found the theft.
    await Promise.all(thefts.flatMap((theft) => trial.doors().map((door) => theft.first.access(theft.stolen, door))));
    return trial.conclude({ faults: plans.length, violations, notes: `${plans.length - violations.length} thefts found` });
  },
});

interface Theft {
  readonly trial: Trial;
  readonly graceMs: number;
  /** What both hold at first. */
  readonly stolen: Held;
  readonly first: RecordedClient;
  readonly second: RecordedClient;
}

function arrange(trial: Trial, plan: Plan, owner: RecordedClient, stolen: Held): Theft {
  const thief = trial.newClient(owner.name.replace("owner", "thief"));
  const [first, second] = plan.first === "owner" ? [owner, thief] : [thief, owner];
  return { trial, graceMs: trial.deployment.graceSeconds * 1000, stolen, first, second };
}

/** Whether the theft was found, and the session ended for both. */
async function playByBody({ trial, graceMs, stolen, first, second }: Theft, plan: Plan): Promise<boolean> {
  let newest = (await untilAnswered(first, stolen)).held;
  const retired = Date.now();
  for (let rotation = 1; rotation < plan.rotations; rotation++) newest = (await untilAnswered(first, newest)).held;
  await pause(Math.max(0, plan.delay * graceMs - (Date.now() - retired)));
  const doors = trial.doors();
  const come = (): Promise<Attempt[]> =>
    Promise.all(Array.from({ length: plan.copies }, (_, copy) => untilAnswered(second, stolen, { door: doors[copy]! })));

  let answers = await come();
  // Within the grace they race, and share the newest; it is the next late one that tells.
  const shared = answers.find(({ operation }) => operation.outcome === "ok");
  if (shared !== undefined) {
    newest = (await untilAnswered(second, shared.held)).held;
    await pause(BEYOND * graceMs);
    answers = await come();
  }
  const afterwards = await untilAnswered(first, newest);
  return [...answers, afterwards].every(isFound);
}

/** They take turns, each beyond the grace of the other's. */
async function playByCookie({ graceMs, stolen, first, second }: Theft, plan: Plan): Promise<boolean> {
  const held = new Map<RecordedClient, Held>();
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const whose = turn % 2 === 0 ? first : second;
    const attempt = await untilAnswered(whose, held.get(whose) ?? stolen);
    if (isFound(attempt)) return true;
    held.set(whose, attempt.held);
    await pause(plan.delay * graceMs);
  }
  return false;
}

function isFound({ operation }: Attempt): boolean {
  return operation.reason === "refresh_token_reused";
}
