import type { Session } from "../../sessions/session.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { icon } from "../icons.ts";
import type { IconName } from "../icons.ts";
import { agoOf, dayOf } from "../times.ts";
import type { Visit } from "../visit.ts";
import type { Visitor } from "../visitor.ts";
import { taskForm } from "./task-form.ts";

/** This device first, then the others as they were last used. */
export function deviceList(visit: Visit, visitor: Visitor, sessions: readonly Session[]): Html {
  const { texts } = visit;
  const others = sessions.filter(({ id }) => id !== visitor.session.id).toSorted((a, b) => b.rotatedAt - a.rotatedAt);
  const buttons = html`<div class="actions">
${others.length > 0 && taskForm(visit, visitor, "end-others", html`<button type="submit" class="second">${texts.signOutOthers}</button>`)}
${taskForm(visit, visitor, "end-all", html`<button type="submit" class="second danger">${texts.signOutAll}</button>`)}
</div>`;
  return html`<ul class="devices">${[visitor.session, ...others].map((session) => device(visit, visitor, session))}</ul>
${others.length === 0 && html`<p class="quiet">${texts.onlyHere}</p>`}
${buttons}`;
}

function device(visit: Visit, visitor: Visitor, session: Session): Html {
  const { texts, locale, deps } = visit;
  const isThis = session.id === visitor.session.id;
  const { label, ip, userAgent } = session.device;
  const name = userAgent === null ? texts.unknownDevice : label;
  const last = isThis ? texts.activeNow : texts.lastUsed(agoOf(locale, texts, session.rotatedAt, deps.sessions.clock()));
  const created = new Date(session.createdAt).toISOString();
  const end = html`<input type="hidden" name="session" value="${session.id}">
<button type="submit" class="second small" aria-label="${texts.signOutDevice(name)}">${texts.signOut}</button>`;
  return html`<li class="device">
${icon(iconOf(userAgent))}
<div class="what">
<p class="name"><strong>${name}</strong>${isThis && html` <span class="badge">${texts.thisDevice}</span>`}</p>
<p class="quiet">${last}${ip !== null && html` <span class="ip">${ip}</span>`}</p>
<p class="quiet"><time datetime="${created}">${texts.since(dayOf(locale, session.createdAt))}</time></p>
</div>
${isThis ? null : taskForm(visit, visitor, "end", end)}
</li>`;
}

export function iconOf(userAgent: string | null): IconName {
  if (userAgent === null || !userAgent.startsWith("Mozilla/")) return "terminal";
  return /Mobi|Android|iPhone|iPad/i.test(userAgent) ? "phone" : "laptop";
}
