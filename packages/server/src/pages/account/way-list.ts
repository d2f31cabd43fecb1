import type { Identity } from "../../federation/federation-store.ts";
import { issuerOf } from "../../federation/provider.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { providerForm, providerMark } from "../sign-in-with/buttons.ts";
import { dayOf } from "../times.ts";
import type { Visit } from "../visit.ts";
import { holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { isFresh, notFresh, signInAgain } from "./fresh.ts";
import { taskForm } from "./task-form.ts";

/** The identities of other issuers that open the account, and the providers that could be added. */
export function wayList(visit: Visit, visitor: Visitor, identities: readonly Identity[]): Html {
  const { texts, deps } = visit;
  const canChange = isFresh(visit, visitor);
  const missing = deps.federation.providers.filter((provider) => !identities.some(({ issuer }) => issuer === issuerOf(provider)));
  const buttons = missing.map((provider) => providerForm(visit, provider, holderOf(visitor), "link", texts.connect(provider.name)));
  return html`${identities.length > 0 && html`<ul class="devices">${identities.map((identity) => entry(visit, visitor, identity, canChange))}</ul>`}
${canChange && buttons.length > 0 && html`<div class="actions">${buttons}</div>`}
${!canChange && askAgain(visit, visitor)}`;
}

/** In place of what can be done only just after signing in. */
export function askAgain(visit: Visit, visitor: Visitor): Html {
  const { texts } = visit;
  return html`<div class="again"><p class="quiet">${notFresh(visit, visitor)}</p>
<a class="button second" href="${signInAgain(visit)}">${texts.signInAgain}</a></div>`;
}

function entry(visit: Visit, visitor: Visitor, { issuer, subject, label, linkedAt }: Identity, canChange: boolean): Html {
  const { texts, locale, deps } = visit;
  const provider = deps.federation.providers.find((one) => issuerOf(one) === issuer);
  const name = provider?.name ?? new URL(issuer).host;
  const form = html`<input type="hidden" name="issuer" value="${issuer}"><input type="hidden" name="subject" value="${subject}">
<button type="submit" class="second small" aria-label="${texts.disconnectFrom(name)}">${texts.disconnect}</button>`;
  return html`<li class="device">
${providerMark(name)}
<div class="what">
<p class="name"><strong>${name}</strong></p>
${label !== null && html`<p class="quiet label">${label}</p>`}
<p class="quiet"><time datetime="${new Date(linkedAt).toISOString()}">${texts.connectedOn(dayOf(locale, linkedAt))}</time></p>
</div>
${canChange && taskForm(visit, visitor, "unlink", form)}
</li>`;
}
