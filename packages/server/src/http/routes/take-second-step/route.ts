import type { z } from "zod";
import { OstiaryError } from "../../../errors.ts";
import { passkeyOptionsFor } from "../../../second-factors/sign-in-by-passkey.ts";
import type { SecondStep } from "../../../second-factors/take-second-step.ts";
import { finishSignIn } from "../../begin-session.ts";
import { readBody } from "../../body.ts";
import { readProof } from "../../dpop.ts";
import { optionsResponse, secondStepPasskeyRequest, secondStepRequest, toAssertion } from "../../factor-fields.ts";
import { tokenResponse } from "../../fields.ts";
import { jsonAnswer, jsonBody, proofHeader, refusals } from "../../operation.ts";
import { refuseForeignOrigin } from "../../origin-check.ts";
import type { Route } from "../../route.ts";
import { respondWithTokens } from "../../token-response.ts";

const takeSecondStepRoute: Route = {
  method: "post",
  path: "/login/second-factor",
  operation: {
    summary: "The second step of signing in",
    description:
      "With one of `code` (of an authenticator app), `recoveryCode` and `passkey`. What was wished for with the first " +
      "step holds; a session that is to be bound to a key takes a proof by the same key.",
    requestParams: proofHeader,
    requestBody: jsonBody(secondStepRequest),
    responses: {
      200: jsonAnswer("A new session.", tokenResponse),
      ...refusals({
        400: "`invalid_request`",
        401:
          "`invalid_credentials`: wrong, or used before; five times, and the sign-in is over · `sign_in_expired` · " +
          "`invalid_dpop_proof`, `use_dpop_nonce`",
        403: "`csrf_failed`",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const { mfaToken, ...answer } = await readBody(c, secondStepRequest);
    const proof = readProof(c, deps);
    const { issued, device, delivery } = await finishSignIn(c, deps, mfaToken, stepIn(answer), { proof });
    return respondWithTokens(c, deps, issued, { delivery, device, status: 200 });
  },
};

const askForPasskeyRoute: Route = {
  method: "post",
  path: "/login/second-factor/passkey",
  operation: {
    summary: "What a passkey is to sign as the second step",
    requestBody: jsonBody(secondStepPasskeyRequest),
    responses: {
      200: jsonAnswer("For the passkeys of whoever has taken the first step.", optionsResponse),
      ...refusals({ 400: "`invalid_request`", 401: "`sign_in_expired`", 403: "`csrf_failed`" }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const { mfaToken } = await readBody(c, secondStepPasskeyRequest);
    return c.json({ options: await passkeyOptionsFor(deps.factors, mfaToken) });
  },
};

export const takeSecondStepRoutes = [takeSecondStepRoute, askForPasskeyRoute];

function stepIn({ code, recoveryCode, passkey }: Omit<z.output<typeof secondStepRequest>, "mfaToken">): SecondStep {
  const given = [code, recoveryCode, passkey].filter((one) => one !== undefined);
  if (given.length !== 1) throw new OstiaryError("invalid_request", "Send one of code, recoveryCode and passkey.");
  if (passkey !== undefined) return { passkey: toAssertion(passkey) };
  return recoveryCode === undefined ? { code: code ?? "" } : { recoveryCode };
}
