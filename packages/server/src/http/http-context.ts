import type { Context } from "hono";
import type { OstiaryError } from "../errors.ts";

/** What is known of a request besides the request itself. */
export interface RequestInfo {
  /** The client's IP address: the peer's, or what a trusted proxy tells (client-address.ts). */
  readonly remoteAddress?: string | undefined;
  /** Called in production if no address is known, neither the peer's nor what a trusted proxy tells. */
  readonly onUnknownAddress?: (() => void) | undefined;
  /** Closes the connection, answered or not; none where there is no connection of its own. */
  readonly disconnect?: (() => void) | undefined;
  /** Why the request is to be refused, if something in front of us could not read it. */
  readonly refusal?: OstiaryError | undefined;
}

export type HttpContext = Context<{ Bindings: RequestInfo }>;
