import { signUp } from "../../begin-session.ts";
import { readBody } from "../../body.ts";
import { readProof } from "../../dpop.ts";
import { signupRequest, tokenResponse } from "../../fields.ts";
import { BINDS, jsonAnswer, jsonBody, proofHeader, refusals } from "../../operation.ts";
import { refuseForeignOrigin } from "../../origin-check.ts";
import type { Route } from "../../route.ts";
import { respondWithTokens } from "../../token-response.ts";

export const createAccountRoute: Route = {
  method: "post",
  path: "/signup",
  operation: {
    summary: "Sign up, and sign in",
    description: BINDS,
    requestParams: proofHeader,
    requestBody: jsonBody(signupRequest),
    responses: {
      201: jsonAnswer("The account and its first session.", tokenResponse),
      202: {
        description:
          "Where `signup.concealExisting` is on: a mail is on its way, and nobody is told whether there is an account.",
      },
      ...refusals({
        400: "`invalid_request`",
        401: "`invalid_dpop_proof`, `use_dpop_nonce`",
        403: "`csrf_failed`",
        409: "`email_taken`",
        429: "`too_many_attempts`",
      }),
    },
  },
  async handle(c, deps) {
    refuseForeignOrigin(c, deps);
    const { remember = false, delivery = "cookie", ...newUser } = await readBody(c, signupRequest);
    const proof = readProof(c, deps);
    const begun = await signUp(c, deps, newUser, { remember, delivery, proof });
    if (begun === null) return c.body(null, 202);
    const { issued, device } = begun;
    return respondWithTokens(c, deps, issued, { delivery, device, status: 201 });
  },
};
