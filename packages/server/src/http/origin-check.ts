import { OstiaryError } from "../errors.ts";
import type { BrowserTokens } from "./browser-tokens.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

/**
 * Refuses what a page of another site makes a browser send: a foreign `Origin`, or `Sec-Fetch-Site: cross-site`.
 * A client that is no browser sends neither. Throws `csrf_failed`.
 */
export function refuseForeignOrigin(c: HttpContext, { settings }: Pick<HttpDeps, "settings">): void {
  const origin = c.req.header("origin");
  const isForeign = origin !== undefined && !settings.allowedOrigins.includes(origin);
  if (isForeign || c.req.header("sec-fetch-site") === "cross-site") {
    throw new OstiaryError("csrf_failed", "This origin may not use the cookies of this server.");
  }
}

/**
 * For requests that act on the strength of a cookie: an allowed origin, and either the browser's own word that the
 * page is same-origin or the session's CSRF token. Throws `csrf_failed`.
 */
export function requireSameSite(
  c: HttpContext,
  deps: Pick<HttpDeps, "settings"> & { browserTokens: BrowserTokens },
  sessionId: string,
): void {
  refuseForeignOrigin(c, deps);
  const vouched = c.req.header("origin") !== undefined && c.req.header("sec-fetch-site") === "same-origin";
  if (vouched) return;
  const token = c.req.header("x-csrf-token");
  if (token === undefined || !deps.browserTokens.isCsrf(token, sessionId)) {
    throw new OstiaryError("csrf_failed", "Send the session's CSRF token in the header X-CSRF-Token.");
  }
}
