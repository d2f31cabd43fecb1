import { html, attributes } from "./html.ts";
import type { Html } from "./html.ts";
import { icon } from "./icons.ts";
import type { Visit } from "./visit.ts";

/** What went wrong with a form, in the person's language. */
export interface Failure {
  readonly status: 400 | 409 | 413 | 429 | 503;
  /** What is wrong with the whole of it; null if the fields say it all. */
  readonly text: string | null;
  /** By the name of the field. */
  readonly fields: Readonly<Record<string, string>>;
  readonly retryAfterSeconds?: number | undefined;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "email" | "password";
  /** For password managers and autofill (HTML, "Autofill"). */
  readonly autocomplete: string;
  readonly value?: string;
  readonly optional?: boolean;
  readonly hint?: string;
  readonly autofocus?: boolean;
  /** Shown, and not for them to change. */
  readonly readOnly?: boolean;
  readonly maxLength?: number;
  /** A code of an app or from a list: no words. */
  readonly isCode?: boolean;
  /** What a telephone shows to type it on. */
  readonly inputMode?: "numeric";
}

/** A labelled field with its hint and its error; a password can be shown by script. */
export function fieldOf({ texts, deps }: Visit, field: Field, failure: Failure | null): Html {
  const { name, label, type, autocomplete, value, optional = false, hint, maxLength } = field;
  const error = failure?.fields[name] ?? null;
  const describedBy = [hint === undefined ? "" : `${name}-hint`, error === null ? "" : `${name}-error`].filter(Boolean).join(" ");
  const isWords = type === "text" && field.isCode !== true;
  const isNew = autocomplete === "new-password";
  const input = attributes({
    id: name,
    name,
    type,
    autocomplete,
    value,
    maxlength: maxLength,
    required: !optional,
    readonly: field.readOnly,
    autofocus: field.autofocus === true && failure === null,
    "aria-invalid": error === null ? null : "true",
    "aria-describedby": describedBy || null,
    inputmode: field.inputMode,
    autocapitalize: isWords ? null : "none",
    spellcheck: isWords ? null : "false",
    "data-min": isNew ? deps.settings.passwordMinLength : null,
    "data-strength": isNew ? texts.passwordStrength.join("|") : null,
  });
  const reveal = type === "password" ? attributes({ "data-show": texts.showPassword, "data-hide": texts.hidePassword }) : [];
  return html`<div class="field">
<label for="${name}">${label}${optional && html` <span class="quiet">(${texts.optional})</span>`}</label>
<div class="control${field.isCode === true && " code"}"${reveal}><input${input}></div>
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${error !== null && html`<p class="error" id="${name}-error">${icon("alert")}<span>${error}</span></p>`}
</div>`;
}

/** At the head of a form, and where the cursor goes: all that is wrong, each with the way to its field. */
export function summaryOf({ texts }: Visit, failure: Failure | null): Html | null {
  if (failure === null) return null;
  const entries = Object.entries(failure.fields);
  return html`<div class="summary" role="group" aria-labelledby="summary" tabindex="-1" autofocus>
${icon("alert")}
<div><h2 id="summary">${failure.text ?? texts.errorHeading}</h2>
${entries.length > 0 && html`<ul>${entries.map(([name, text]) => html`<li><a href="#${name}">${text}</a></li>`)}</ul>`}</div>
</div>`;
}

/** The form's CSRF field. */
export function tokenField({ deps }: Visit, holder: string): Html {
  return html`<input type="hidden" name="form_token" value="${deps.browserTokens.form(holder)}">`;
}

export function checkbox(name: string, label: string, checked: boolean): Html {
  return html`<label class="check"><input${attributes({ type: "checkbox", name, checked })}> <span>${label}</span></label>`;
}
