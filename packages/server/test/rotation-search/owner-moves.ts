import type { RefusalReason } from "../../src/sessions/decide-rotation.ts";
import { raceAfter } from "./race.ts";
import { present, serve } from "./serve.ts";
import type { Exchange, Scenario, State } from "./state.ts";
import { rowWritten, type Step } from "./step.ts";

/** What the owner, and the network between owner and server, may do next. */
export function ownerMoves(state: State, scenario: Scenario): Step[] {
  const steps: Step[] = [];
  const waiting = state.exchanges.filter((exchange) => exchange.heard).length;
  if (waiting < scenario.waiting && state.exchanges.length < scenario.underWay) steps.push(send(state, scenario));
  for (const [index, exchange] of state.exchanges.entries()) {
    if (exchange.answer === null) steps.push(...arriveAtServer(state, scenario, index, exchange));
    else steps.push(...deliver(state, scenario, index, exchange));
    if (exchange.heard) steps.push(...giveUp(state, scenario, index, exchange));
  }
  return steps;
}

function send(state: State, scenario: Scenario): Step {
  const fresh = scenario.keys && state.pendingKey === null;
  const key = fresh ? state.nextKey : state.pendingKey;
  const exchange: Exchange = {
    token: state.jar,
    key,
    sentAt: state.now,
    answer: null,
    answeredAt: null,
    heard: true,
  };
  return {
    label: `owner sends ${state.jar.generation}${key === null ? "" : ` with key ${key}`}`,
    state: {
      ...state,
      exchanges: [...state.exchanges, exchange],
      pendingKey: key,
      nextKey: fresh ? state.nextKey + 1 : state.nextKey,
    },
    findings: [],
  };
}

function arriveAtServer(state: State, scenario: Scenario, index: number, exchange: Exchange): Step[] {
  const delivery = scenario.owner === "browser" ? "cookie" : "body";
  const presented = present(exchange.token, delivery, scenario.ownerDevice, exchange.key);
  const served = serve(state.row, presented, state.now, scenario.graceSeconds);
  const { answer, decision } = served;
  const label = `${exchange.token.generation} of the owner arrives`;
  if (answer === null) {
    const why = decision.outcome === "refuse" ? refusal(state, exchange, decision.reason) : decision.outcome;
    const findings = state.stolen === null ? [`owner refused: ${why}`] : [];
    return [{ label: `${label}: ${why}`, state: { ...state, row: served.row, exchanges: [] }, findings }];
  }
  const raced = raceAfter(state, scenario, "owner", exchange.token, served);
  const missed = exchange.heard ? state.missed : missing(state, scenario, answer.generation);
  if (raced === null || missed === null) return [];
  const answered: Exchange = { ...exchange, answer, answeredAt: state.now };
  return [
    {
      label: `${label}: ${decision.outcome}, ${answer.generation} ${exchange.heard ? "under way" : "to nobody"}`,
      state: {
        ...rowWritten(state, scenario, served.row),
        exchanges: exchange.heard ? state.exchanges.with(index, answered) : state.exchanges.toSpliced(index, 1),
        missed,
        race: raced.race,
      },
      findings: [...served.findings, ...raced.findings],
    },
  ];
}

function refusal(state: State, exchange: Exchange, reason: RefusalReason): string {
  if (reason !== "session_expired") return reason;
  const idle = state.now - exchange.token.bornAt >= state.row.idleSeconds * 1000;
  return idle ? reason : `${reason}, too early`;
}

function deliver(state: State, scenario: Scenario, index: number, exchange: Exchange): Step[] {
  const { answer } = exchange;
  if (answer === null) return [];
  const putBack = answer.generation < state.jar.generation;
  const missed = putBack ? missing(state, scenario, state.jar.generation, answer.generation) : state.missed;
  if (missed === null) return [];
  const inNoTime = exchange.sentAt === state.now;
  return [
    {
      label: `the owner receives ${answer.generation}${putBack ? `, over ${state.jar.generation}` : ""}`,
      state: { ...state, jar: answer, pendingKey: null, exchanges: state.exchanges.toSpliced(index, 1), missed },
      findings: putBack ? [`older token put back ${inNoTime ? "in no time" : "by a late answer"}`] : [],
    },
  ];
}

function giveUp(state: State, scenario: Scenario, index: number, exchange: Exchange): Step[] {
  if (exchange.answer === null) {
    const unheard = state.exchanges.with(index, { ...exchange, heard: false });
    const label = `the owner gives up on ${exchange.token.generation}`;
    return [{ label, state: { ...state, exchanges: unheard }, findings: [] }];
  }
  const missed = missing(state, scenario, exchange.answer.generation);
  if (missed === null) return [];
  const label = `answer ${exchange.answer.generation} is lost`;
  return [{ label, state: { ...state, exchanges: state.exchanges.toSpliced(index, 1), missed }, findings: [] }];
}

/**
 * The rotations whose answer did not stay with the owner, once it has missed `generation` and those back to `keeps`;
 * null where the scenario has no such misfortune.
 */
function missing(
  state: State,
  scenario: Scenario,
  generation: number,
  keeps: number = Math.max(state.jar.generation, generation - 1),
): readonly number[] | null {
  if (generation <= keeps) return state.missed;
  if (scenario.missedAnswers === "none") return null;
  if (scenario.missedAnswers === "any") return state.missed;
  const inARow = generation - keeps > 1 || state.missed.some((other) => Math.abs(other - generation) <= 1);
  return inARow ? null : [...state.missed, generation].slice(-4);
}
