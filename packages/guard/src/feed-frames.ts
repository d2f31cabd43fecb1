/** Reads the frames of the feed as what they claim to be, or throws an Error. Unknown members are passed over. */
import type { FeedHeartbeat, FeedSnapshot, RevocationEntry } from "@ostiary/protocol";

export function parseSnapshot(data: string): FeedSnapshot {
  const { seq, now, more, entries } = parse(data, "snapshot");
  if (!isSeq(seq) || !isTime(now) || typeof more !== "boolean" || !Array.isArray(entries)) throw malformed("snapshot");
  return { seq, now, more, entries: entries.map(toEntry) };
}

export function parseEntry(data: string): RevocationEntry {
  return toEntry(parse(data, "entry"));
}

export function parseHeartbeat(data: string): Required<FeedHeartbeat> {
  const { seq, now, behind = 0 } = parse(data, "heartbeat");
  if (!isSeq(seq) || !isTime(now) || !isTime(behind)) throw malformed("heartbeat");
  return { seq, now, behind };
}

function toEntry(value: unknown): RevocationEntry {
  const { seq, kind, value: name, version, effect, expiresAt, reason } = Object(value) as Record<string, unknown>;
  const wellFormed =
    isSeq(seq) &&
    typeof kind === "string" &&
    typeof name === "string" &&
    typeof effect === "string" &&
    isTime(expiresAt) &&
    (version === undefined || version === null || isSeq(version));
  if (!wellFormed) throw malformed("entry");
  return {
    seq,
    // A kind of the future finds no place in the set; an effect of the future is the harder one.
    kind: kind as RevocationEntry["kind"],
    value: name,
    ...(isSeq(version) ? { version } : {}),
    effect: effect === "stale" ? "stale" : "revoked",
    expiresAt,
    reason: typeof reason === "string" ? reason : "",
  };
}

function parse(data: string, what: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(data)) as Record<string, unknown>;
  } catch {
    throw malformed(what);
  }
}

function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}

function malformed(what: string): Error {
  return new Error(`sent a malformed ${what}`);
}
