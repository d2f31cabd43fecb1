import { signUp } from "../../http/begin-session.ts";
import { signupRequest } from "../../http/fields.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { setSessionCookies } from "../../http/token-response.ts";
import { messagePage } from "../by-mail/message-page.ts";
import { failureOf, fieldFailure, newPasswordFailure } from "../failure.ts";
import type { Failure } from "../form.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import type { PageRoute } from "../page-route.ts";
import { afterSignIn, goOn } from "../sign-in/go-on.ts";
import { mayGoOn } from "../sign-in/route.ts";
import type { Visit } from "../visit.ts";
import { endEarlierVisit, findVisitor } from "../visitor.ts";
import { signUpPage } from "./page.ts";

export const signUpRoutes: readonly PageRoute[] = [
  { method: "get", path: "/sign-up", handle: show },
  { method: "post", path: "/sign-up", handle: submit },
];

async function show(visit: Visit): Promise<Response> {
  const { visitor } = await findVisitor(visit);
  if (visitor !== null && mayGoOn(visit, visitor)) return visit.c.redirect(afterSignIn(visit), 303);
  return signUpPage(visit, { name: "", email: "" }, null);
}

async function submit(visit: Visit): Promise<Response> {
  const { c } = visit;
  requireOwnPage(c, visit);
  const form = await readForm(c);
  const failure = await trySignUp(visit, form);
  if (failure === null) return goOn(visit);
  if (failure === "mailed") {
    const { byMail } = visit.texts;
    const next = { href: visit.link("/sign-in"), label: byMail.backToSignIn };
    return messagePage(visit, { title: byMail.mailed, text: byMail.signUpMailedText, next, here: "/sign-up" });
  }
  if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
  return signUpPage(visit, { name: form.get("name") ?? "", email: form.get("email") ?? "" }, failure);
}

async function trySignUp(visit: Visit, form: Form): Promise<Failure | "mailed" | null> {
  const values = { email: form.get("email") ?? "", password: form.get("password") ?? "" };
  const name = form.get("name")?.trim() ?? "";
  try {
    requireFormOf(form, visit.formHolder(), visit);
    const parsed = signupRequest.safeParse({ ...values, ...(name === "" ? {} : { name }) });
    if (!parsed.success) return newPasswordFailure(fieldFailure(parsed.error, visit, values), "password", visit, values);
    const begun = await signUp(visit.c, visit.deps, parsed.data, { remember: false, delivery: "cookie" });
    if (begun === null) return "mailed";
    const { issued, device } = begun;
    await endEarlierVisit(visit, issued.session);
    setSessionCookies(visit.c, visit.deps, issued, device);
    return null;
  } catch (error) {
    const failure = failureOf(error, visit, values);
    if (failure === null) throw error;
    return failure;
  }
}
