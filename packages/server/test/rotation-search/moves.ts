import { ownerMoves } from "./owner-moves.ts";
import { raceAfter } from "./race.ts";
import { present, serve } from "./serve.ts";
import { rowWritten, type Step } from "./step.ts";
import type { Scenario, State, ThiefScenario, Token } from "./state.ts";

/** Of the tokens a thief has held, the newest few: older ones do nothing but give him away. */
const STOLEN_KEPT = 3;

/** Everything that may happen next. Nothing does once the session is dead. */
export function moves(state: State, scenario: Scenario): Step[] {
  if (state.row.revokedAt !== null) return [];
  const steps = [...ownerMoves(state, scenario), ...timeMoves(state, scenario), ...storeMoves(state)];
  if (scenario.thief !== null) steps.push(...thiefMoves(state, scenario, scenario.thief));
  return steps;
}

function timeMoves(state: State, scenario: Scenario): Step[] {
  const steps: Step[] = [];
  for (const seconds of scenario.timeSteps) {
    const now = state.now + seconds * 1000;
    const oldest = Math.min(now, ...state.exchanges.map((exchange) => exchange.sentAt));
    if (now - oldest > scenario.longestExchange * 1000) continue;
    steps.push({ label: `${seconds} s pass`, state: { ...state, now }, findings: [] });
  }
  return steps;
}

/** The store comes back without its last writes (revocations are never among them: a dead session has no moves). */
function storeMoves(state: State): Step[] {
  return state.earlierRows.map((row, index) => ({
    label: `the store falls back from ${state.row.generation} to ${row.generation}`,
    state: { ...state, row, earlierRows: state.earlierRows.slice(0, index), lostWrites: state.lostWrites + 1 },
    findings: [],
  }));
}

function thiefMoves(state: State, scenario: Scenario, thief: ThiefScenario): Step[] {
  if (state.stolen === null) {
    const label = `a thief copies ${state.jar.generation}`;
    return [{ label, state: { ...state, stolen: [state.jar] }, findings: [] }];
  }
  const deliveries = scenario.owner === "browser" ? (["cookie", "body"] as const) : (["body"] as const);
  return state.stolen.flatMap((token) =>
    deliveries.flatMap((delivery) => thiefPlays(state, scenario, thief, token, delivery)),
  );
}

/** The thief's requests and answers take no time: he waits with the request instead. */
function thiefPlays(
  state: State,
  scenario: Scenario,
  thief: ThiefScenario,
  token: Token,
  delivery: "cookie" | "body",
): Step[] {
  const presented = present(token, delivery, thief.device, null);
  const served = serve(state.row, presented, state.now, scenario.graceSeconds);
  const { answer, decision } = served;
  const label = `the thief sends ${token.generation} by ${delivery}: ${decision.outcome}`;
  if (answer === null) return [{ label, state: { ...state, row: served.row }, findings: [] }];
  const raced = raceAfter(state, scenario, "thief", token, served);
  if (raced === null) return [];
  const others = (state.stolen ?? []).filter((held) => held.generation !== answer.generation);
  const stolen = [...others, answer].toSorted((a, b) => a.generation - b.generation).slice(-STOLEN_KEPT);
  return [
    {
      label: `${label}, ${answer.generation}`,
      state: { ...rowWritten(state, scenario, served.row), stolen, race: raced.race },
      findings: [...served.findings, ...raced.findings],
    },
  ];
}
