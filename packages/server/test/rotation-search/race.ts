import type { Served } from "./serve.ts";
import type { Party, Race, Scenario, State, Token } from "./state.ts";

const CROSSINGS_KEPT = 3;
const TURNS_KEPT = 8;

interface Scored {
  readonly race: Race;
  readonly findings: readonly string[];
}

/** Keeps the score between owner and thief; null where the scenario has no such meeting. */
export function raceAfter(
  state: State,
  scenario: Scenario,
  party: Party,
  token: Token,
  { decision, row }: Served,
): Scored | null {
  const { race } = state;
  const rotates = decision.outcome === "rotate";
  if (scenario.thief === null) return { race, findings: [] };
  if (state.stolen === null) return { race: rotates ? { ...race, lastRotatedBy: party } : race, findings: [] };
  if (rotates) return moved({ ...race, lastRotatedBy: party }, party, scenario);

  const crosses =
    race.lastRotatedBy !== party && token.generation < row.generation && race.crossedAt[party] < row.generation;
  if (!crosses) return { race, findings: [] };
  const late = decision.outcome === "repeat" && decision.late;
  if (!late && !scenario.thief.graceHits) return null;
  const letter = late ? "l" : "g";
  const crossings = (race.crossings + (party === "owner" ? letter.toUpperCase() : letter)).slice(-CROSSINGS_KEPT);
  const crossed = { ...race, crossings, crossedAt: { ...race.crossedAt, [party]: row.generation } };
  const { race: after, findings } = moved(crossed, party, scenario);
  return { race: after, findings: [...findings, `crossings ${crossings}`] };
}

/** The session went on in the hands of this party. Counts from the thief's first success, where there is an end. */
function moved(race: Race, party: Party, scenario: Scenario): Scored {
  const letter = party === "owner" ? "o" : "t";
  const begun = race.turns !== "" || party === "thief";
  const counts = begun && !scenario.thief?.graceHits && race.turns.length < TURNS_KEPT;
  if (!counts || race.turns.endsWith(letter)) return { race, findings: [] };
  const turns = race.turns + letter;
  return { race: { ...race, turns }, findings: [`turns ${turns}`] };
}
