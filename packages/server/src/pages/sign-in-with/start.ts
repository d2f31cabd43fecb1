import type { Journey } from "../../federation/federation.ts";
import { FederationError, TRANSACTION_SECONDS } from "../../federation/provider-client.ts";
import type { SignInProvider } from "../../federation/provider.ts";
import { deviceOf } from "../../http/device.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { isFresh } from "../account/fresh.ts";
import { failureOf } from "../failure.ts";
import { FormExpired, requireFormOf, requireOwnPage } from "../own-form.ts";
import { signInPage } from "../sign-in/page.ts";
import type { Visit } from "../visit.ts";
import { findVisitor, holderOf } from "../visitor.ts";
import { leadOnPage } from "./page.ts";
import { problemOf, providerOf } from "./problem.ts";

/** Longer than any address. */
const MAX_HINT_LENGTH = 320;

/** Sends somebody to a provider who has pressed its button on a page of ours. */
export async function start(visit: Visit): Promise<Response> {
  requireOwnPage(visit.c, visit);
  const provider = providerOf(visit);
  const form = await readForm(visit.c);
  return form.get("purpose") === "link" ? startToLink(visit, provider, form) : startToSignIn(visit, provider, form);
}

async function startToSignIn(visit: Visit, provider: SignInProvider, form: Form): Promise<Response> {
  const { c } = visit;
  try {
    requireFormOf(form, visit.formHolder(), visit);
    const prompt = c.req.query("prompt");
    const anew = prompt === "login" || prompt === "select_account";
    const hint = c.req.query("login_hint")?.slice(0, MAX_HINT_LENGTH) ?? null;
    return await lead(visit, provider, { purpose: "sign_in", anew, userId: null }, hint);
  } catch (error) {
    if (error instanceof FederationError) return problemOf(visit, provider, error, "sign_in");
    const failure = failureOf(error, visit, {});
    if (failure === null) throw error;
    if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
    // The page with the buttons has an address of its own: this one takes no visits.
    return signInPage(visit, { email: "", remember: false }, failure);
  }
}

/** A way in that is added outlasts the session: whoever finds a browser open must not add theirs. */
async function startToLink(visit: Visit, provider: SignInProvider, form: Form): Promise<Response> {
  const { c } = visit;
  const { visitor, ended } = await findVisitor(visit);
  if (visitor === null) return c.redirect(visit.link("/sign-in", ended ? { notice: "session-ended" } : {}), 303);
  if (!isFresh(visit, visitor)) return c.redirect(visit.link("/account"), 303);
  try {
    requireFormOf(form, holderOf(visitor), visit);
    return await lead(visit, provider, { purpose: "link", anew: false, userId: visitor.user.id }, null);
  } catch (error) {
    if (error instanceof FormExpired) return c.redirect(visit.link("/account"), 303);
    if (error instanceof FederationError) return problemOf(visit, provider, error, "link");
    throw error;
  }
}

async function lead(
  visit: Visit,
  provider: SignInProvider,
  journey: Omit<Journey, "returnTo" | "uiLocales" | "need" | "begunAt">,
  hint: string | null,
): Promise<Response> {
  const { c, deps, locale, returnTo, need } = visit;
  await deps.users.limits.signInWith(deviceOf(c).ip);
  const browser = deps.cookies.transaction(c, TRANSACTION_SECONDS);
  const uiLocales = c.req.query("ui_locales") === undefined ? null : locale;
  const address = await deps.federation.start(provider, browser, { ...journey, returnTo, uiLocales, need }, hint, locale);
  return leadOnPage(visit, provider, address.href);
}
