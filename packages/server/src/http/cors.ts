import type { Next } from "hono";
import type { HttpContext } from "./http-context.ts";

const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of exactly these origins call, with cookies, and read the answers (Fetch §3.2, "CORS protocol").
 * Other origins get no CORS header at all: their browsers keep the answer from them. Nor does anyone for paths that are
 * `closed`.
 */
export function allowOrigins(allowed: readonly string[], closed: (path: string) => boolean) {
  return async (c: HttpContext, next: Next): Promise<Response | void> => {
    if (closed(c.req.path)) return next();
    c.header("Vary", "Origin");
    const origin = c.req.header("origin");
    if (origin === undefined || !allowed.includes(origin)) return next();

    c.header("Access-Control-Allow-Origin", origin);
    c.header("Access-Control-Allow-Credentials", "true");
    const isPreflight = c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined;
    if (isPreflight) {
      c.header("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE");
      c.header("Access-Control-Allow-Headers", "Authorization, Content-Type, X-CSRF-Token, Idempotency-Key");
      c.header("Access-Control-Max-Age", String(PREFLIGHT_SECONDS));
      return c.body(null, 204);
    }
    c.header("Access-Control-Expose-Headers", "Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate");
    return next();
  };
}
