import type { Violation } from "../history/evidence.ts";
import type { Attempt, Held, RecordedClient } from "../recorded-client.ts";
import { beginTrial, signUpAll } from "../trial.ts";
import type { Trial } from "../trial.ts";
import { experiment } from "./experiment.ts";

const AT_ONCE = [2, 10, 100];
const SESSIONS = 8;
/** A share: a busy machine may be too slow for a hundred at once now and then, and say 503. */
const MOST_UNANSWERED = 0.05;

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
        const presented = held[number]!;
        const successors = answered.filter((attempt) => attempt.held.refreshToken !== presented.refreshToken);
        const kept = answered.length - successors.length;
        const tokens = new Set(successors.map((attempt) => attempt.held.refreshToken)).size;
        // By cookie, the token may come of age between two of them: the earlier ones keep it, the later ones rotate it.
        if (tokens > 1 || (kept > 0 && presented.delivery === "body")) {
          const what = `${atOnce} at once, by ${presented.delivery}: ${kept} kept their token, the others got ${tokens}`;
          violations.push({ invariant: "I4", what });
        }
        unanswered += atOnce - answered.length;
        held[number] = (successors[0] ?? answered[0])?.held ?? presented;
      }
    }
    const asked = rounds * AT_ONCE.reduce((sum, atOnce) => sum + atOnce);
    if (unanswered > MOST_UNANSWERED * asked) {
      violations.push({ invariant: "I3", what: `${unanswered} of ${asked} were not answered` });
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
