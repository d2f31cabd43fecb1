import { OPENID_SCOPES } from "../../tokens/scope-names.ts";
import type { Consent } from "../../oauth/oauth-store.ts";
import type { Session } from "../../sessions/session.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { icon } from "../icons.ts";
import { agoOf, dayOf } from "../times.ts";
import type { Visit } from "../visit.ts";
import type { Visitor } from "../visitor.ts";
import { taskForm } from "./task-form.ts";

/** A client of OAuth that the person has allowed something, or that holds sessions of theirs; the operator's own need not ask. */
export interface AppWithAccess {
  readonly clientId: string;
  readonly name: string;
  readonly consent: Consent | null;
  /** Live ones. */
  readonly sessions: readonly Session[];
}

export function appList(visit: Visit, visitor: Visitor, apps: readonly AppWithAccess[]): Html {
  if (apps.length === 0) return html`<p class="quiet">${visit.texts.noApps}</p>`;
  return html`<ul class="devices">${apps.map((app) => entry(visit, visitor, app))}</ul>`;
}

function entry(visit: Visit, visitor: Visitor, { clientId, name, consent, sessions }: AppWithAccess): Html {
  const { texts, locale, deps } = visit;
  const since = consent?.at ?? Math.min(...sessions.map(({ createdAt }) => createdAt));
  const may = scopesOf(visit, consent, sessions);
  const used = sessions.length === 0 ? null : agoOf(locale, texts, Math.max(...sessions.map(({ rotatedAt }) => rotatedAt)), deps.sessions.clock());
  const form = html`<input type="hidden" name="client" value="${clientId}">
<button type="submit" class="second small" aria-label="${texts.withdrawFrom(name)}">${texts.withdraw}</button>`;
  return html`<li class="device app">
${icon("app")}
<div class="what">
<p class="name"><strong>${name}</strong></p>
${may !== "" && html`<p class="quiet">${texts.appMay(may)}</p>`}
${used !== null && html`<p class="quiet">${texts.lastUsed(used)}</p>`}
<p class="quiet"><time datetime="${new Date(since).toISOString()}">${texts.allowedOn(dayOf(locale, since))}</time></p>
</div>
${taskForm(visit, visitor, "withdraw", form)}
</li>`;
}

/** In words, where there are words; that it knows who they are goes without saying. */
function scopesOf({ texts, locale }: Visit, consent: Consent | null, sessions: readonly Session[]): string {
  const granted = new Set(consent?.scopes ?? sessions.flatMap(({ scope }) => scope?.split(" ") ?? []));
  const inOrder = [...OPENID_SCOPES.filter((scope) => granted.has(scope)), ...[...granted].filter((scope) => !isKnown(scope))];
  const words = inOrder.filter((scope) => scope !== "openid").map((scope) => (isKnown(scope) ? texts.appScopes[scope] : scope));
  return new Intl.ListFormat(locale, { type: "unit", style: "short" }).format(words);

  function isKnown(scope: string): scope is keyof typeof texts.appScopes {
    return Object.hasOwn(texts.appScopes, scope);
  }
}
