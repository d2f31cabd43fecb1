import type { Session } from "../../src/sessions/session.ts";
import type { Scenario, State } from "./state.ts";

/** One move and the state it leads to. */
export interface Step {
  readonly label: string;
  readonly state: State;
  /** What the move shows: the searches say which findings must and which must not be there. */
  readonly findings: readonly string[];
}

/** How many writes back the store may fall. */
const EARLIER_ROWS_KEPT = 2;

/** The state after the store wrote the row. */
export function rowWritten(state: State, scenario: Scenario, row: Session): State {
  if (row === state.row) return state;
  const mayLose = state.lostWrites < scenario.lostWrites;
  return {
    ...state,
    row,
    earlierRows: mayLose ? [...state.earlierRows, state.row].slice(-EARLIER_ROWS_KEPT) : [],
    newestIssued: Math.max(state.newestIssued, row.generation),
  };
}
