import { OstiaryError } from "../../errors.ts";
import { signInByPasskey } from "../../http/begin-session.ts";
import type { Begun } from "../../http/begin-session.ts";
import { deviceOf } from "../../http/device.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { PENDING_SECONDS } from "../../second-factors/pending.ts";
import { passkeySignInOptions } from "../../second-factors/sign-in-by-passkey.ts";
import type { AuthenticationResponseJSON } from "../../second-factors/webauthn.ts";
import { failureOf } from "../failure.ts";
import type { Failure } from "../form.ts";
import { FormExpired, requireFormOf, requireOwnPage } from "../own-form.ts";
import { signInPage } from "../sign-in/page.ts";
import { signedIn } from "../sign-in/signed-in.ts";
import type { Visit } from "../visit.ts";
import { answerScript } from "./answer-script.ts";
import { passkeyIn } from "./passkey-in.ts";

/** For the script: what any passkey of ours is to sign, in this browser. */
export function askForPasskeyAlone(visit: Visit): Promise<Response> {
  const { c, deps } = visit;
  return answerScript(visit, visit.formHolder(), async () => {
    const browser = deps.cookies.transaction(c, PENDING_SECONDS);
    const { options, passkeyToken } = await passkeySignInOptions(deps.factors, deviceOf(c), browser);
    return { options, passkeyToken };
  });
}

/** A passkey that says whose it is, and has asked who is there: it stands for both steps. */
export async function submitPasskeyAlone(visit: Visit): Promise<Response> {
  const { c } = visit;
  requireOwnPage(c, visit);
  const form = await readForm(c);
  const outcome = await tryPasskey(visit, form);
  if ("issued" in outcome) return signedIn(visit, outcome);
  if (outcome.retryAfterSeconds !== undefined) c.header("Retry-After", String(outcome.retryAfterSeconds));
  return signInPage(visit, { email: "", remember: form.has("remember") }, outcome);
}

async function tryPasskey(visit: Visit, form: Form): Promise<Begun | Failure> {
  const { c, deps, texts } = visit;
  const { noPasskeyThere, passkeyCancelled } = texts.twoSteps;
  try {
    requireFormOf(form, visit.formHolder(), visit);
    const made = passkeyIn(form);
    if (made === null) return { status: 400, text: passkeyCancelled, fields: {} };
    const browser = deps.cookies.readTransaction(c);
    // What was asked of no browser of ours is for programs.
    if (browser === null) throw new FormExpired();
    const answer = { passkeyToken: made.passkeyToken, passkey: made.passkey as AuthenticationResponseJSON };
    return await signInByPasskey(c, deps, answer, { remember: form.has("remember"), delivery: "cookie", browser });
  } catch (error) {
    if (error instanceof OstiaryError && error.code === "invalid_credentials") {
      return { status: 400, text: noPasskeyThere, fields: {} };
    }
    if (error instanceof OstiaryError && error.code === "sign_in_expired") {
      return { status: 400, text: texts.formExpired, fields: {} };
    }
    const failure = failureOf(error, visit, {});
    if (failure === null) throw error;
    return failure;
  }
}
