import type { Delivery } from "@ostiary/protocol";
import { OstiaryError } from "../../../errors.ts";
import { refreshSession } from "../../../sessions/refresh.ts";
import { answerByAdoption } from "../../adopt-session.ts";
import { parseOptionalBody, readBytes } from "../../body.ts";
import { deviceOf } from "../../device.ts";
import { readProof } from "../../dpop.ts";
import { refreshRequest, tokenResponse } from "../../fields.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { idempotencyKeyOf } from "../../idempotency-key.ts";
import { jsonAnswer, jsonBody, proofHeader, refusals, security } from "../../operation.ts";
import { refuseForeignOrigin, requireSameSite } from "../../origin-check.ts";
import { noteRefusedRefresh } from "../../refused-refresh.ts";
import type { Route } from "../../route.ts";
import { isItsBrowser, sessionIdOf } from "../../session-cookies.ts";
import { respondWithTokens } from "../../token-response.ts";

export const refreshSessionRoute: Route = {
  method: "post",
  path: "/refresh",
  operation: {
    summary: "Exchange a refresh token for the next one and a fresh access token",
    description:
      "The refresh token comes in its cookie or as `refreshToken` in the body, and the next one goes the same way. " +
      "Send an `Idempotency-Key` that stays the same until the answer has arrived, and a lost answer can be fetched again. " +
      "A session that is bound to a key is refreshed with a proof by that. " +
      "Where the application takes sessions over from an earlier system, the credential of that may come instead.",
    security: [{}, ...security("refreshCookie")],
    requestParams: proofHeader,
    requestBody: jsonBody(refreshRequest, { required: false }),
    responses: {
      200: jsonAnswer("The session goes on.", tokenResponse),
      ...refusals({
        400: "`invalid_request`",
        401:
          "`missing_token`, or `invalid_token` with the reason: `token_malformed`, `signature_invalid`, " +
          "`session_revoked`, `session_expired`, `refresh_token_reused`; `invalid_dpop_proof`, for a session that is " +
          "bound to another key, or `use_dpop_nonce`",
        403: "`csrf_failed`",
        429: "`too_many_attempts`, after many tokens that were never ours",
      }),
    },
  },
  async handle(c, deps) {
    const body = await readBytes(c);
    const { refreshToken } = parseOptionalBody(c, body, refreshRequest);
    const delivery = refreshToken === undefined ? "cookie" : "body";
    if (delivery === "cookie") refuseForeignOrigin(c, deps);
    const presented = refreshToken ?? deps.cookies.readOnlyRefreshToken(c);
    const proof = readProof(c, deps);
    if (deps.settings.adoptSession !== undefined && !isOurs(presented, delivery, deps)) {
      const answer = await answerByAdoption(c, deps, { body, delivery, proof });
      if (answer !== null) return answer;
    }
    if (presented === null) throw new OstiaryError("missing_token", "There is no refresh token in the cookie or the body.");

    const device = deviceOf(c);
    try {
      const token = deps.sessions.refreshTokens.read(presented);
      if (delivery === "cookie") requireSameSite(c, deps, token.sessionId);
      const deviceCookie = deps.cookies.readDevice(c);
      const idempotencyKey = idempotencyKeyOf(c);
      const proofKey = (await proof?.spend()) ?? null;
      const request = { token, delivery, deviceCookie, idempotencyKey, device, proofKey } as const;
      const issued = await refreshSession(deps.sessions, request);
      const opensPages = isItsBrowser(c, deps, issued.session);
      return respondWithTokens(c, deps, issued, { delivery, device: deviceCookie, status: 200, opensPages });
    } catch (error) {
      await noteRefusedRefresh(c, deps, error, { presented, delivery });
      throw error;
    }
  },
};

/** A cookie by that name is; in a body anything may stand. */
function isOurs(presented: string | null, delivery: Delivery, deps: HttpDeps): boolean {
  return presented !== null && (delivery === "cookie" || sessionIdOf(presented, deps) !== null);
}
