import type { IncomingMessage } from "node:http";
import type { GuardedRequest } from "../extract-token.ts";

/** Shows a Node request to a guard as it came over the wire; `url` is its path before any router rewrote it. */
export function toGuardedRequest(request: IncomingMessage, url: string): GuardedRequest {
  return {
    method: request.method ?? "GET",
    url,
    headers: { get: (name) => joined(request.rawHeaders, name) },
  };
}

/** Read from the raw headers, because Node's `headers` silently drops a second Authorization header. */
function joined(rawHeaders: readonly string[], name: string): string | null {
  let found: string | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i];
    if (header?.length !== name.length || header.toLowerCase() !== name) continue;
    found = found === null ? (rawHeaders[i + 1] ?? "") : `${found}, ${rawHeaders[i + 1]}`;
  }
  return found;
}
