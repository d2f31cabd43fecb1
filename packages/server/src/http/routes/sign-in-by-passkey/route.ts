import { passkeySignInOptions } from "../../../second-factors/sign-in-by-passkey.ts";
import { signInByPasskey } from "../../begin-session.ts";
import { readBody } from "../../body.ts";
import { deviceOf } from "../../device.ts";
import { readProof } from "../../dpop.ts";
import { passkeyQuestionResponse, passkeySignInRequest, secondsUntil, toAssertion } from "../../factor-fields.ts";
import { tokenResponse } from "../../fields.ts";
import { BINDS, jsonAnswer, jsonBody, proofHeader, refusals } from "../../operation.ts";
import { refuseForeignOrigin } from "../../origin-check.ts";
import type { Route } from "../../route.ts";
import { respondWithTokens } from "../../token-response.ts";

const askRoute: Route = {
  method: "post",
  path: "/login/passkey/options",
  operation: {
    summary: "What a passkey is to sign to sign in by it alone",
    responses: {
      200: jsonAnswer("For whoever has a passkey: it tells who they are.", passkeyQuestionResponse),
      ...refusals({ 403: "`csrf_failed`", 429: "`too_many_attempts`" }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const { options, passkeyToken, expiresAt } = await passkeySignInOptions(deps.factors, deviceOf(c));
    return c.json({ options, passkeyToken, expiresIn: secondsUntil(expiresAt, deps.factors.clock()) });
  },
};

const signInRoute: Route = {
  method: "post",
  path: "/login/passkey",
  operation: {
    summary: "Sign in by a passkey alone",
    description: `The authenticator must have made sure who it is. ${BINDS}`,
    requestParams: proofHeader,
    requestBody: jsonBody(passkeySignInRequest),
    responses: {
      200: jsonAnswer("A new session.", tokenResponse),
      ...refusals({
        400: "`invalid_request`",
        401: "`invalid_credentials`, `sign_in_expired`, `invalid_dpop_proof`, `use_dpop_nonce`",
        403: "`csrf_failed`",
      }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const { remember = false, delivery = "cookie", passkeyToken, passkey } = await readBody(c, passkeySignInRequest);
    const proof = readProof(c, deps);
    const { issued, device } = await signInByPasskey(
      c,
      deps,
      { passkeyToken, passkey: toAssertion(passkey) },
      { remember, delivery, proof },
    );
    return respondWithTokens(c, deps, issued, { delivery, device, status: 200 });
  },
};

export const signInByPasskeyRoutes = [askRoute, signInRoute];
