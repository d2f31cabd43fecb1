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
  to: { delivery: Delivery; device: string | null; status: 200 | 201 },
): Response {
  const { session, refreshToken } = issued;
  const csrfToken = deps.browserTokens.csrf(session.id);
  const body: TokenResponse = {
    accessToken: issued.accessToken,
    tokenType: "Bearer",
    expiresIn: issued.accessTokenSeconds,
    csrfToken,
    user: toUserBody(issued.user),
    ...(to.delivery === "body" ? { refreshToken } : {}),
  };
  if (to.delivery === "cookie") {
    deps.cookies.setSession(c, {
      refreshToken,
      csrfToken,
      signin: deps.browserTokens.signin(session.id),
      device: to.device,
      expiresAt: issued.refreshTokenExpiresAt,
    });
  }
  return c.json(body, to.status);
}
