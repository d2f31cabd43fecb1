import type { SecondFactorMethod } from "../../second-factors/second-factors.ts";
import { fieldOf, summaryOf, tokenField } from "../form.ts";
import type { Failure, Field } from "../form.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { icon } from "../icons.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";
import { passkeyForm, passkeyMissing } from "./passkey-form.ts";

export const SECOND_FACTOR = "/sign-in/second-factor";
export const PASSKEY_SIGN_IN = "/sign-in/passkey";

export interface SecondFactorPage {
  /** Whose first step was good. */
  readonly email: string;
  /** The ways that they have. */
  readonly methods: readonly SecondFactorMethod[];
  /** The one that the page asks for first. */
  readonly by: SecondFactorMethod;
}

/** The second step of signing in, whatever the first one was. */
export function secondFactorPage(visit: Visit, { email, methods, by }: SecondFactorPage, failure: Failure | null): Response {
  const { texts } = visit;
  const { confirm, codeLead, passkeyLead, recoveryLead } = texts.twoSteps;
  const lead = { otp: codeLead, passkey: passkeyLead, recovery: recoveryLead }[by];
  const offersPasskey = methods.includes("passkey") && by !== "recovery";
  const body = html`<div class="card">
<h1>${confirm}</h1>
<p class="lead">${lead}</p>
<p class="who">${icon("person")}<span>${email}</span></p>
${by === "passkey" && summaryOf(visit, failure)}
${by !== "passkey" && codeForm(visit, by, failure)}
${offersPasskey && by === "otp" && html`<p class="or"><span>${texts.or}</span></p>`}
${offersPasskey && ownPasskeyForm(visit, by)}
${by === "passkey" && passkeyMissing(visit)}
</div>
${besides(visit, methods, by)}`;
  const status = failure?.status ?? 200;
  const inLanguage = (tag: string): string => hrefOf(visit, by, { ui_locales: tag });
  return render(visit, {
    title: confirm,
    body,
    width: "narrow",
    status,
    hasErrors: failure !== null,
    usesPasskeys: offersPasskey,
    inLanguage,
  });
}

function codeForm(visit: Visit, by: "otp" | "recovery", failure: Failure | null): Html {
  const { code, recoveryCode, goOn } = visit.texts.twoSteps;
  const field: Field =
    by === "otp"
      ? {
          name: "code",
          label: code,
          type: "text",
          autocomplete: "one-time-code",
          inputMode: "numeric",
          maxLength: 12,
          isCode: true,
          autofocus: true,
        }
      : {
          name: "recoveryCode",
          label: recoveryCode,
          type: "text",
          autocomplete: "off",
          maxLength: 64,
          isCode: true,
          autofocus: true,
        };
  return html`<form method="post" action="${hrefOf(visit, by)}" novalidate>
${summaryOf(visit, failure)}
${tokenField(visit, visit.formHolder())}
${fieldOf(visit, field, failure)}
<button type="submit">${goOn}</button>
</form>`;
}

function ownPasskeyForm(visit: Visit, by: SecondFactorMethod): Html {
  return passkeyForm(visit, {
    purpose: "use",
    action: hrefOf(visit, "passkey"),
    options: visit.link(`${SECOND_FACTOR}/passkey`),
    label: visit.texts.twoSteps.usePasskey,
    look: by === "passkey" ? "first" : "second",
    fields: tokenField(visit, visit.formHolder()),
  });
}

/** The other ways, and the way out. */
function besides(visit: Visit, methods: readonly SecondFactorMethod[], by: SecondFactorMethod): Html {
  const { useRecovery, useOther } = visit.texts.twoSteps;
  const first = firstOf(methods);
  const recovery = methods.includes("recovery") && by !== "recovery";
  return html`${recovery && html`<p class="beside"><a href="${hrefOf(visit, "recovery")}">${useRecovery}</a></p>`}
${by !== first && html`<p class="beside"><a href="${hrefOf(visit, first)}">${useOther}</a></p>`}
${notYou(visit)}`;
}

export function notYou(visit: Visit): Html {
  const { notYou: question, otherAccount } = visit.texts.twoSteps;
  return html`<p class="beside">${question} <a href="${visit.link("/sign-in", { prompt: "select_account" })}">${otherAccount}</a></p>`;
}

/** What somebody is asked for unless they choose: what works everywhere. */
export function firstOf(methods: readonly SecondFactorMethod[]): SecondFactorMethod {
  return (["otp", "passkey", "recovery"] as const).find((one) => methods.includes(one)) ?? "otp";
}

function hrefOf(visit: Visit, by: SecondFactorMethod, more: Readonly<Record<string, string>> = {}): string {
  return visit.link(SECOND_FACTOR, { by, ...more });
}
