/** Sessions and their history in words, and as JSON. */
import type { RecordedEvent } from "../audit/audit-store.ts";
import { deviceLabel } from "../sessions/device-label.ts";
import type { DeviceChange } from "../sessions/device-change.ts";
import type { SessionHistory } from "../sessions/history.ts";
import type { SessionSummary } from "../sessions/session-summary.ts";
import type { Device } from "../sessions/session.ts";
import type { PublicUser } from "../users/users.ts";

/** One line. */
export function describeSession(session: SessionSummary, user: PublicUser | null): string {
  const { id, createdAt, lastUsedAt, remember } = session;
  const since = `since ${iso(createdAt)}, last used ${iso(lastUsedAt)}${remember ? ", remembered" : ""}`;
  const end = session.endedAt === null ? "" : `  ended ${iso(session.endedAt)} (${session.endReason})`;
  return `${id}  ${user?.email ?? session.userId}  ${place(session.device)}  ${since}${end}`;
}

export function sessionBody(session: SessionSummary, user: PublicUser | null) {
  const { id, userId, device, remember, createdAt, lastUsedAt, expiresAt, endedAt, endReason } = session;
  return {
    id,
    userId,
    email: user?.email ?? null,
    device: device.label,
    ip: device.ip,
    userAgent: device.userAgent,
    createdAt: iso(createdAt),
    lastUsedAt: iso(lastUsedAt),
    expiresAt: iso(expiresAt),
    remember,
    endedAt: isoOrNull(endedAt),
    endReason,
  };
}

export function historyBody(id: string, user: PublicUser | null, { session, end, events, omitted }: SessionHistory) {
  return {
    id,
    session: session && sessionBody(session, user),
    end: end && { at: isoOrNull(end.at), reason: end.reason },
    events: events.map(({ at, type, ip, userAgent, detail }) => ({ at: iso(at), type, ip, userAgent, detail })),
    omitted,
  };
}

/** Line by line, from the login to the end. Rotations in a row, with nothing to tell of them, are one line. */
export function describeHistory(id: string, user: PublicUser | null, history: SessionHistory): string[] {
  const { session, end, events, omitted } = history;
  const lines = [`Session ${id} of ${user?.email ?? "a user who is gone"}`, ""];
  for (let i = 0; i < events.length; i++) {
    const first = i;
    while (isPlainRotation(events[i]) && isPlainRotation(events[i + 1])) i++;
    const event = events[i];
    if (event === undefined) break;
    const times = i === first ? "" : `${i - first + 1} rotations since ${iso(events[first]?.at ?? 0)}: `;
    lines.push(`${iso(event.at)}  ${times}${describeEvent(event)}`, ...moreOf(event).map((line) => `    ${line}`));
    if (first === 0 && omitted > 0) lines.push(`… ${omitted} events are left out here; the audit has them all.`);
  }
  lines.push("", ...describeEnd(session, end));
  return lines;
}

function isPlainRotation(event: RecordedEvent | undefined): boolean {
  return event?.type === "refresh" && Object.keys(event.detail).join() === "generation";
}

const BEGUN = { login: "signed in", signup: "signed up", session_adopted: "taken over from an earlier system" };

function describeEvent({ type, ip, userAgent, detail }: RecordedEvent): string {
  const { presented, generation } = detail;
  const isLocal = ip === null && userAgent === null;
  const from = isLocal ? "by the application or the command line" : `from ${place({ label: deviceLabel(userAgent), ip, userAgent })}`;
  switch (type) {
    case "signup":
    case "login":
    case "session_adopted":
      return `${BEGUN[type]} ${from}${detail["remember"] === true ? ", to be remembered" : ""}`;
    case "refresh":
      return `rotated to generation ${String(generation)}`;
    case "refresh_repeated": {
      const why = detail["late"] === true ? "late: its answer had been lost" : "within the grace";
      return `repeated generation ${String(generation)} to a holder of ${String(presented)}, ${why}`;
    }
    case "refresh_token_reused":
      return `theft: generation ${String(presented)} came again while ${String(generation)} was current`;
    case "session_revoked":
      return `ended ${from}: ${String(detail["reason"])}`;
    default:
      return `${type.replaceAll("_", " ")} ${from}`;
  }
}

function moreOf({ detail }: RecordedEvent): string[] {
  const lines: string[] = [];
  if (typeof detail["healedFrom"] === "number") lines.push(`the store had lost writes: it stood at ${detail["healedFrom"]}`);
  const { userAgent, network } = (detail["changed"] ?? {}) as DeviceChange;
  if (userAgent !== undefined) lines.push(`another user agent: ${change(deviceLabel(userAgent.from), deviceLabel(userAgent.to))}`);
  if (network !== undefined) lines.push(`another network: ${change(network.from ?? "unknown", network.to ?? "unknown")}`);
  if (detail["presentedBy"] !== undefined) lines.push(`presented by ${place(detail["presentedBy"] as Device)}`);
  if (detail["lastRotatedBy"] !== undefined) lines.push(`last rotated by ${place(detail["lastRotatedBy"] as Device)}`);
  return lines;
}

function change(from: string, to: string): string {
  return from === to ? `${to}, another version` : `${from} → ${to}`;
}

function describeEnd(session: SessionSummary | null, end: SessionHistory["end"]): string[] {
  if (end === null) return [`Live. Ends ${iso(session?.expiresAt ?? 0)} if it is not used again.`];
  if (end.at !== null) return [`Ended ${iso(end.at)}: ${String(end.reason)}.`];
  return ["Ended: it expired, or all of the user's sessions were ended at once. Its row is no longer kept."];
}

/** Where from, as far as the server was told. A label never holds what a terminal would act on; a user agent might. */
function place({ label, ip }: Device): string {
  return ip === null ? label : `${label} at ${ip}`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : iso(time);
}
