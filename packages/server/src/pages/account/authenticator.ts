import { OstiaryError } from "../../errors.ts";
import { deviceOf } from "../../http/device.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { confirmTotp, enrolTotp, findTotpEnrolment } from "../../second-factors/add-factor.ts";
import { factorsOf } from "../../second-factors/second-factors.ts";
import { failureOf } from "../failure.ts";
import type { Failure } from "../form.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import type { Visit } from "../visit.ts";
import { findVisitor, holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { authenticatorPage } from "./authenticator-page.ts";
import { recoveryCodesPage } from "./recovery-codes-page.ts";
import { afterSetUp } from "./set-up-link.ts";
import { canChangeFactors } from "./two-steps.ts";

/** A secret of its own with each visit: none counts before a code of it has come back. */
export async function showAuthenticator(visit: Visit): Promise<Response> {
  const visitor = await findSetter(visit);
  if (visitor === null) return visit.c.redirect(visit.link("/account"), 303);
  return authenticatorPage(visit, visitor, await enrolTotp(visit.deps.factors, visitor.user), null);
}

export async function confirmAuthenticator(visit: Visit): Promise<Response> {
  const { c, deps } = visit;
  requireOwnPage(c, visit);
  const visitor = await findSetter(visit);
  if (visitor === null) return c.redirect(visit.link("/account"), 303);
  const form = await readForm(c);
  const outcome = await tryCode(visit, visitor, form);
  if ("failure" in outcome) {
    const { failure } = outcome;
    if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
    const { factors } = deps;
    const known = await findTotpEnrolment(factors, visitor.user, form.get("enrolmentToken") ?? "");
    // Over by now: the picture is another one then, and says so.
    const isOver = known === null && failure.fields["code"] !== undefined;
    const shown = isOver ? { ...failure, fields: { code: visit.texts.twoSteps.setUpExpired } } : failure;
    return authenticatorPage(visit, visitor, known ?? (await enrolTotp(factors, visitor.user)), shown);
  }
  const { recoveryCodes } = outcome;
  if (recoveryCodes !== null) return recoveryCodesPage(visit, visitor, recoveryCodes, afterSetUp(visit));
  return c.redirect(visit.link("/account", { notice: "authenticator-added" }), 303);
}

/** Null for whoever is not signed in, or not lately enough: on the account page they are told. */
async function findSetter(visit: Visit): Promise<Visitor | null> {
  const { visitor } = await findVisitor(visit);
  if (visitor === null) return null;
  return canChangeFactors(visit, visitor, await factorsOf(visit.deps.factors, visitor.user.id)) ? visitor : null;
}

async function tryCode(visit: Visit, visitor: Visitor, form: Form): Promise<{ recoveryCodes: string[] | null } | { failure: Failure }> {
  const { c, deps, texts } = visit;
  const { codeMissing, codeWrong, setUpExpired } = texts.twoSteps;
  const inCode = (text: string): { failure: Failure } => ({ failure: { status: 400, text: null, fields: { code: text } } });
  const answer = { enrolmentToken: form.get("enrolmentToken") ?? "", code: form.get("code") ?? "" };
  try {
    requireFormOf(form, holderOf(visitor), visit);
    if (answer.code.trim() === "") return inCode(codeMissing);
    return await confirmTotp(deps.factors, visitor.user, answer, { sessionId: visitor.session.id, origin: deviceOf(c) });
  } catch (error) {
    if (error instanceof OstiaryError && error.code === "invalid_credentials") return inCode(codeWrong);
    if (error instanceof OstiaryError && error.code === "sign_in_expired") return inCode(setUpExpired);
    const failure = failureOf(error, visit, {});
    if (failure === null) throw error;
    return { failure };
  }
}
