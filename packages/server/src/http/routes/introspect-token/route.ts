import { GuardError } from "@ostiary/guard/embedded";
import { EXPLAIN_PARAMETER, REVOCATION_REASONS } from "@ostiary/protocol";
import { z } from "zod";
import { API_KEY_PREFIX } from "../../../api-keys/key-text.ts";
import { toSeconds } from "../../../clock.ts";
import { authenticationClaims } from "../../../sessions/authentication.ts";
import { findByRefreshToken } from "../../../sessions/find.ts";
import { isLive, sessionExpiresAt } from "../../../sessions/session.ts";
import { requireGuard } from "../../client-authentication.ts";
import { readForm, requiredParameter } from "../../form.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { formBody, jsonAnswer, refusals, security, tokenForm } from "../../operation.ts";
import type { Route } from "../../route.ts";

/** RFC 7662 §2.2: of a token that is not good, nothing else is said to who does not ask. */
const INACTIVE = { active: false };

export const introspectTokenRoute: Route = {
  method: "post",
  path: "/oauth/introspect",
  forPrograms: true,
  operation: {
    summary: "Ask whether a token is good at this moment (RFC 7662)",
    description:
      "For guards. Judged against the revocation log as it stands now. An access token's own claims are in the answer; " +
      "of a refresh token, only the one of its session's current generation is active. Of an API key the answer says what " +
      "an access " +
      "token of its owner would, and may be relied on until `exp`. With `explain=true` the answer about " +
      'an access token that was revoked has a `reason`; what is no token of ours stays exactly `{"active":false}`.',
    security: security("client"),
    requestBody: formBody(tokenForm.extend({ [EXPLAIN_PARAMETER]: z.enum(["true", "false"]).optional() })),
    responses: {
      200: jsonAnswer(
        "What the token says, or that it is not active.",
        z.looseObject({ active: z.boolean(), reason: z.enum(REVOCATION_REASONS).optional() }),
      ),
      ...refusals({
        400: "`invalid_request`",
        401: "`invalid_client`",
        403: "`unauthorized_client`: the client is no guard",
        429: "`too_many_attempts`, for wrong credentials",
      }),
    },
  },
  async handle(c, deps) {
    const form = await readForm(c);
    await requireGuard(c, deps, form);
    const token = requiredParameter(form, "token");
    // What another process has just revoked is no longer good either.
    await deps.revocations.catchUp();
    if (token.startsWith(API_KEY_PREFIX)) return c.json((await apiKey(deps, token)) ?? INACTIVE);
    const explains = form.get(EXPLAIN_PARAMETER) === "true";
    const ways = [(given: string) => accessToken(deps, given, explains), (given: string) => refreshToken(deps, given)];
    // A wrong hint is no reason not to find it (RFC 7662 §2.1).
    if (form.get("token_type_hint") === "refresh_token") ways.reverse();
    for (const describe of ways) {
      const found = await describe(token);
      if (found !== null) return c.json(found);
    }
    return c.json(INACTIVE);
  },
};

async function apiKey({ apiKeys, metrics }: HttpDeps, key: string): Promise<object | null> {
  const claims = await apiKeys.resolve(key);
  metrics?.apiKeyAsked(claims === null ? "refused" : "good");
  return claims && { ...claims, active: true, token_type: "Bearer", key_id: claims.sid };
}

async function accessToken({ tokenGuard }: HttpDeps, token: string, explains: boolean): Promise<object | null> {
  try {
    const { claims } = await tokenGuard.verify(token);
    return { ...claims, active: true, token_type: claims.cnf === undefined ? "Bearer" : "DPoP" };
  } catch (error) {
    if (!(error instanceof GuardError) || error.error !== "invalid_token") throw error;
    // These are reasons to refuse what we signed, and what has not expired.
    const reason = REVOCATION_REASONS.find((each) => each === error.reason);
    return explains && reason !== undefined ? { ...INACTIVE, reason } : null;
  }
}

async function refreshToken({ sessions, settings }: HttpDeps, token: string): Promise<object | null> {
  const found = await findByRefreshToken(sessions, token);
  if (found === null) return null;
  const { session, presented } = found;
  if (!isLive(session, sessions.clock()) || presented.generation !== session.generation) return null;
  return {
    active: true,
    iss: settings.issuer,
    sub: session.userId,
    client_id: session.clientId,
    sid: session.id,
    ...authenticationClaims(session),
    ...(session.scope === null ? {} : { scope: session.scope }),
    ...(session.proofKey === null ? {} : { cnf: { jkt: session.proofKey } }),
    ...(session.audience === null ? {} : { aud: session.audience.split(" ") }),
    iat: toSeconds(session.rotatedAt),
    exp: toSeconds(sessionExpiresAt(session)),
  };
}
