import { offeredByMail } from "../../http/mail-flow.ts";
import { hasPassword } from "../../users/no-password.ts";
import { fieldOf, summaryOf } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import type { Visit } from "../visit.ts";
import type { Visitor } from "../visitor.ts";
import { taskForm } from "./task-form.ts";

/** The address, whether it is confirmed, and the form for another one, which costs the password; null where that is not offered. */
export function emailForms(visit: Visit, visitor: Visitor, failure: Failure | null, newEmail: string): Html | null {
  const { texts, deps } = visit;
  const { byMail } = texts;
  if (!offeredByMail(deps).addresses) return null;
  const { email, emailVerified } = visitor.user;
  const again = taskForm(visit, visitor, "verify-email", html`<button type="submit" class="second small">${byMail.sendAgain}</button>`);
  return html`<p class="current-email">${email} <span class="badge">${emailVerified ? byMail.verified : byMail.notVerified}</span></p>
${!emailVerified && again}
${hasPassword(visitor.user) && taskForm(visit, visitor, "email", html`
${summaryOf(visit, failure)}
${fieldOf(visit, { name: "newEmail", label: byMail.newAddress, type: "email", autocomplete: "email", value: newEmail }, failure)}
${fieldOf(visit, { name: "emailPassword", label: texts.currentPassword, type: "password", autocomplete: "current-password" }, failure)}
<div class="actions"><button type="submit">${byMail.changeAddress}</button></div>`)}`;
}
