import { present, serve } from "./serve.ts";
import type { Scenario, State, Token } from "./state.ts";

/** What must hold in every state, whatever has happened: findings where it does not. */
export function checkState(state: State, scenario: Scenario): string[] {
  return [...moreThanOneLiveToken(state, scenario), ...differentBytes(state)];
}

/** Live is what rotates. A store that lost writes may find several, until the owner's next refresh. */
function moreThanOneLiveToken(state: State, scenario: Scenario): string[] {
  if (state.newestIssued > state.row.generation || state.row.revokedAt !== null) return [];
  let live = 0;
  for (let generation = Math.max(0, state.row.generation - 3); generation <= state.newestIssued; generation++) {
    const token = { generation, bornAt: state.row.rotatedAt, expiresAt: Infinity };
    const deliveries = ["body", "cookie"] as const;
    const rotates = deliveries.some((delivery) => {
      const presented = present(token, delivery, true, null);
      return serve(state.row, presented, state.now, scenario.graceSeconds).decision.outcome === "rotate";
    });
    if (rotates) live++;
  }
  return live > 1 ? ["more than one live token"] : [];
}

/** The token of a generation is always the same bytes, unless the store lost the row it was made from. */
function differentBytes(state: State): string[] {
  if (state.lostWrites > 0) return [];
  const tokens: Token[] = [state.jar, ...(state.stolen ?? [])];
  for (const { token, answer } of state.exchanges) tokens.push(token, ...(answer === null ? [] : [answer]));
  const bornAt = new Map<number, number>();
  for (const token of tokens) {
    if ((bornAt.get(token.generation) ?? token.bornAt) !== token.bornAt) return ["different bytes for one generation"];
    bornAt.set(token.generation, token.bornAt);
  }
  return [];
}
