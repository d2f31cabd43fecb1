import type { Context } from "hono";

/** What is known of a request besides the request itself. */
export interface RequestInfo {
  /** The peer's IP address. */
  readonly remoteAddress?: string | undefined;
}

export type HttpContext = Context<{ Bindings: RequestInfo }>;
