import { checkState } from "./check-state.ts";
import { fingerprint } from "./fingerprint.ts";
import { moves } from "./moves.ts";
import { initialState } from "./state.ts";
import type { Scenario, State } from "./state.ts";

export interface Bounds {
  readonly depth: number;
  readonly states: number;
}

export interface SearchResult {
  readonly states: number;
  readonly moves: number;
  /** The longest of the shortest ways to a state. */
  readonly depth: number;
  /** True when every reachable state was visited: what was not found does not exist, at any depth. */
  readonly complete: boolean;
  /** The shortest trace to each finding. */
  readonly findings: ReadonlyMap<string, readonly string[]>;
}

interface Options {
  readonly onLevel?: (depth: number, states: number) => void;
  /** States with the same text are visited once. */
  readonly identify?: (state: State, scenario: Scenario) => string;
}

interface Visit {
  readonly state: State;
  readonly label: string;
  readonly from: Visit | null;
}

/** Breadth first, so that the first trace to a finding is a shortest one. */
export function explore(scenario: Scenario, bounds: Bounds, options: Options = {}): SearchResult {
  const { onLevel, identify = fingerprint } = options;
  const start = initialState(scenario);
  const seen = new Set([identify(start, scenario)]);
  const findings = new Map<string, readonly string[]>();
  let frontier: Visit[] = [{ state: start, label: "", from: null }];
  let made = 0;
  let depth = 0;

  while (frontier.length > 0 && depth < bounds.depth && seen.size < bounds.states) {
    const next: Visit[] = [];
    for (const visit of frontier) {
      for (const step of moves(visit.state, scenario)) {
        made++;
        const reached: Visit = { state: step.state, label: step.label, from: visit };
        for (const finding of step.findings) if (!findings.has(finding)) findings.set(finding, traceOf(reached));
        const print = identify(step.state, scenario);
        if (seen.has(print)) continue;
        seen.add(print);
        for (const finding of checkState(step.state, scenario)) {
          if (!findings.has(finding)) findings.set(finding, traceOf(reached));
        }
        next.push(reached);
      }
    }
    frontier = next;
    depth++;
    onLevel?.(depth, seen.size);
  }
  return { states: seen.size, moves: made, depth, complete: frontier.length === 0, findings };
}

function traceOf(visit: Visit): readonly string[] {
  const labels: string[] = [];
  for (let at: Visit | null = visit; at !== null && at.from !== null; at = at.from) labels.unshift(at.label);
  return labels;
}
