import { OstiaryError } from "../../errors.ts";
import { signIn } from "../../http/begin-session.ts";
import { loginRequest } from "../../http/fields.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { setSessionCookies } from "../../http/token-response.ts";
import { failureOf, fieldFailure } from "../failure.ts";
import type { Failure } from "../form.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import type { PageRoute } from "../page-route.ts";
import type { Visit } from "../visit.ts";
import { findVisitor } from "../visitor.ts";
import { signInPage } from "./page.ts";

export const signInRoutes: readonly PageRoute[] = [
  { method: "get", path: "/sign-in", handle: show },
  { method: "post", path: "/sign-in", handle: submit },
];

async function show(visit: Visit): Promise<Response> {
  const { visitor } = await findVisitor(visit);
  if (visitor !== null && mayGoOn(visit)) return visit.c.redirect(afterSignIn(visit), 303);
  return signInPage(visit, { email: visitor?.user.email ?? "", remember: false }, null);
}

/**
 * Whoever is signed in need not do it again. But an app sends people here because it could not refresh: if it was for
 * want of the refresh cookie, going back to it would go round for ever. To who comes from another site that cookie is not
 * shown, and it cannot be such an app.
 */
export function mayGoOn({ c, deps, returnTo }: Visit): boolean {
  const comesFromElsewhere = c.req.header("sec-fetch-site") === "cross-site";
  return returnTo === null || comesFromElsewhere || deps.cookies.readRefreshToken(c) !== null;
}

async function submit(visit: Visit): Promise<Response> {
  const { c } = visit;
  requireOwnPage(c, visit);
  const form = await readForm(c);
  const typed = { email: form.get("email") ?? "", remember: form.has("remember") };
  const failure = await trySignIn(visit, form);
  if (failure === null) return c.redirect(afterSignIn(visit), 303);
  if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
  return signInPage(visit, typed, failure);
}

async function trySignIn(visit: Visit, form: Form): Promise<Failure | null> {
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
    const wishes = { remember: form.has("remember"), delivery: "cookie" } as const;
    const { issued, device } = await signIn(visit.c, visit.deps, { email, password }, wishes);
    setSessionCookies(visit.c, visit.deps, issued, device);
    return null;
  } catch (error) {
    const failure = failureOf(error, visit, values);
    if (failure === null) throw error;
    return failure;
  }
}

export function afterSignIn(visit: Visit): string {
  return visit.returnTo ?? visit.link("/account");
}
