/** The feed's events as they go over the wire: Server-Sent Events whose `data` is one line of JSON. */
import type { FeedHeartbeat, FeedSnapshot, RevocationEntry } from "@ostiary/protocol";

const encoder = new TextEncoder();

/** The last part of a snapshot carries the place it reaches to as its id: from there a follower resumes. */
export function snapshotFrame(snapshot: FeedSnapshot): Uint8Array {
  return frame("snapshot", snapshot, snapshot.more ? null : snapshot.seq);
}

export function entryFrame(entry: RevocationEntry): Uint8Array {
  return frame("entry", entry, entry.seq);
}

export function heartbeatFrame(heartbeat: FeedHeartbeat): Uint8Array {
  return frame("heartbeat", heartbeat, null);
}

function frame(event: string, data: object, id: number | null): Uint8Array {
  const idLine = id === null ? "" : `id: ${id}\n`;
  // JSON escapes line breaks, so that no value can begin an event of its own.
  return encoder.encode(`event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
}
