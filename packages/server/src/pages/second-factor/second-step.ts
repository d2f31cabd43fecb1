import { OstiaryError } from "../../errors.ts";
import { finishSignIn } from "../../http/begin-session.ts";
import type { Begun } from "../../http/begin-session.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { findPending } from "../../second-factors/pending-sign-in.ts";
import type { PendingSignIn } from "../../second-factors/pending-sign-in.ts";
import type { SecondFactorMethod } from "../../second-factors/second-factors.ts";
import { passkeyOptionsFor } from "../../second-factors/sign-in-by-passkey.ts";
import type { SecondStep } from "../../second-factors/take-second-step.ts";
import type { AuthenticationResponseJSON } from "../../second-factors/webauthn.ts";
import { failureOf } from "../failure.ts";
import type { Failure } from "../form.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import { afterSignIn } from "../sign-in/go-on.ts";
import { mayGoOn } from "../sign-in/route.ts";
import { signedIn } from "../sign-in/signed-in.ts";
import type { Visit } from "../visit.ts";
import { findVisitor } from "../visitor.ts";
import { answerScript } from "./answer-script.ts";
import { firstOf, secondFactorPage } from "./page.ts";
import type { SecondFactorPage } from "./page.ts";
import { passkeyIn } from "./passkey-in.ts";

/** A sign-in of this browser that waits for its second step. */
interface Waiting {
  readonly token: string;
  readonly browser: string;
  readonly page: SecondFactorPage;
}

export async function showSecondFactor(visit: Visit): Promise<Response> {
  const waiting = await findWaiting(visit);
  return waiting === null ? toSignIn(visit) : secondFactorPage(visit, waiting.page, null);
}

export async function submitSecondFactor(visit: Visit): Promise<Response> {
  const { c, deps } = visit;
  requireOwnPage(c, visit);
  const form = await readForm(c);
  const waiting = await findWaiting(visit);
  const outcome = waiting === null ? "over" : await trySecondStep(visit, waiting, form);
  if (waiting === null || outcome === "over") return toSignIn(visit);
  if ("issued" in outcome) {
    deps.cookies.clearPending(c);
    return signedIn(visit, outcome);
  }
  if (outcome.retryAfterSeconds !== undefined) c.header("Retry-After", String(outcome.retryAfterSeconds));
  return secondFactorPage(visit, waiting.page, outcome);
}

/** For the script: what the passkey is to sign. */
export function askForPasskey(visit: Visit): Promise<Response> {
  return answerScript(visit, visit.formHolder(), async () => {
    const waiting = await findWaiting(visit);
    if (waiting === null) return { goTo: signInAnew(visit) };
    return { options: await passkeyOptionsFor(visit.deps.factors, waiting.token, waiting.browser) };
  });
}

async function findWaiting({ c, deps }: Visit): Promise<Waiting | null> {
  const [token, browser] = [deps.cookies.readPending(c), deps.cookies.readTransaction(c)];
  if (token === null || browser === null) return null;
  const pending = await findPending(deps.factors, token, browser);
  const user = pending === null ? null : await deps.users.store.find(pending.userId);
  if (pending === null || user === null) return null;
  return { token, browser, page: { email: user.email, methods: pending.methods, by: askedBy(c.req.query("by"), pending) } };
}

/** The way that they have chosen, if it is theirs. */
function askedBy(wanted: string | undefined, { methods }: PendingSignIn): SecondFactorMethod {
  return methods.find((method) => method === wanted) ?? firstOf(methods);
}

async function trySecondStep(
  visit: Visit,
  { token, browser, page: { by } }: Waiting,
  form: Form,
): Promise<Begun | Failure | "over"> {
  const { codeMissing } = visit.texts.twoSteps;
  try {
    requireFormOf(form, visit.formHolder(), visit);
    const step = stepIn(form, by);
    if (step === null) return { status: 400, text: null, fields: { [FIELDS[by]]: codeMissing } };
    return await finishSignIn(visit.c, visit.deps, token, step, { browser });
  } catch (error) {
    if (error instanceof OstiaryError && error.code === "sign_in_expired") return "over";
    if (error instanceof OstiaryError && error.code === "invalid_credentials") return wrongStep(visit, by);
    const failure = failureOf(error, visit, {});
    if (failure === null) throw error;
    return failure;
  }
}

const FIELDS = { otp: "code", recovery: "recoveryCode", passkey: "passkey" } as const satisfies Record<
  SecondFactorMethod,
  string
>;

/** Null for a form that was sent empty: that is no try. */
function stepIn(form: Form, by: SecondFactorMethod): SecondStep | null {
  if (by === "passkey") {
    const made = passkeyIn(form);
    return made === null ? null : { passkey: made.passkey as AuthenticationResponseJSON };
  }
  const typed = form.get(FIELDS[by]) ?? "";
  if (typed.trim() === "") return null;
  return by === "otp" ? { code: typed } : { recoveryCode: typed };
}

function wrongStep({ texts }: Visit, by: SecondFactorMethod): Failure {
  const { codeWrong, recoveryWrong, passkeyWrong } = texts.twoSteps;
  if (by === "passkey") return { status: 400, text: passkeyWrong, fields: {} };
  return { status: 400, text: null, fields: { [FIELDS[by]]: by === "otp" ? codeWrong : recoveryWrong } };
}

/** What waited is over, or was finished: whoever comes back to its page is led on if they are in by now. */
async function toSignIn(visit: Visit): Promise<Response> {
  const { visitor } = await findVisitor(visit);
  const isIn = visitor !== null && visit.c.req.query("prompt") === undefined && mayGoOn(visit, visitor);
  return visit.c.redirect(isIn ? afterSignIn(visit) : signInAnew(visit), 303);
}

function signInAnew(visit: Visit): string {
  return visit.link("/sign-in", { notice: "sign-in-expired" });
}
