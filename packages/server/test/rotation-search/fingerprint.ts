import type { Session } from "../../src/sessions/session.ts";
import type { Exchange, Scenario, State, Token } from "./state.ts";

/** Steps of at least this length make the idle limit matter, and with it the ages between the grace and that limit. */
const LONG_STEP_SECONDS = 3600;

/**
 * Equal for states between which no future move can tell: generations count from the row's, times from now, ages
 * beyond the grace are all alike, keys are named in order of appearance, tokens nobody holds are left out. This is
 * what makes the searches finite, and so complete, rather than cut off at some depth.
 */
export function fingerprint(state: State, scenario: Scenario): string {
  const { race } = state;
  const graceMs = scenario.graceSeconds * 1000;
  const long = scenario.timeSteps.some((seconds) => seconds >= LONG_STEP_SECONDS);
  const rows = [state.row, ...state.earlierRows];
  const held = heldGenerations(state);
  const gen = distances(state, rows, held);
  const names = new Map<number, number>();
  const oldestHeld = Math.min(...held);
  const couldMatter = (missed: number): boolean => missed >= oldestHeld - 1;

  const inGrace = (at: number): boolean => state.now - at <= graceMs;
  const seconds = (at: number): string => String((state.now - at) / 1000);
  const age = (at: number): string => (inGrace(at) ? seconds(at) : "-");
  const idleMs = state.row.idleSeconds * 1000;
  const life = (at: number): string => (long && state.now - at < idleMs ? seconds(at) : age(at));
  const name = (key: number | null): string => {
    if (key === null) return "";
    if (!names.has(key)) names.set(key, names.size + 1);
    return `k${names.get(key)}`;
  };
  const token = (t: Token): string => (long ? `${gen(t.generation)}@${life(t.bornAt)}` : `${gen(t.generation)}`);
  const row = (r: Session): string => {
    const retired = r.retired.filter(
      ({ generation, at }) => inGrace(at) && (held.has(generation) || generation === r.generation - 1),
    );
    const graces = retired.map(({ generation, at }) => `${gen(generation)}@${age(at)}`).join(",");
    const late = r.lateGeneration !== null && r.lateGeneration >= r.generation - 1 ? gen(r.lateGeneration) : "";
    const key = r.rotationKeyHash === null ? null : Number(r.rotationKeyHash.slice("key-".length));
    const first = r.generation === 0 ? "first" : "";
    return `${first}${gen(r.generation)}@${life(r.rotatedAt)}[${graces}]${late}${name(key)}${r.revokedReason ?? ""}`;
  };
  const exchange = (e: Exchange): string =>
    `${token(e.token)}${name(e.key)}@${age(e.sentAt)}${e.heard ? "" : "!"}>${e.answer === null ? "" : token(e.answer)}`;

  const parts = [
    rows.map(row).join("<"),
    state.lostWrites,
    token(state.jar),
    name(state.pendingKey),
    // Tabs are alike: their order does not matter.
    state.exchanges.map(exchange).toSorted().join(","),
    Math.max(0, state.newestIssued - state.row.generation),
    state.missed.filter(couldMatter).map(gen).map(String).toSorted().join(","),
  ];
  if (scenario.thief !== null) {
    // Any other token would only give the thief away.
    const answered = (r: Session, generation: number): boolean =>
      generation >= r.generation - 1 || r.retired.some((entry) => entry.generation === generation && inGrace(entry.at));
    const useful = ({ generation }: Token): boolean => rows.some((r) => answered(r, generation));
    const crossed = (["owner", "thief"] as const).map((party) => Number(race.crossedAt[party] >= state.row.generation));
    const stolen = state.stolen?.filter(useful).map(token).join(",") ?? "-";
    parts.push(stolen, race.lastRotatedBy, race.crossings, race.turns, ...crossed);
  }
  return parts.join("|");
}

function heldGenerations(state: State): ReadonlySet<number> {
  const held = new Set([state.jar.generation]);
  for (const { token, answer } of state.exchanges) {
    held.add(token.generation);
    if (answer !== null) held.add(answer.generation);
  }
  for (const token of state.stolen ?? []) held.add(token.generation);
  return held;
}

/**
 * Each generation's distance from the row's. Below the oldest row only order and neighbourhood count, so wider gaps
 * shrink to two.
 */
function distances(state: State, rows: readonly Session[], held: ReadonlySet<number>): (generation: number) => number {
  const floor = Math.min(...rows.map((row) => row.generation)) - 1;
  const mentioned = [...new Set([...held, ...state.missed])];
  const below = mentioned.filter((generation) => generation < floor).toSorted((a, b) => b - a);
  const shrunk = new Map<number, number>();
  let previous = floor;
  let distance = floor - state.row.generation;
  for (const generation of below) {
    distance -= Math.min(2, previous - generation);
    shrunk.set(generation, distance);
    previous = generation;
  }
  return (generation) => shrunk.get(generation) ?? generation - state.row.generation;
}
