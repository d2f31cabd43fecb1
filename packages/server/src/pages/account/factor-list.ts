import { PASSKEY_NAME_MAX } from "../../second-factors/add-factor.ts";
import type { Factors } from "../../second-factors/second-factors.ts";
import type { Passkey } from "../../second-factors/second-factor-store.ts";
import { tokenField } from "../form.ts";
import { attributes, html } from "../html.ts";
import type { Html } from "../html.ts";
import { icon } from "../icons.ts";
import { passkeyForm } from "../second-factor/passkey-form.ts";
import { agoOf, dayOf } from "../times.ts";
import type { Visit } from "../visit.ts";
import { holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { AUTHENTICATOR } from "./authenticator-page.ts";
import { setUpLink } from "./set-up-link.ts";
import { taskForm } from "./task-form.ts";
import type { TaskName } from "./task.ts";

export const PASSKEY_OPTIONS = "/account/passkey";

/** The second factors of the account, each with what can be done about it, and what could be added. */
export function factorList(visit: Visit, visitor: Visitor, factors: Factors, canChange: boolean): Html {
  const { texts } = visit;
  const { off, setUpApp } = texts.twoSteps;
  const count = factors.passkeys.length + (factors.totp ? 1 : 0);
  const hasAny = count > 0;
  const of = { canChange, isOnly: count === 1 };
  return html`${!hasAny && html`<p class="quiet">${off}</p>`}
${hasAny && html`<ul class="devices">
${factors.totp && appEntry(visit, visitor, of)}
${factors.passkeys.map((passkey, index) => passkeyEntry(visit, visitor, passkey, { ...of, index }))}
${codesEntry(visit, visitor, factors.recoveryCodesLeft, canChange)}
</ul>`}
${canChange && html`<div class="actions">
${!factors.totp && html`<a class="button second with-icon" href="${visit.link(AUTHENTICATOR)}">${icon("code")}<span>${setUpApp}</span></a>`}
${addPasskeyForm(visit, visitor)}
</div>`}`;
}

/** Its script makes the passkey; the account page's task keeps it. */
export function addPasskeyForm(visit: Visit, visitor: Visitor): Html {
  return passkeyForm(visit, {
    purpose: "add",
    action: setUpLink(visit, "/account"),
    options: visit.link(PASSKEY_OPTIONS),
    label: visit.texts.twoSteps.addPasskey,
    look: "second",
    fields: html`${tokenField(visit, holderOf(visitor))}<input type="hidden" name="task" value="add-passkey">`,
  });
}

interface Entry {
  readonly canChange: boolean;
  /** Whether there is no other second factor. */
  readonly isOnly: boolean;
}

function appEntry(visit: Visit, visitor: Visitor, { canChange, isOnly }: Entry): Html {
  const { app, appOn, removeApp } = visit.texts.twoSteps;
  return html`<li class="device">
${icon("code")}
<div class="what">
<p class="name"><strong>${app}</strong></p>
<p class="quiet">${appOn}</p>
${canChange && removeForm(visit, visitor, { task: "remove-app", label: removeApp, isOnly })}
</div>
</li>`;
}

function passkeyEntry(visit: Visit, visitor: Visitor, passkey: Passkey, of: Entry & { readonly index: number }): Html {
  const { index, canChange, isOnly } = of;
  const { texts, locale, deps } = visit;
  const { removePasskey, addedOn, unused, synced, passkeyUnnamed } = texts.twoSteps;
  const { id, createdAt, lastUsedAt, backedUp } = passkey;
  const name = passkey.name === "" ? passkeyUnnamed : passkey.name;
  const used = lastUsedAt === null ? unused : texts.lastUsed(agoOf(locale, texts, lastUsedAt, deps.sessions.clock()));
  return html`<li class="device passkey">
${icon("key")}
<div class="what">
<p class="name"><strong>${name}</strong>${backedUp && html` <span class="badge">${synced}</span>`}</p>
<p class="quiet">${used}</p>
<p class="quiet"><time datetime="${new Date(createdAt).toISOString()}">${addedOn(dayOf(locale, createdAt))}</time></p>
${canChange && renameForm(visit, visitor, { id, name }, index)}
${canChange && removeForm(visit, visitor, { task: "remove-passkey", label: removePasskey(name), isOnly, id })}
</div>
</li>`;
}

interface Removal {
  readonly task: TaskName;
  readonly label: string;
  readonly isOnly: boolean;
  /** Of the passkey. */
  readonly id?: string;
}

/** Opens as well: what takes the only second step away is no single press of a button. */
function removeForm(visit: Visit, visitor: Visitor, { task, label, isOnly, id }: Removal): Html {
  const { remove, removeLead, removeOnlyLead } = visit.texts.twoSteps;
  return html`<details class="remove">
<summary aria-label="${label}">${remove}</summary>
${taskForm(visit, visitor, task, html`${id !== undefined && html`<input type="hidden" name="id" value="${id}">`}
<p class="quiet">${isOnly ? removeOnlyLead : removeLead}</p>
<div class="actions"><button type="submit" class="second small">${label}</button></div>`)}
</details>`;
}

/** Opens where it stands, without a script. */
function renameForm(visit: Visit, visitor: Visitor, { id, name }: Pick<Passkey, "id" | "name">, index: number): Html {
  const { texts } = visit;
  const { rename, renamePasskey, passkeyName } = texts.twoSteps;
  const field = `passkey-${index}`;
  const input = attributes({ id: field, name: "passkeyName", type: "text", value: name, required: true, maxlength: PASSKEY_NAME_MAX, autocomplete: "off" });
  return html`<details class="rename">
<summary aria-label="${renamePasskey(name)}">${rename}</summary>
${taskForm(visit, visitor, "rename-passkey", html`<input type="hidden" name="id" value="${id}">
<div class="field"><label for="${field}">${passkeyName}</label><div class="control"><input${input}></div></div>
<div class="actions"><button type="submit" class="second">${texts.save}</button></div>`)}
</details>`;
}

function codesEntry(visit: Visit, visitor: Visitor, left: number, canChange: boolean): Html {
  const { recoveryCodes, codesLeft, newCodes } = visit.texts.twoSteps;
  return html`<li class="device">
${icon("list")}
<div class="what">
<p class="name"><strong>${recoveryCodes}</strong></p>
<p class="quiet">${codesLeft(left)}</p>
</div>
${canChange && taskForm(visit, visitor, "new-codes", html`<button type="submit" class="second small">${newCodes}</button>`)}
</li>`;
}
