import { OstiaryError } from "../../../errors.ts";
import { sessionOfToken } from "../../../sessions/find.ts";
import { revokeSession } from "../../../sessions/revoke.ts";
import type { Session } from "../../../sessions/session.ts";
import { readOptionalBody } from "../../body.ts";
import { ownIdentity } from "../../current-user.ts";
import { deviceOf } from "../../device.ts";
import { requireProof } from "../../dpop.ts";
import { refreshRequest } from "../../fields.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { jsonBody, noContent, proofHeader, refusals, security } from "../../operation.ts";
import { refuseForeignOrigin, requireSameSite } from "../../origin-check.ts";
import type { Route } from "../../route.ts";
import { clearCookiesOf, sessionIdOf } from "../../session-cookies.ts";

export const endSessionRoute: Route = {
  method: "post",
  path: "/logout",
  operation: {
    summary: "Sign out of this session",
    description:
      "The session is named by `refreshToken` in the body, else by the access token, else by the refresh cookie. " +
      "Signing out of a session that has ended is no error.",
    security: [{}, ...security("bearer", "refreshCookie")],
    requestParams: proofHeader,
    requestBody: jsonBody(refreshRequest, { required: false }),
    responses: {
      204: noContent,
      ...refusals({
        400: "`invalid_request`",
        401: "`missing_token`, `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`",
        403: "`csrf_failed`",
      }),
    },
  },
  async handle(c, deps) {
    const { refreshToken } = await readOptionalBody(c, refreshRequest);
    if (refreshToken !== undefined) await endByRefreshToken(c, deps, refreshToken);
    // Other schemes are not ours: a proxy that asks for Basic makes browsers send it beside our cookies.
    else if (/^(?:bearer|dpop)\b/i.test(c.req.header("authorization") ?? "")) await endByAccessToken(c, deps);
    else await endByCookie(c, deps);
    return c.body(null, 204);
  },
};

async function endByRefreshToken(c: HttpContext, deps: HttpDeps, refreshToken: string): Promise<void> {
  const session = await sessionOfToken(deps.sessions, deps.sessions.refreshTokens.read(refreshToken));
  if (session !== null) await endProven(c, deps, session);
}

async function endByAccessToken(c: HttpContext, deps: HttpDeps): Promise<void> {
  const { sessionId, subject } = await ownIdentity(c, deps);
  await revokeSession(deps.sessions, { id: sessionId, userId: subject }, "logout", deviceOf(c));
  clearCookiesOf(c, deps, sessionId);
}

async function endByCookie(c: HttpContext, deps: HttpDeps): Promise<void> {
  refuseForeignOrigin(c, deps);
  const cookie = deps.cookies.readRefreshToken(c);
  if (cookie === null) throw new OstiaryError("missing_token", "There is no session to sign out of.");
  if (sessionIdOf(cookie, deps) === null) deps.cookies.clearSession(c); // They name nobody: none of them is to stay.
  const token = deps.sessions.refreshTokens.read(cookie);
  requireSameSite(c, deps, token.sessionId);
  const session = await sessionOfToken(deps.sessions, token);
  if (session !== null) await endProven(c, deps, session);
  deps.cookies.clearSession(c);
}

/** Whoever has only copied the token of a session that is bound to a key does not sign anybody out either. */
async function endProven(c: HttpContext, deps: HttpDeps, session: Session): Promise<void> {
  await requireProof(c, deps, session);
  await revokeSession(deps.sessions, session, "logout", deviceOf(c));
}
