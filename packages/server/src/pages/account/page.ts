import type { Identity } from "../../federation/federation-store.ts";
import type { Factors } from "../../second-factors/second-factors.ts";
import type { Session } from "../../sessions/session.ts";
import { hasPassword } from "../../users/no-password.ts";
import { fieldOf, summaryOf } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";
import type { Visitor } from "../visitor.ts";
import { appList } from "./app-list.ts";
import type { AppWithAccess } from "./app-list.ts";
import { deviceList } from "./device-list.ts";
import { emailForms } from "./email-section.ts";
import { factorList } from "./factor-list.ts";
import { taskForm } from "./task-form.ts";
import type { TaskName } from "./task.ts";
import { isFresh } from "./fresh.ts";
import { askForBoth, canChangeFactors } from "./two-steps.ts";
import { askAgain, wayList } from "./way-list.ts";

export interface AccountPage {
  readonly visitor: Visitor;
  /** Live ones of this person's browsers and devices, newest first. */
  readonly sessions: readonly Session[];
  readonly apps: readonly AppWithAccess[];
  /** Whom other issuers know this person as. */
  readonly identities: readonly Identity[];
  readonly factors: Factors;
  /** What was last tried in vain; `name` and `newEmail` as they were typed. */
  readonly failed?: { readonly task: TaskName; readonly failure: Failure; readonly name: string; readonly newEmail: string } | undefined;
}

export function accountPage(visit: Visit, { visitor, sessions, apps, identities, factors, failed }: AccountPage): Response {
  const { texts } = visit;
  const { user } = visitor;
  const failureOfTask = (task: TaskName): Failure | null => (failed?.task === task ? failed.failure : null);
  const [inProfile, inPassword] = [failureOfTask("profile"), failureOfTask("password") ?? failureOfTask("set-password")];
  const inEmail = failureOfTask("email");
  const emails = emailForms(visit, visitor, inEmail, inEmail === null ? "" : (failed?.newEmail ?? ""));
  const hasWays = identities.length > 0 || visit.deps.federation.providers.length > 0;
  const elsewhere = failed !== undefined && [inProfile, inPassword, inEmail].every((one) => one === null) ? failed.failure : null;
  const body = html`<div class="person">
<span class="initial" aria-hidden="true">${initialOf(user.name ?? user.email)}</span>
<div><h1>${user.name ?? texts.account}</h1><p class="quiet">${user.email}</p></div>
</div>
${summaryOf(visit, elsewhere)}
${section("profile", texts.profile, texts.profileHint, taskForm(visit, visitor, "profile", html`
${summaryOf(visit, inProfile)}
${fieldOf(visit, { name: "name", label: texts.name, type: "text", autocomplete: "name", value: failed?.task === "profile" ? failed.name : (user.name ?? ""), maxLength: 200 }, inProfile)}
<div class="actions"><button type="submit">${texts.save}</button></div>`))}
${emails !== null && section("email", texts.byMail.address, texts.byMail.addressHint, emails)}
${hasPassword(user) ? section("password", texts.password, texts.passwordHint, passwordForm(visit, visitor, inPassword)) : section("password", texts.password, texts.noPasswordHint, firstPasswordForm(visit, visitor, inPassword))}
${section("two-steps", texts.twoSteps.section, texts.twoSteps.sectionHint, factorSection(visit, visitor, factors))}
${hasWays && section("ways", texts.ways, texts.waysHint, wayList(visit, visitor, identities))}
${section("devices", texts.devices, texts.devicesHint, deviceList(visit, visitor, sessions))}
${section("apps", texts.apps, texts.appsHint, appList(visit, visitor, apps))}`;
  const corner = taskForm(visit, visitor, "sign-out", html`<button type="submit" class="plain">${texts.signOut}</button>`);
  const status = failed?.failure.status ?? 200;
  return render(visit, { title: texts.account, body, width: "wide", status, hasErrors: failed !== undefined, corner, usesPasskeys: true });
}

function factorSection(visit: Visit, visitor: Visitor, factors: Factors): Html {
  const canChange = canChangeFactors(visit, visitor, factors);
  return html`${factorList(visit, visitor, factors, canChange)}
${!canChange && askForBoth(visit, visitor, factors)}`;
}

/** For password managers the e-mail stands in it as well, where nobody sees it. */
function passwordForm(visit: Visit, visitor: Visitor, failure: Failure | null): Html {
  const { texts, deps } = visit;
  const hint = texts.passwordLength(deps.settings.passwordMinLength);
  return taskForm(visit, visitor, "password", html`
${summaryOf(visit, failure)}
<input type="text" name="username" autocomplete="username" value="${visitor.user.email}" hidden readonly>
${fieldOf(visit, { name: "currentPassword", label: texts.currentPassword, type: "password", autocomplete: "current-password" }, failure)}
${fieldOf(visit, { name: "newPassword", label: texts.newPassword, type: "password", autocomplete: "new-password", hint }, failure)}
<div class="actions"><button type="submit">${texts.changePassword}</button></div>`);
}

/** For whoever came by another issuer, and has none yet. */
function firstPasswordForm(visit: Visit, visitor: Visitor, failure: Failure | null): Html {
  const { texts, deps } = visit;
  if (!isFresh(visit, visitor)) return askAgain(visit, visitor);
  const hint = texts.passwordLength(deps.settings.passwordMinLength);
  return taskForm(visit, visitor, "set-password", html`
${summaryOf(visit, failure)}
<input type="text" name="username" autocomplete="username" value="${visitor.user.email}" hidden readonly>
${fieldOf(visit, { name: "newPassword", label: texts.newPassword, type: "password", autocomplete: "new-password", hint }, failure)}
<div class="actions"><button type="submit">${texts.setPassword}</button></div>`);
}

function section(id: string, title: string, hint: string, content: Html): Html {
  return html`<section class="row" aria-labelledby="${id}">
<div class="about"><h2 id="${id}">${title}</h2><p class="quiet">${hint}</p></div>
<div class="card">${content}</div>
</section>`;
}

/** The first character as people count them, be it a letter or a picture. */
export function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name);
  return first?.segment.toUpperCase() ?? "";
}
