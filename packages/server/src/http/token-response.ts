import type { Delivery, TokenResponse } from "@ostiary/protocol";
import type { IssuedTokens } from "../sessions/session-deps.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";
import { toUserBody } from "./user-body.ts";

/** Answers with tokens; the refresh token goes into a cookie or, for clients that are no browsers, into the body. */
export function respondWithTokens(
  c: HttpContext,
  deps: HttpDeps,
  issued: IssuedTokens,
  to: { delivery: Delivery; device: string | null; status: 200 | 201; opensPages?: boolean },
): Response {
  const { session, refreshToken } = issued;
  const body: TokenResponse = {
    accessToken: issued.accessToken,
    tokenType: issued.boundTo === null ? "Bearer" : "DPoP",
    expiresIn: issued.accessTokenSeconds,
    csrfToken: deps.browserTokens.csrf(session.id),
    user: toUserBody(issued.user),
    ...(to.delivery === "body" ? { refreshToken } : {}),
  };
  if (to.delivery === "cookie") setSessionCookies(c, deps, issued, to.device, to.opensPages);
  return c.json(body, to.status);
}

/**
 * All cookies of a session: the API's and, if it `opensPages`, the hosted pages'. One that is bound to a key opens none: pages
 * ask for no proof, and whoever had copied the cookies would be signed in there.
 */
export function setSessionCookies(
  c: HttpContext,
  deps: HttpDeps,
  issued: IssuedTokens,
  device: string | null,
  opensPages = true,
): void {
  const { session, refreshToken } = issued;
  const isBound = session.proofKey !== null;
  if (isBound) deps.cookies.clearSignin(c);
  deps.cookies.setSession(c, {
    refreshToken,
    csrfToken: deps.browserTokens.csrf(session.id),
    signin: opensPages && !isBound ? deps.browserTokens.signin(session) : null,
    device,
    expiresAt: issued.refreshTokenExpiresAt,
  });
}
