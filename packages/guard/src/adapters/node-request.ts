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

/**
 * The same for a request to upgrade to WebSocket, where a token that is named as the subprotocol after `bearer` counts as
 * one in the Authorization header: a browser can send no other.
 */
export function toGuardedUpgrade(request: IncomingMessage): GuardedRequest {
  const { method, url, headers } = toGuardedRequest(request, request.url ?? "/");
  const protocols = (headers.get("sec-websocket-protocol") ?? "").split(",").map((protocol) => protocol.trim());
  const bearer = protocols.indexOf("bearer");
  const named = bearer === -1 ? null : `Bearer ${protocols[bearer + 1] ?? ""}`;
  const authorization = [headers.get("authorization"), named].filter((value) => value !== null).join(", ");
  const get = (name: string) => (name === "authorization" ? authorization || null : headers.get(name));
  return { method, url, headers: { get } };
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
