import type { Next } from "hono";
import type { HttpContext } from "./http-context.ts";

const PREFLIGHT_SECONDS = 600;
const EXPOSED = "Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, DPoP-Nonce, Date";

/** Whose pages may call a path: nobody's; those of the allowed origins, with cookies; or everyone's, without. */
export type CallingPages = "none" | "allowed" | "any";

/**
 * Lets pages of exactly these origins call, with cookies, and read the answers (Fetch §3.2, "CORS protocol").
 * Other origins get no CORS header at all: their browsers keep the answer from them. Where no cookie counts for anything,
 * `pagesOf` the path may be everyone's: browsers send none along, and the answer is what any program would get.
 */
export function allowOrigins(allowed: readonly string[], pagesOf: (path: string) => CallingPages) {
  return async (c: HttpContext, next: Next): Promise<Response | void> => {
    const pages = pagesOf(c.req.path);
    if (pages === "none") return next();
    if (pages === "any") {
      c.header("Access-Control-Allow-Origin", "*");
      return isPreflight(c) ? answerPreflight(c, "GET, POST", "Authorization, Content-Type, Idempotency-Key, DPoP") : letRead(c, next);
    }
    c.header("Vary", "Origin");
    const origin = c.req.header("origin");
    if (origin === undefined || !allowed.includes(origin)) return next();

    c.header("Access-Control-Allow-Origin", origin);
    c.header("Access-Control-Allow-Credentials", "true");
    if (!isPreflight(c)) return letRead(c, next);
    return answerPreflight(c, "GET, POST, PATCH, DELETE", "Authorization, Content-Type, X-CSRF-Token, Idempotency-Key, DPoP");
  };
}

function isPreflight(c: HttpContext): boolean {
  return c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined;
}

function answerPreflight(c: HttpContext, methods: string, headers: string): Response {
  c.header("Access-Control-Allow-Methods", methods);
  c.header("Access-Control-Allow-Headers", headers);
  c.header("Access-Control-Max-Age", String(PREFLIGHT_SECONDS));
  return c.body(null, 204);
}

function letRead(c: HttpContext, next: Next): Promise<void> {
  c.header("Access-Control-Expose-Headers", EXPOSED);
  return next();
}
