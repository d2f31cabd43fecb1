import { linkIdentity } from "../../federation/find-person.ts";
import type { Pending as PendingLink } from "../../federation/federation.ts";
import { FederationError } from "../../federation/provider-client.ts";
import type { SignInProvider } from "../../federation/provider.ts";
import { signIn } from "../../http/begin-session.ts";
import type { Begun, Pending } from "../../http/begin-session.ts";
import { deviceOf } from "../../http/device.ts";
import { loginRequest } from "../../http/fields.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { failureOf, fieldFailure } from "../failure.ts";
import type { Failure } from "../form.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import { signedIn } from "../sign-in/signed-in.ts";
import type { Visit } from "../visit.ts";
import { staysSignedIn } from "../visitor.ts";
import { passwordPage } from "./page.ts";
import { problemOf, providerOf } from "./problem.ts";

/** Somebody proves by its password that the account with their e-mail is theirs: the provider opens it from then on. */
export async function submitPassword(visit: Visit): Promise<Response> {
  const { c, deps } = visit;
  requireOwnPage(c, visit);
  const provider = providerOf(visit);
  const form = await readForm(c);
  const name = form.get("pending") ?? "";
  const browser = deps.cookies.readTransaction(c);
  const pending = await deps.federation.look(provider, browser, name);
  if (pending === null) {
    return problemOf(visit, provider, new FederationError("expired", "Nothing waits for this password."), "sign_in");
  }
  const outcome = await tryPassword(visit, provider, pending, form);
  if ("issued" in outcome || "mfaToken" in outcome) return signedIn(visit, outcome, browser);
  const failure = outcome;
  if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
  return passwordPage(visit, provider, { email: pending.email, pending: name }, failure);
}

/** Counted and audited as any sign-in with a password. */
async function tryPassword(
  visit: Visit,
  provider: SignInProvider,
  { email, profile }: PendingLink,
  form: Form,
): Promise<Begun | Pending | Failure> {
  const { c, deps } = visit;
  const values = { email, password: form.get("password") ?? "" };
  try {
    requireFormOf(form, visit.formHolder(), visit);
    const parsed = loginRequest.safeParse(values);
    if (!parsed.success) return fieldFailure(parsed.error, visit, values);
    const [name, browser] = [form.get("pending") ?? "", deps.cookies.readTransaction(c)];
    const remember = await staysSignedIn(visit, email);
    const wishes = { remember, delivery: "cookie", link: { provider: provider.id, name }, browser } as const;
    const begun = await signIn(c, deps, values, wishes);
    // It is linked once the second step was taken as well.
    if ("mfaToken" in begun) return begun;
    const { issued } = begun;
    // If somebody else has the identity by now, they are signed in all the same.
    const mine = await deps.federation.take(provider, browser, name);
    if (mine !== null) {
      await linkIdentity({ ...deps, random: deps.sessions.random }, issued.user, provider, profile, deviceOf(c), "password");
    }
    return begun;
  } catch (error) {
    const failure = failureOf(error, visit, values);
    if (failure === null) throw error;
    return failure;
  }
}
