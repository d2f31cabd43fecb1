import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { askerOf, mailFlowDeps } from "../../http/mail-flow.ts";
import { forgotPasswordRequest } from "../../http/mail-fields.ts";
import { hashOf } from "../../sessions/hash-of.ts";
import { requestReset } from "../../users/reset-password.ts";
import { failureOf, fieldFailure } from "../failure.ts";
import { fieldOf, summaryOf, tokenField } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import type { PageRoute } from "../page-route.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";
import { messagePage } from "./message-page.ts";

const PATH = "/forgot-password";

export const forgotPasswordRoutes: readonly PageRoute[] = [
  { method: "get", path: PATH, handle: show },
  { method: "post", path: PATH, handle: submit },
];

function show(visit: Visit): Response {
  mailFlowDeps(visit.deps, "passwords");
  return formPage(visit, "", null);
}

async function submit(visit: Visit): Promise<Response> {
  const { c, texts } = visit;
  requireOwnPage(c, visit);
  const form = await readForm(c);
  const email = form.get("email") ?? "";
  const failure = await tryToAsk(visit, form);
  if (failure === null) {
    const next = { href: visit.link("/sign-in"), label: texts.byMail.backToSignIn };
    return messagePage(visit, { title: texts.byMail.mailed, text: texts.byMail.mailedText(email.trim()), next, here: PATH });
  }
  if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
  return formPage(visit, email, failure);
}

async function tryToAsk(visit: Visit, form: Form): Promise<Failure | null> {
  const { c, deps } = visit;
  const flow = mailFlowDeps(deps, "passwords");
  const values = { email: form.get("email") ?? "" };
  try {
    requireFormOf(form, visit.formHolder(), visit);
    const parsed = forgotPasswordRequest.safeParse(values);
    if (!parsed.success) return fieldFailure(parsed.error, visit, values);
    const device = deps.cookies.readDevice(c);
    await requestReset(flow, { ...parsed.data, deviceHash: device === null ? null : hashOf(device) }, askerOf(c));
    return null;
  } catch (error) {
    const failure = failureOf(error, visit, values);
    if (failure === null) throw error;
    return failure;
  }
}

function formPage(visit: Visit, email: string, failure: Failure | null): Response {
  const { texts } = visit;
  const { byMail } = texts;
  const body = html`<div class="card by-mail">
<h1>${byMail.forgotTitle}</h1>
<p class="quiet">${byMail.forgotText}</p>
<form method="post" action="${visit.link(PATH)}" novalidate>
${summaryOf(visit, failure)}
${tokenField(visit, visit.formHolder())}
${fieldOf(visit, { name: "email", label: texts.email, type: "email", autocomplete: "username", value: email, autofocus: true }, failure)}
<button type="submit">${byMail.forgotAction}</button>
</form>
</div>
<p class="beside"><a href="${visit.link("/sign-in")}">${byMail.backToSignIn}</a></p>`;
  const inLanguage = (tag: string): string => visit.link(PATH, { ui_locales: tag });
  const status = failure?.status ?? 200;
  return render(visit, { title: byMail.forgotTitle, body, width: "narrow", status, hasErrors: failure !== null, inLanguage });
}
