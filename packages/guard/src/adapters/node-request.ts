import type { IncomingMessage } from "node:http";
import type { GuardedRequest } from "../extract-token.ts";
import type { GuardError } from "../guard-error.ts";
import type { AnyIdentity } from "../identity.ts";
import { readmissionOf } from "../readmission.ts";
import { askGuard, type Authenticator } from "./demands.ts";

/** Shows a Node request to a guard as it came over the wire; `url` is its path before any router rewrote it. */
export function toGuardedRequest(request: IncomingMessage, url: string): GuardedRequest {
  return {
    method: request.method ?? "GET",
    url,
    headers: { get: (name) => headerOf(request.rawHeaders, name) },
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

type Verdict<Who> = Who | undefined | GuardError;

/** As `askGuard`, for frameworks on Node; at once, and without a promise, about who was let in before. */
export function judgeNode<Who extends AnyIdentity>(guard: Authenticator<Who>, optional: boolean) {
  const readmit = readmissionOf(guard);
  return (raw: IncomingMessage, url: string, asOf: object): Verdict<Who> | Promise<Verdict<Who>> =>
    readmit(headerOf(raw.rawHeaders, "authorization"), url) ?? askGuard(guard, toGuardedRequest(raw, url), { optional, asOf });
}

/** Read from the raw headers, because Node's `headers` silently drops a second Authorization header. */
function headerOf(rawHeaders: readonly string[], name: string): string | null {
  let found: string | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i];
    if (header?.length !== name.length || (header !== name && header.toLowerCase() !== name)) continue;
    found = found === null ? (rawHeaders[i + 1] ?? "") : `${found}, ${rawHeaders[i + 1]}`;
  }
  return found;
}
