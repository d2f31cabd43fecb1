/**
 * "Nothing lost", judged: every way in which logs and stores contradict one of the invariants.
 *
 * - I1 No acknowledged rotation lost: a refresh token that was handed out stays good until it is used or its session ends.
 * - I2 No revoked token accepted once the end of its session was acknowledged.
 * - I3 Nobody locked out by a lost response: the same token, sent again within the grace, succeeds.
 * - I4 One live leaf: a session has one token that makes a new one.
 * - I5 Theft found: an old token later than the grace is refused as reused, and the session is dead.
 * - I6 Nothing forged or foreign accepted.
 * - I7 Typed answers only, and servers that live.
 * - I8 Durable means durable: what was acknowledged is in the store afterwards.
 */
import type { Evidence, Invariant, StoreState, Violation } from "./evidence.ts";
import type { Operation } from "./operation.ts";
import { isNotRefused, sessionHistories } from "./session-history.ts";
import type { Refresh, SessionHistory } from "./session-history.ts";

/** Another replica learns of a revocation within this; what asks the store knows at once. In milliseconds. */
const REVOCATION_REACHES_ALL_MS = 1000;

export function checkHistory({ operations, store, processes, losesRotations }: Evidence): Violation[] {
  const ordered = operations.toSorted((a, b) => a.start - b.start);
  return [
    ...sessionHistories(ordered).flatMap((session) => checkSession(session, store, losesRotations)),
    ...ordered.flatMap(checkAcceptance),
    ...ordered.flatMap(checkForm),
    ...processes.flatMap(({ name, endedByItself, stderr }) => [
      ...(endedByItself ? [violation("I7", `${name} ended by itself: ${stderr.slice(-500)}`)] : []),
      ...(/unhandled|uncaught/i.test(stderr) ? [violation("I7", `${name} let something slip: ${stderr.slice(-500)}`)] : []),
    ]),
  ];
}

function checkSession(session: SessionHistory, store: StoreState, losesRotations: boolean): Violation[] {
  return [
    ...checkRefusals(session),
    ...checkEnd(session),
    ...checkLeaves(session),
    ...checkThefts(session, store),
    ...checkStore(session, store),
    ...(losesRotations ? [] : checkRotationsKept(session, store)),
  ];
}

/** I1, I3. */
function checkRefusals({ id, refreshes, mayHaveEndedFrom }: SessionHistory): Violation[] {
  return refreshes
    .filter(({ outcome, end }) => outcome === "fail" && end < mayHaveEndedFrom)
    .map((refresh) => {
      const lost = refreshes.find((other) => isLostBefore(other, refresh));
      return lost === undefined
        ? violation("I1", `${tell(refresh)} refused a token of ${id} that nobody had used up`)
        : violation("I3", `${tell(refresh)} refused a token of ${id} whose answer to ${lost.id} had been lost`);
    });
}

function isLostBefore(other: Refresh, refresh: Refresh): boolean {
  return (
    other.outcome === "unknown" && other.end <= refresh.start && other.presented.hash === refresh.presented.hash
  );
}

/** I2. */
function checkEnd({ id, operations, endAcknowledgedAt }: SessionHistory): Violation[] {
  return operations
    .filter(({ kind, outcome }) => outcome === "ok" && (kind === "refresh" || kind === "access"))
    .filter(({ kind, start }) => start > endAcknowledgedAt + (kind === "access" ? REVOCATION_REACHES_ALL_MS : 0))
    .map((operation) => {
      const later = operation.start - endAcknowledgedAt;
      return violation("I2", `${tell(operation)} accepted a token of ${id} ${later} ms after its end was acknowledged`);
    });
}

/** I4. */
function checkLeaves({ id, operations, refreshes }: SessionHistory): Violation[] {
  const found: Violation[] = [];
  const hashes = new Map<number, string>();
  const askedFrom = new Map<number, number>();
  for (const refresh of refreshes.filter(isNotRefused)) {
    const { generation } = refresh.presented;
    askedFrom.set(generation, Math.min(askedFrom.get(generation) ?? Infinity, refresh.start));
  }
  const answered = operations.filter(({ outcome }) => outcome === "ok").toSorted((a, b) => a.end - b.end);
  const seenBefore = newestSeenBefore(answered);
  for (const operation of answered) {
    const token = operation.received?.token;
    if (token === undefined || token === null) continue;
    const { hash, generation } = token;
    const first = hashes.get(generation) ?? hash;
    hashes.set(generation, first);
    if (first !== hash) found.push(violation("I4", `${tell(operation)} gave out a second token ${generation} of ${id}`));
    if (generation > 0 && !((askedFrom.get(generation - 1) ?? Infinity) < operation.end)) {
      found.push(violation("I4", `${tell(operation)} made token ${generation} of ${id} from one that is not before it`));
    }
    const seen = seenBefore(operation.start);
    if (generation < seen) {
      found.push(violation("I4", `${tell(operation)} gave out token ${generation} of ${id} though ${seen} was known`));
    }
  }
  return found;
}

/** The newest generation that had been handed out before a moment. `answered` by the time of the answer. */
function newestSeenBefore(answered: readonly Operation[]): (moment: number) => number {
  let newest = -1;
  const steps = answered.map(({ end, received }) => {
    newest = Math.max(newest, received?.token?.generation ?? -1);
    return { end, newest };
  });
  return (moment) => {
    let [low, high] = [0, steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((steps[middle]?.end ?? Infinity) < moment) low = middle + 1;
      else high = middle;
    }
    return steps[low - 1]?.newest ?? -1;
  };
}

/** I5. */
function checkThefts(session: SessionHistory, { rows, thefts }: StoreState): Violation[] {
  const { id, refreshes, operations, isLate } = session;
  const ended = (refresh: Refresh): boolean => session.endAcknowledgedAt < refresh.end && refresh.reason === "session_revoked";
  const missed = refreshes
    .filter((refresh) => refresh.delivery === "body" && refresh.outcome !== "unknown" && isLate(refresh))
    .filter((refresh) => refresh.reason !== "refresh_token_reused" && !ended(refresh))
    .map((refresh) => violation("I5", `${tell(refresh)} did not find the old token ${refresh.presented.generation} of ${id}`));
  if (!refreshes.some(({ reason }) => reason === "refresh_token_reused")) return missed;

  const { revokedReason = null } = rows.get(id) ?? {};
  const alive =
    revokedReason === "refresh_token_reused" ? [] : [violation("I5", `${id} lives though its theft was found: ${revokedReason}`)];
  const events = thefts.get(id) ?? [];
  const devices = new Set<string | null>(operations.map(({ device }) => device));
  const named = events.every(({ presentedBy, lastRotatedBy }) => devices.has(presentedBy) && devices.has(lastRotatedBy));
  const audited =
    events.length === 1 && named ? [] : [violation("I5", `the audit tells of the theft of ${id}: ${JSON.stringify(events)}`)];
  return [...missed, ...alive, ...audited];
}

/** I1 and I8: what the store kept of the session. */
function checkStore(
  { id, operations, mayHaveEndedFrom, endAcknowledgedAt }: SessionHistory,
  { rows, revoked }: StoreState,
): Violation[] {
  if (!operations.some(({ outcome }) => outcome === "ok")) return [];
  const row = rows.get(id);
  if (row === undefined) return [violation("I8", `${id} was handed out and is not in the store`)];
  const found: Violation[] = [];
  if (endAcknowledgedAt < Infinity && (row.revokedAt === null || !revoked.has(id))) {
    found.push(violation("I8", `the end of ${id} was acknowledged and is not in the store`));
  }
  if (mayHaveEndedFrom === Infinity && row.revokedAt !== null) {
    found.push(violation("I1", `${id} was ended (${row.revokedReason}) by nobody`));
  }
  return found;
}

/** I4 and I8: every rotation is in the store, once. */
function checkRotationsKept({ id, operations }: SessionHistory, { rows, healed, remade }: StoreState): Violation[] {
  const answered = operations.filter(({ outcome }) => outcome === "ok");
  const newest = Math.max(...answered.map(({ received }) => received?.token?.generation ?? -1));
  const { generation } = rows.get(id) ?? { generation: Infinity };
  const found: Violation[] = [];
  if (generation < newest) found.push(violation("I8", `${id} is at ${generation} in the store, and ${newest} was handed out`));
  // Racing rotations may well make the same bytes: for clients it is all one, until one of them is written too late.
  if (remade.has(id)) found.push(violation("I4", `a generation of ${id} was made twice`));
  // The protocol forgives a store its lost writes; that there were some, the audit tells.
  if (healed.has(id)) found.push(violation("I8", `a rotation of ${id} was acknowledged and then lost`));
  return found;
}

/** I6. */
function checkAcceptance(operation: Operation): Violation[] {
  const { forged, outcome, received, session, subject } = operation;
  if (outcome !== "ok") return [];
  if (forged) return [violation("I6", `${tell(operation)} accepted a forged token`)];
  const isForeign =
    received !== null &&
    ((subject !== null && received.subject !== subject) || (session !== null && received.session !== session));
  return isForeign ? [violation("I6", `${tell(operation)} was answered with someone else's session`)] : [];
}

/** I7. */
function checkForm(operation: Operation): Violation[] {
  const { status, typed } = operation;
  const isForeseen = status === null || status < 300 || (status >= 400 && status < 500) || status === 503;
  return typed && isForeseen ? [] : [violation("I7", `${tell(operation)} was answered in no known form`)];
}

function violation(invariant: Invariant, what: string): Violation {
  return { invariant, what };
}

function tell({ id, kind, server, status, reason }: Operation): string {
  return `${id} (${kind} at ${server}: ${status ?? "no answer"}${reason === null ? "" : ` ${reason}`})`;
}
