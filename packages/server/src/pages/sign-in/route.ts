import { OstiaryError } from "../../errors.ts";
import { signIn } from "../../http/begin-session.ts";
import type { Begun, Pending } from "../../http/begin-session.ts";
import { loginRequest } from "../../http/fields.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { sessionIdOf } from "../../http/session-cookies.ts";
import { isEmailAddress, normalizeEmail } from "../../users/email.ts";
import { failureOf, fieldFailure } from "../failure.ts";
import type { Failure } from "../form.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import type { PageRoute } from "../page-route.ts";
import { originOf } from "../visit.ts";
import type { Visit } from "../visit.ts";
import { findVisitor } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { afterSignIn } from "./go-on.ts";
import { signInPage } from "./page.ts";
import { signedIn } from "./signed-in.ts";

export const signInRoutes: readonly PageRoute[] = [
  { method: "get", path: "/sign-in", handle: show },
  { method: "post", path: "/sign-in", handle: submit },
];

async function show(visit: Visit): Promise<Response> {
  const { visitor } = await findVisitor(visit);
  const prompt = visit.c.req.query("prompt");
  const isAskedAgain = prompt === "login" || prompt === "select_account";
  if (visitor !== null && !isAskedAgain && mayGoOn(visit, visitor)) return visit.c.redirect(afterSignIn(visit), 303);
  const known = prompt === "select_account" ? "" : (visitor?.user.email ?? "");
  const isFixed = isAboutVisitor(visit, visitor);
  const email = isFixed ? known : (hintedEmail(visit) ?? known);
  // The new session takes the place of theirs: it is to last as long.
  const remember = visitor !== null && visitor.session.remember && visitor.user.email === email;
  return signInPage(visit, { email, remember, isFixed }, null);
}

/** Step-up is about whoever is signed in: as anybody else they would be elsewhere. */
function isAboutVisitor(visit: Visit, visitor: Visitor | null): boolean {
  const hint = hintedEmail(visit);
  return (
    visitor !== null &&
    visit.need !== null &&
    visit.c.req.query("prompt") === "login" &&
    (hint === null || hint === visitor.user.email)
  );
}

/** Whom a client of OAuth expects (OIDC Core §3.1.2.1, `login_hint`). */
function hintedEmail({ c }: Visit): string | null {
  const hint = normalizeEmail(c.req.query("login_hint") ?? "");
  return isEmailAddress(hint) ? hint : null;
}

/**
 * Whoever is signed in need not do it again. But an app sends people here because it could not refresh: if it was for
 * want of a refresh cookie that is good, going back to it would go round for ever. To a request from another site that
 * cookie is not shown: it is taken for good if it is an app of our own origin that waits.
 */
export function mayGoOn({ c, deps, returnTo }: Visit, { session }: Visitor): boolean {
  if (returnTo === null) return true;
  const refresh = deps.cookies.readRefreshToken(c);
  if (refresh !== null) return sessionIdOf(refresh, deps) === session.id;
  const comesFromElsewhere = c.req.header("sec-fetch-site") === "cross-site";
  return comesFromElsewhere && originOf(returnTo) === originOf(deps.settings.issuer);
}

async function submit(visit: Visit): Promise<Response> {
  const { c } = visit;
  requireOwnPage(c, visit);
  const form = await readForm(c);
  const typed = { email: form.get("email") ?? "", remember: form.has("remember") };
  const browser = visit.deps.cookies.transactionName(c);
  const outcome = await trySignIn(visit, form, browser);
  if ("issued" in outcome || "mfaToken" in outcome) return signedIn(visit, outcome, browser);
  const failure = outcome;
  if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
  const { visitor } = await findVisitor(visit);
  return signInPage(visit, { ...typed, isFixed: isAboutVisitor(visit, visitor) && typed.email === visitor?.user.email }, failure);
}

async function trySignIn(visit: Visit, form: Form, browser: string): Promise<Begun | Pending | Failure> {
  const values = { email: form.get("email") ?? "", password: form.get("password") ?? "" };
  try {
    requireFormOf(form, visit.formHolder(), visit);
    const parsed = loginRequest.safeParse(values);
    if (!parsed.success) {
      // What no password of ours can be is as wrong as any other.
      const isOdd = values.password !== "" && parsed.error.issues.some(({ path }) => path[0] === "password");
      if (isOdd) throw new OstiaryError("invalid_credentials", "Wrong e-mail or password.");
      return fieldFailure(parsed.error, visit, values);
    }
    const { email, password } = parsed.data;
    const wishes = { remember: form.has("remember"), delivery: "cookie", browser } as const;
    return await signIn(visit.c, visit.deps, { email, password }, wishes);
  } catch (error) {
    const failure = failureOf(error, visit, values);
    if (failure === null) throw error;
    return failure;
  }
}
