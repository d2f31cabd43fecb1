import { attributes, html } from "../html.ts";
import type { Html } from "../html.ts";
import { icon } from "../icons.ts";
import type { Visit } from "../visit.ts";

export interface PasskeyForm {
  readonly purpose: "use" | "add";
  /** Where it is sent. */
  readonly action: string;
  /** Where its script asks what the browser is to sign. */
  readonly options: string;
  readonly label: string;
  /** `second`: something else is the main way on the page. */
  readonly look: "first" | "second";
  /** The form's CSRF field, and what else goes along. */
  readonly fields: Html;
}

/** A form that the script fills by the browser's own dialogue. Hidden where there is no script, or no such dialogue. */
export function passkeyForm({ texts }: Visit, { purpose, action, options, label, look, fields }: PasskeyForm): Html {
  const { passkeyCancelled, passkeyHere } = texts.twoSteps;
  const method = attributes({
    method: "post",
    action,
    hidden: true,
    "data-passkey": purpose,
    "data-options": options,
    "data-cancelled": passkeyCancelled,
    "data-here": passkeyHere,
  });
  return html`<form${method} class="by-passkey">
${fields}
<input type="hidden" name="passkey"><input type="hidden" name="passkeyToken">
<p class="error" role="alert" hidden>${icon("alert")}<span></span></p>
<button type="submit"${look === "second" && html` class="second with-icon"`}>${icon("key")}<span>${label}</span></button>
</form>`;
}

/** In its place, where it does not show. */
export function passkeyMissing({ texts }: Visit): Html {
  return html`<p class="quiet" data-passkey-missing>${texts.twoSteps.passkeyNeedsScript}</p>`;
}
