import type { Actor, AuditEventType } from "../audit/audit-event.ts";
import type { RecordedEvent } from "../audit/audit-store.ts";
import type { DeviceChange } from "./device-change.ts";
import { deviceLabel } from "./device-label.ts";
import { sessionHistory } from "./history.ts";
import type { SessionEvents, SessionHistory } from "./history.ts";
import type { SessionPolicy } from "./session-deps.ts";
import type { SessionStore } from "./session-store.ts";
import type { SessionSummary } from "./session-summary.ts";
import type { Device } from "./session.ts";

/** What happened to a session, as a person tells it. Times in milliseconds since the epoch. */
export type LineageStep =
  | {
      readonly kind: "begin";
      readonly at: number;
      readonly how: "login" | "signup" | "session_adopted";
      readonly device: Device;
      readonly remember: boolean;
    }
  /** So many rotations in a row, with nothing to tell of between them. */
  | ({ readonly kind: "rotations"; readonly count: number; readonly generation: number } & Span & Noteworthy)
  /** So many times the same generation went out again. */
  | ({
      readonly kind: "repeats";
      readonly count: number;
      readonly generation: number;
      readonly presented: number;
      readonly late: boolean;
    } & Span &
      Noteworthy)
  | {
      readonly kind: "theft";
      readonly at: number;
      readonly presented: number;
      readonly generation: number;
      readonly presentedBy: Device;
      readonly lastRotatedBy: Device;
    }
  | {
      readonly kind: "end";
      readonly at: number;
      readonly reason: string;
      readonly device: Device | null;
      readonly by: Actor | null;
    }
  | { readonly kind: "other"; readonly at: number; readonly type: AuditEventType; readonly device: Device };

interface Span {
  readonly at: number;
  readonly until: number;
}

interface Noteworthy {
  readonly device: Device;
  readonly healedFrom: number | null;
  readonly changed: DeviceChange | null;
}

export interface Lineage {
  readonly userId: string | null;
  /** Null once its row is no longer kept. */
  readonly session: SessionSummary | null;
  /** Oldest first: the first, and as many of the last as fit. */
  readonly steps: readonly LineageStep[];
  /** How many were left out after the first; of what was not even read, each event is one. */
  readonly omitted: number;
}

/** More than anybody looks at. */
const MAX_STEPS = 500;
/** What is done to a user ends all their sessions: its event is the user's, and this near to the sessions' end. */
const NEAR_MS = 1000;
const BY_PASSWORD: readonly AuditEventType[] = ["password_changed", "password_reset", "email_change_undone"];
const ENDS_ALL: readonly AuditEventType[] = [
  "logout_all",
  "user_disabled",
  "user_deleted",
  "identity_unlinked",
  "second_factor_removed",
  "second_factors_reset",
  ...BY_PASSWORD,
];

export interface LineageDeps {
  readonly store: SessionStore;
  readonly audit: SessionEvents;
  readonly policy: Pick<SessionPolicy, "idleSeconds" | "rememberSeconds">;
}

/** Null if nothing is known of such a session. */
export async function sessionLineage(
  deps: LineageDeps,
  id: string,
  now: number,
): Promise<Lineage | null> {
  const history = await sessionHistory(deps, id, now);
  if (history === null) return null;
  const userId = history.session?.userId ?? history.events[0]?.userId ?? null;
  const steps = stepsOf(history.events);
  const end = await endOf(deps, history, steps, userId);
  if (end !== null) steps.push(end);
  const omitted = Math.max(0, steps.length - MAX_STEPS);
  steps.splice(1, omitted);
  return { userId, session: history.session, steps, omitted: history.omitted + omitted };
}

/** Rotations in a row, and repeats in a row, are one step each. */
function stepsOf(events: readonly RecordedEvent[]): LineageStep[] {
  const steps: LineageStep[] = [];
  for (const event of events) {
    const step = stepOf(event);
    const last = steps.at(-1);
    const joined = last === undefined ? null : join(last, step);
    if (joined === null) steps.push(step);
    else steps[steps.length - 1] = joined;
  }
  return steps;
}

function join(last: LineageStep, next: LineageStep): LineageStep | null {
  if (last.kind === "rotations" && next.kind === "rotations" && isPlain(last) && isPlain(next)) {
    return { ...next, at: last.at, count: last.count + 1 };
  }
  if (last.kind !== "repeats" || next.kind !== "repeats" || !isPlain(last) || !isPlain(next)) return null;
  const isSame = last.generation === next.generation && last.presented === next.presented && last.late === next.late;
  return isSame ? { ...next, at: last.at, count: last.count + 1 } : null;
}

function isPlain({ healedFrom, changed }: Noteworthy): boolean {
  return healedFrom === null && changed === null;
}

function stepOf({ at, type, ip, userAgent, detail }: RecordedEvent): LineageStep {
  const device: Device = { label: deviceLabel(userAgent), ip, userAgent };
  const by = (detail["by"] ?? null) as Actor | null;
  const generation = Number(detail["generation"] ?? 0);
  const presented = Number(detail["presented"] ?? 0);
  const noteworthy: Noteworthy & Span = {
    at,
    until: at,
    device,
    healedFrom: typeof detail["healedFrom"] === "number" ? detail["healedFrom"] : null,
    changed: detail["changed"] ?? null,
  };
  switch (type) {
    case "login":
    case "signup":
    case "session_adopted":
      return { kind: "begin", at, how: type, device, remember: detail["remember"] === true };
    case "refresh":
      return { kind: "rotations", count: 1, generation, ...noteworthy };
    case "refresh_repeated":
      return { kind: "repeats", count: 1, generation, presented, late: detail["late"] === true, ...noteworthy };
    case "refresh_token_reused": {
      const { presentedBy, lastRotatedBy }: { presentedBy?: Device; lastRotatedBy?: Device } = detail;
      return {
        kind: "theft",
        at,
        presented,
        generation,
        presentedBy: presentedBy ?? device,
        lastRotatedBy: lastRotatedBy ?? device,
      };
    }
    case "logout":
    case "logout_all":
      return { kind: "end", at, reason: type, device, by };
    case "session_revoked":
      return { kind: "end", at, reason: String(detail["reason"]), device, by };
    default:
      return { kind: "other", at, type, device };
  }
}

/** The end, where none of its own events tells of it. */
async function endOf(
  deps: LineageDeps,
  { end, events }: SessionHistory,
  steps: readonly LineageStep[],
  userId: string | null,
): Promise<LineageStep | null> {
  if (end === null || steps.some(({ kind }) => kind === "end")) return null;
  if (end.at === null) return endUnkept(deps, events, userId);
  const { at, reason } = end;
  const bare = { kind: "end", at, reason: String(reason), device: null, by: null } as const;
  // What ended it bears the same name. After a theft, or of itself, nobody ended it.
  const type = ENDS_ALL.find((one) => one === reason);
  if (userId === null || type === undefined) return bare;
  // A session says of all of these that the password was changed.
  const types = type === "password_changed" ? BY_PASSWORD : [type];
  const near = await deps.audit.list({ userId, types, since: at - NEAR_MS, until: at + NEAR_MS });
  const event = near.find((one) => one.at === at) ?? near[0];
  return event === undefined ? bare : { ...bare, ...whoEnded(event) };
}

/** Its row is gone, as after its user is deleted: it ended with what came first, unless it had ended by itself by then. */
async function endUnkept(
  { audit, policy }: LineageDeps,
  events: readonly RecordedEvent[],
  userId: string | null,
): Promise<LineageStep | null> {
  const last = events.at(-1);
  if (last === undefined || userId === null) return null;
  const [event] = await audit.list({ userId, types: ENDS_ALL, after: last.id, limit: 1 });
  const remember = events.some(({ detail }) => detail["remember"] === true);
  const idleSeconds = remember ? policy.rememberSeconds : policy.idleSeconds;
  if (event === undefined || event.at >= last.at + idleSeconds * 1000) return null;
  return { kind: "end", at: event.at, reason: event.type, ...whoEnded(event) };
}

function whoEnded({ ip, userAgent, detail }: RecordedEvent): { by: Actor | null; device: Device | null } {
  return {
    by: (detail["by"] ?? null) as Actor | null,
    device: ip === null && userAgent === null ? null : { label: deviceLabel(userAgent), ip, userAgent },
  };
}
