import { OstiaryError } from "../../errors.ts";
import { deviceOf } from "../../http/device.ts";
import type { Form } from "../../http/form.ts";
import { addPasskey, PASSKEY_NAME_MAX, passkeyRegistrationOptions } from "../../second-factors/add-factor.ts";
import type { Adding } from "../../second-factors/add-factor.ts";
import { removePasskey, removeTotp, renamePasskey, replaceRecoveryCodes } from "../../second-factors/change-factors.ts";
import { factorsOf } from "../../second-factors/second-factors.ts";
import type { RegistrationResponseJSON } from "../../second-factors/webauthn.ts";
import type { Failure } from "../form.ts";
import { answerScript } from "../second-factor/answer-script.ts";
import { passkeyIn } from "../second-factor/passkey-in.ts";
import type { Visit } from "../visit.ts";
import { findVisitor, holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { recoveryCodesPage } from "./recovery-codes-page.ts";
import { afterSetUp } from "./set-up-link.ts";
import type { Outcome } from "./task.ts";
import { canChangeFactors } from "./two-steps.ts";

/** Only just after signing in, and with a factor where there is one: whoever finds a browser open must not change these. */
function whenFresh(task: (visit: Visit, visitor: Visitor, form: Form, by: Adding) => Promise<Outcome>) {
  return async (visit: Visit, visitor: Visitor, form: Form): Promise<Outcome> => {
    const { deps, texts, c } = visit;
    const factors = await factorsOf(deps.factors, visitor.user.id);
    if (!canChangeFactors(visit, visitor, factors)) return failedWith(texts.twoSteps.signInFirst);
    return task(visit, visitor, form, { sessionId: visitor.session.id, origin: deviceOf(c) });
  };
}

export const FACTOR_TASKS = {
  "add-passkey": whenFresh(addOwnPasskey),
  "rename-passkey": whenFresh(renameOwnPasskey),
  "remove-passkey": whenFresh(removeOwnPasskey),
  "remove-app": whenFresh(removeApp),
  "new-codes": whenFresh(replaceCodes),
} as const;

/** For the script: what a new passkey is to be made of. */
export async function askForNewPasskey(visit: Visit): Promise<Response> {
  const { deps, texts } = visit;
  const { visitor } = await findVisitor(visit);
  if (visitor === null) return answerScript(visit, "nobody", () => ({ goTo: visit.link("/sign-in") }));
  return answerScript(visit, holderOf(visitor), async () => {
    const factors = await factorsOf(deps.factors, visitor.user.id);
    if (!canChangeFactors(visit, visitor, factors)) return { text: texts.twoSteps.signInFirst };
    const { options, passkeyToken } = await passkeyRegistrationOptions(deps.factors, visitor.user);
    return { options, passkeyToken };
  });
}

async function addOwnPasskey(visit: Visit, visitor: Visitor, form: Form, by: Adding): Promise<Outcome> {
  const { deps, texts } = visit;
  const made = passkeyIn(form);
  if (made === null) return failedWith(texts.twoSteps.passkeyRefused);
  try {
    // Until somebody names it, where it was made tells it from others.
    const answer = { passkeyToken: made.passkeyToken, passkey: made.passkey as RegistrationResponseJSON, name: deviceOf(visit.c).label };
    const { recoveryCodes } = await addPasskey(deps.factors, visitor.user, answer, by);
    return recoveryCodes === null ? { notice: "passkey-added" } : { page: recoveryCodesPage(visit, visitor, recoveryCodes, afterSetUp(visit)) };
  } catch (error) {
    const isRefused = error instanceof OstiaryError && (error.code === "sign_in_expired" || error.code === "invalid_request");
    if (!isRefused) throw error;
    return failedWith(texts.twoSteps.passkeyRefused);
  }
}

async function renameOwnPasskey({ deps, texts }: Visit, { user }: Visitor, form: Form): Promise<Outcome> {
  const name = form.get("passkeyName")?.trim() ?? "";
  if (name === "" || [...name].length > PASSKEY_NAME_MAX || /\p{Cc}/u.test(name)) return failedWith(texts.twoSteps.passkeyNameInvalid(PASSKEY_NAME_MAX));
  await renamePasskey(deps.factors, user.id, idIn(form), name);
  return { notice: "passkey-renamed" };
}

async function removeOwnPasskey({ deps, texts }: Visit, { user }: Visitor, form: Form, by: Adding): Promise<Outcome> {
  const outcome = await removePasskey(deps.factors, user, idIn(form), by);
  // One that is gone, or never was theirs, is removed as well: nobody learns which.
  return outcome === "last" ? failedWith(texts.twoSteps.lastWayIn, 409) : { notice: "passkey-removed" };
}

async function removeApp({ deps }: Visit, { user }: Visitor, _form: Form, by: Adding): Promise<Outcome> {
  await removeTotp(deps.factors, user, by);
  return { notice: "authenticator-removed" };
}

async function replaceCodes(visit: Visit, visitor: Visitor, _form: Form, by: Adding): Promise<Outcome> {
  const codes = await replaceRecoveryCodes(visit.deps.factors, visitor.user, by);
  return { page: recoveryCodesPage(visit, visitor, codes, visit.link("/account")) };
}

function idIn(form: Form): string {
  const id = form.get("id") ?? "";
  // Nothing is kept under an id with that in it, and Postgres would fail to look.
  return id.includes("\0") ? "" : id;
}

function failedWith(text: string, status: Failure["status"] = 400): Outcome {
  return { failure: { status, text, fields: {} } };
}
