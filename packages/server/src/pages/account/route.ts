import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { OstiaryError } from "../../errors.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { factorsOf } from "../../second-factors/second-factors.ts";
import { failureOf } from "../failure.ts";
import type { Failure } from "../form.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import type { PageRoute } from "../page-route.ts";
import type { Visit } from "../visit.ts";
import { findVisitor, holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { confirmAuthenticator, showAuthenticator } from "./authenticator.ts";
import { AUTHENTICATOR } from "./authenticator-page.ts";
import { PASSKEY_OPTIONS } from "./factor-list.ts";
import { askForNewPasskey } from "./factor-tasks.ts";
import { accountPage } from "./page.ts";
import type { AccountPage } from "./page.ts";
import { passwordsOf, TASKS } from "./tasks.ts";
import type { Outcome, TaskName } from "./task.ts";
import { TWO_STEPS } from "./set-up-link.ts";
import { showTwoSteps } from "./two-steps.ts";

export const accountRoutes: readonly PageRoute[] = [
  { method: "get", path: "/account", handle: show },
  { method: "post", path: "/account", handle: submit },
  { method: "get", path: AUTHENTICATOR, handle: showAuthenticator },
  { method: "post", path: AUTHENTICATOR, handle: confirmAuthenticator },
  { method: "post", path: PASSKEY_OPTIONS, handle: askForNewPasskey },
  { method: "get", path: TWO_STEPS, handle: showTwoSteps },
];

async function show(visit: Visit): Promise<Response> {
  const { visitor, ended } = await findVisitor(visit);
  if (visitor === null) return toSignIn(visit, ended);
  return accountPage(visit, { visitor, ...(await heldBy(visit, visitor)) });
}

async function submit(visit: Visit): Promise<Response> {
  const { c, deps } = visit;
  requireOwnPage(c, visit);
  const { visitor, ended } = await findVisitor(visit);
  if (visitor === null) return toSignIn(visit, ended);
  const form = await readForm(c);
  const task = taskOf(form);
  const outcome = await tryTask(visit, visitor, task, form);
  if ("failure" in outcome) {
    const { failure } = outcome;
    if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
    return accountPage(visit, { visitor, ...(await heldBy(visit, visitor)), failed: { task, failure, name: form.get("name") ?? "", newEmail: form.get("newEmail") ?? "" } });
  }
  if ("page" in outcome) return outcome.page;
  const { notice, isOut = false } = outcome;
  if (isOut) deps.cookies.clearSession(c);
  return c.redirect(visit.link(isOut ? "/sign-in" : "/account", { notice }), 303);
}

async function tryTask(visit: Visit, visitor: Visitor, task: TaskName, form: Form): Promise<Outcome> {
  try {
    requireFormOf(form, holderOf(visitor), visit);
    return await TASKS[task](visit, visitor, form);
  } catch (error) {
    const failure: Failure | null = failureOf(error, visit, passwordsOf(form));
    if (failure === null) throw error;
    return { failure };
  }
}

function taskOf(form: Form): TaskName {
  const task = form.get("task") ?? "";
  if (Object.hasOwn(TASKS, task)) return task as TaskName;
  throw new OstiaryError("invalid_request", "There is no such form.", { reason: "invalid_field", field: "task" });
}

/** What opens the account, and who holds a session of theirs: devices, and apps, which may have been allowed to and hold none at the moment. */
async function heldBy({ deps }: Visit, { user }: Visitor): Promise<Pick<AccountPage, "sessions" | "apps" | "identities" | "factors">> {
  const live = await deps.sessions.store.listLive(user.id, deps.sessions.clock());
  const consents = await deps.oauth.store.consents.list(user.id);
  const isApp = ({ clientId }: { clientId: string }): boolean => clientId !== FIRST_PARTY_CLIENT_ID;
  const ids = new Set([...live.filter(isApp), ...consents].map(({ clientId }) => clientId));
  const clients = await deps.oauth.clients.findAll([...ids]);
  const apps = clients.map(({ id, name }) => {
    const consent = consents.find(({ clientId }) => clientId === id) ?? null;
    return { clientId: id, name, consent, sessions: live.filter(({ clientId }) => clientId === id) };
  });
  const identities = await deps.federation.store.listOf(user.id);
  const factors = await factorsOf(deps.factors, user.id);
  return { sessions: live.filter((session) => !isApp(session)), apps: apps.toSorted((a, b) => a.name.localeCompare(b.name)), identities, factors };
}

/** Where they wanted to go is the page they come to by themselves. */
function toSignIn(visit: Visit, ended: boolean): Response {
  return visit.c.redirect(visit.link("/sign-in", ended ? { notice: "session-ended" } : {}), 303);
}
