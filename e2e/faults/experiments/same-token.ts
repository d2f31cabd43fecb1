import type { Violation } from "../history/evidence.ts";
import type { Attempt, Held, RecordedClient } from "../recorded-client.ts";
import { beginTrial, signUpAll } from "../trial.ts";
import type { Trial } from "../trial.ts";
import { experiment } from "./experiment.ts";

const AT_ONCE = [2, 10, 100];
const SESSIONS = 8;

/** One refresh token is sent several times at once, to both servers: everyone gets the same successor. */
export const sameToken = experiment({
  title: "3 same token at once",
  short: { rounds: 4 },
  full: { rounds: 1000 },
  async run(setting, { rounds }) {
    const trial = await beginTrial(setting);
    const people = Array.from({ length: SESSIONS }, (_, number) => trial.newClient(`client${number}`));
    // By cookie, a token that has just been made is not rotated again: these rounds find everyone repeated to.
    const held = await signUpAll(people, { cookieEvery: 4 });
    const violations: Violation[] = [];
    let unanswered = 0;
    for (const atOnce of AT_ONCE) {
      for (let round = 0; round < rounds; round++) {
        const number = round % SESSIONS;
        const attempts = await presentAtOnce(trial, people[number]!, held[number]!, atOnce);
        const answered = attempts.filter(({ operation }) => operation.outcome === "ok");
        const successors = new Set(answered.map((attempt) => attempt.held.refreshToken));
        if (successors.size !== 1) {
          violations.push({ invariant: "I4", what: `${atOnce} at once were answered with ${successors.size} tokens` });
        }
        unanswered += atOnce - answered.length;
        held[number] = answered[0]?.held ?? held[number]!;
      }
    }
    const notes = `${rounds} rounds of ${AT_ONCE.join(", ")}; ${unanswered} answers missing`;
    return trial.conclude({ faults: AT_ONCE.length * rounds, violations, notes });
  },
});

async function presentAtOnce(trial: Trial, client: RecordedClient, held: Held, atOnce: number): Promise<Attempt[]> {
  const doors = trial.doors();
  return Promise.all(
    Array.from({ length: atOnce }, (_, copy) => client.refresh(held, { door: doors[copy % doors.length]! })),
  );
}
