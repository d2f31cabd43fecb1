import type { Next } from "hono";
import type { HttpContext } from "./http-context.ts";

/** A year. Of this host alone: what else stands beneath it is not ours to decide. */
const HSTS = "max-age=31536000";

/** What is no page needs nothing and is framed by nobody. Pages put their own in its place. */
const CSP = "default-src 'none'; frame-ancestors 'none'";

/** On every answer, errors too: browsers take it for what it says it is, and tell nobody where they were. */
export function securityHeaders({ secure }: { secure: boolean }) {
  return (c: HttpContext, next: Next): Promise<void> => {
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Referrer-Policy", "no-referrer");
    c.header("Content-Security-Policy", CSP);
    c.header("Cross-Origin-Resource-Policy", "same-origin");
    if (secure) c.header("Strict-Transport-Security", HSTS);
    return next();
  };
}
