import { fieldOf, summaryOf, tokenField } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";
import type { LinkPage } from "./link-pages.ts";

/**
 * The page of a link: opening it does nothing, its button does. The token is behind the "#" of the address, which no browser
 * sends; the script puts it into the form, and out of the address. Without scripts the link is copied into its field.
 */
export function linkFormPage(visit: Visit, page: LinkPage, token: string, failure: Failure | null): Response {
  const { texts } = visit;
  const { title, text, action } = page.words(texts);
  const isOver = failure !== null && failure.text === texts.byMail.linkInvalid;
  if (isOver && page.password === "new") return askAnewPage(visit, title, failure);
  const body = html`<div class="card by-mail">
<h1>${title}</h1>
<p class="quiet">${text}</p>
<form method="post" action="${visit.link(page.path)}" novalidate>
${summaryOf(visit, failure)}
${tokenField(visit, visit.formHolder())}
${linkField(visit, isOver ? "" : token, failure)}
${page.password === "new" && newPasswordField(visit, failure)}
${page.password === "chosen" && chosenPasswordField(visit, failure)}
<button type="submit">${action}</button>
</form>
</div>
${page.password === "new" && html`<p class="beside"><a href="${visit.link("/forgot-password")}">${texts.byMail.askAnew}</a></p>`}`;
  const inLanguage = (tag: string): string => visit.link(page.path, { ui_locales: tag });
  return render(visit, { title, body, width: "narrow", status: failure?.status ?? 200, hasErrors: failure !== null, inLanguage });
}

/** Whoever has forgotten the password needs another link, and no second go at choosing a new one. */
function askAnewPage(visit: Visit, title: string, failure: Failure): Response {
  const { byMail } = visit.texts;
  const body = html`<div class="card by-mail">
<h1>${title}</h1>
${summaryOf(visit, failure)}
<p><a class="button" href="${visit.link("/forgot-password")}">${byMail.askAnew}</a></p>
</div>
<p class="beside"><a href="${visit.link("/sign-in")}">${byMail.backToSignIn}</a></p>`;
  const inLanguage = (tag: string): string => visit.link("/forgot-password", { ui_locales: tag });
  return render(visit, { title, body, width: "narrow", status: failure.status, hasErrors: true, inLanguage });
}

/** Not shown again once it is known. */
function linkField(visit: Visit, token: string, failure: Failure | null): Html {
  const { byMail } = visit.texts;
  if (token !== "") return html`<input type="hidden" name="token" value="${token}">`;
  return html`<div data-from-link>
${fieldOf(visit, { name: "token", label: byMail.link, type: "text", autocomplete: "off", hint: byMail.linkHint }, failure)}
</div>`;
}

function newPasswordField(visit: Visit, failure: Failure | null): Html {
  const { texts, deps } = visit;
  const hint = texts.passwordLength(deps.settings.passwordMinLength);
  const field = { name: "newPassword", label: texts.newPassword, type: "password", autocomplete: "new-password", hint } as const;
  return fieldOf(visit, field, failure);
}

function chosenPasswordField(visit: Visit, failure: Failure | null): Html {
  const label = visit.texts.byMail.signUpPassword;
  return fieldOf(visit, { name: "password", label, type: "password", autocomplete: "current-password" }, failure);
}
