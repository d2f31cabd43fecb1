import { OstiaryError } from "../../../errors.ts";
import { signIn } from "../../begin-session.ts";
import type { Pending } from "../../begin-session.ts";
import { readBody } from "../../body.ts";
import { readProof } from "../../dpop.ts";
import { errorBody } from "../../errors.ts";
import { mfaRequiredResponse, secondsUntil } from "../../factor-fields.ts";
import { loginRequest, tokenResponse } from "../../fields.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { BINDS, jsonAnswer, jsonBody, proofHeader, refusals } from "../../operation.ts";
import { refuseForeignOrigin } from "../../origin-check.ts";
import type { Route } from "../../route.ts";
import { respondWithTokens } from "../../token-response.ts";

export const createSessionRoute: Route = {
  method: "post",
  path: "/login",
  operation: {
    summary: "Sign in with e-mail and password",
    description: BINDS,
    requestParams: proofHeader,
    requestBody: jsonBody(loginRequest),
    responses: {
      200: jsonAnswer("A new session.", tokenResponse),
      ...refusals({ 400: "`invalid_request`", 403: "`csrf_failed`", 429: "`too_many_attempts`" }),
      401: jsonAnswer(
        "`invalid_credentials`, `invalid_dpop_proof`, `use_dpop_nonce`, or `mfa_required`: go on at `/login/second-factor`",
        mfaRequiredResponse,
      ),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const { remember = false, delivery = "cookie", ...credentials } = await readBody(c, loginRequest);
    const proof = readProof(c, deps);
    const outcome = await signIn(c, deps, credentials, { remember, delivery, proof });
    if ("mfaToken" in outcome) return askForSecondStep(c, deps, outcome);
    return respondWithTokens(c, deps, outcome.issued, { delivery, device: outcome.device, status: 200 });
  },
};

/** The password was right, and is not enough: nothing has begun, no token, no cookie. */
function askForSecondStep(c: HttpContext, deps: HttpDeps, { mfaToken, methods, expiresAt }: Pending): Response {
  const error = new OstiaryError("mfa_required", "This account takes a second step to sign in.");
  const headers = { "WWW-Authenticate": "Bearer", "Cache-Control": "no-store" };
  return c.json(
    { ...errorBody(error), mfaToken, methods, expiresIn: secondsUntil(expiresAt, deps.factors.clock()) },
    401,
    headers,
  );
}
