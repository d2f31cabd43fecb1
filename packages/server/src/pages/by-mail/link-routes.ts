import { OstiaryError } from "../../errors.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { mailFlowDeps } from "../../http/mail-flow.ts";
import { isLinkToken } from "../../mail/mail-link.ts";
import { failureOf, newPasswordFailure } from "../failure.ts";
import type { Failure } from "../form.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import type { PageRoute } from "../page-route.ts";
import type { Visit } from "../visit.ts";
import { LINK_PAGES } from "./link-pages.ts";
import type { LinkPage } from "./link-pages.ts";
import { linkFormPage } from "./link-form.ts";
import { messagePage } from "./message-page.ts";

export const linkRoutes: readonly PageRoute[] = LINK_PAGES.flatMap((page): PageRoute[] => [
  { method: "get", path: page.path, handle: (visit) => show(visit, page) },
  { method: "post", path: page.path, handle: (visit) => submit(visit, page) },
]);

function show(visit: Visit, page: LinkPage): Response {
  mailFlowDeps(visit.deps, page.offered);
  return linkFormPage(visit, page, "", null);
}

async function submit(visit: Visit, page: LinkPage): Promise<Response> {
  const { c } = visit;
  requireOwnPage(c, visit);
  const form = await readForm(c);
  const token = tokenOf(form);
  const failure = await tryToUse(visit, page, token, form);
  if (failure === null) {
    const { done, doneText, next } = page.words(visit.texts);
    return messagePage(visit, {
      title: done,
      text: doneText,
      next: { href: visit.link(page.next), label: next },
      here: page.path,
    });
  }
  if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
  return linkFormPage(visit, page, token, failure);
}

async function tryToUse(visit: Visit, page: LinkPage, token: string, form: Form): Promise<Failure | null> {
  const { byMail } = visit.texts;
  const flow = mailFlowDeps(visit.deps, page.offered);
  const values = { newPassword: form.get("newPassword") ?? "", password: form.get("password") ?? "" };
  try {
    requireFormOf(form, visit.formHolder(), visit);
    if (token === "") return { status: 400, text: null, fields: { token: byMail.linkMissing } };
    if (page.password === "new" && values.newPassword === "") {
      return newPasswordFailure({ status: 400, text: null, fields: {} }, "newPassword", visit, values);
    }
    if (page.password === "chosen" && values.password === "") {
      return { status: 400, text: null, fields: { password: visit.texts.passwordMissing } };
    }
    await page.use(visit, flow, token, page.password === "chosen" ? values.password : values.newPassword);
    return null;
  } catch (error) {
    if (error instanceof OstiaryError && error.code === "email_taken") {
      return { status: 409, text: byMail.addressTaken, fields: {} };
    }
    const isOtherPassword = page.password === "chosen" && error instanceof OstiaryError && error.code === "invalid_credentials";
    if (isOtherPassword) return { status: 400, text: null, fields: { password: byMail.signUpPasswordWrong } };
    const failure = failureOf(error, visit, values);
    if (failure === null) throw error;
    return failure;
  }
}

/** The link as a whole where somebody had to copy it; what is no token is refused as one that was used is. */
function tokenOf(form: Form): string {
  const typed = (form.get("token") ?? "").trim();
  const token = typed.slice(typed.lastIndexOf("#") + 1);
  return isLinkToken(token) || token === "" ? token : "-";
}
