import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { auditEvent } from "../../audit/audit-event.ts";
import { unlinkIdentity } from "../../federation/unlink-identity.ts";
import { deviceOf } from "../../http/device.ts";
import { changePasswordRequest, updateMeRequest } from "../../http/fields.ts";
import type { Form } from "../../http/form.ts";
import { withdrawAccess } from "../../oauth/end-access.ts";
import { revokeAllSessions, revokeSession } from "../../sessions/revoke.ts";
import { changePassword, setFirstPassword } from "../../users/change-password.ts";
import { fieldFailure, newPasswordFailure } from "../failure.ts";
import type { Values } from "../failure.ts";
import type { Visit } from "../visit.ts";
import type { Visitor } from "../visitor.ts";
import { changeEmail, verifyAgain } from "./email-tasks.ts";
import { FACTOR_TASKS } from "./factor-tasks.ts";
import { isFresh, notFresh } from "./fresh.ts";
import type { Outcome, TaskName } from "./task.ts";

type Task = (visit: Visit, visitor: Visitor, form: Form) => Promise<Outcome>;

/** What the forms of the account page do, by what their field `task` says. */
export const TASKS = {
  profile: saveProfile,
  password: replacePassword,
  email: changeEmail,
  "verify-email": verifyAgain,
  "sign-out": signOut,
  end: endOne,
  "end-others": endOthers,
  "end-all": endAll,
  withdraw: withdrawFromApp,
  "set-password": choosePassword,
  unlink: removeWay,
  ...FACTOR_TASKS,
} as const satisfies Record<TaskName, Task>;

async function saveProfile(visit: Visit, { user, session }: Visitor, form: Form): Promise<Outcome> {
  const { c, deps } = visit;
  const parsed = updateMeRequest.safeParse({ name: form.get("name") ?? "" });
  if (!parsed.success) return { failure: fieldFailure(parsed.error, visit, {}) };
  const { name = null } = parsed.data;
  const who = { userId: user.id, sessionId: session.id };
  const audit = auditEvent("profile_updated", deps.users.clock(), deviceOf(c), who, { fields: ["name"] });
  await deps.users.store.rename(user.id, name, audit);
  return { notice: "profile-saved" };
}

async function replacePassword(visit: Visit, { user, session }: Visitor, form: Form): Promise<Outcome> {
  const { c, deps } = visit;
  const values: Values = passwordsOf(form);
  const parsed = changePasswordRequest.safeParse(values);
  if (!parsed.success) {
    return { failure: newPasswordFailure(fieldFailure(parsed.error, visit, values), "newPassword", visit, values) };
  }
  const change = { userId: user.id, sessionId: session.id, ...parsed.data };
  await changePassword({ ...deps.users, revocations: deps.sessions.revocations }, change, deviceOf(c), c.req.raw.signal);
  return { notice: "password-changed" };
}

async function choosePassword(visit: Visit, visitor: Visitor, form: Form): Promise<Outcome> {
  const { c, deps } = visit;
  if (!isFresh(visit, visitor)) return { failure: { status: 400, text: notFresh(visit, visitor), fields: {} } };
  const change = { userId: visitor.user.id, sessionId: visitor.session.id, newPassword: form.get("newPassword") ?? "" };
  await setFirstPassword({ ...deps.users, revocations: deps.sessions.revocations }, change, deviceOf(c), c.req.raw.signal);
  return { notice: "password-set" };
}

async function removeWay(visit: Visit, visitor: Visitor, form: Form): Promise<Outcome> {
  const { c, deps, texts } = visit;
  if (!isFresh(visit, visitor)) return { failure: { status: 400, text: notFresh(visit, visitor), fields: {} } };
  const { id: userId, email } = visitor.user;
  const [issuer, subject] = [form.get("issuer") ?? "", form.get("subject") ?? ""];
  const of = { userId, issuer, subject, configured: deps.federation.issuers, keepSessionId: visitor.session.id };
  const { store: identities, providers } = deps.federation;
  const { clock, revocations, desk } = deps.sessions;
  const outcome = await unlinkIdentity({ identities, providers, revocations, clock, desk }, of, email, deviceOf(c));
  return outcome === "last" ? { failure: { status: 409, text: texts.lastWayIn, fields: {} } } : { notice: "identity-unlinked" };
}

export function passwordsOf(form: Form): { currentPassword: string; newPassword: string } {
  return { currentPassword: form.get("currentPassword") ?? "", newPassword: form.get("newPassword") ?? "" };
}

async function signOut({ c, deps }: Visit, { session }: Visitor): Promise<Outcome> {
  await revokeSession(deps.sessions, session, "logout", deviceOf(c));
  return { notice: "signed-out", isOut: true };
}

async function endOne(visit: Visit, visitor: Visitor, form: Form): Promise<Outcome> {
  const { c, deps } = visit;
  const id = form.get("session") ?? "";
  if (id === visitor.session.id) return signOut(visit, visitor);
  // Nothing is kept under an id with that in it, and Postgres would fail to look.
  const session = id.includes("\0") ? null : await deps.sessions.store.find(id);
  // One that is gone, or never was theirs, is signed out as well: nobody learns which.
  if (session?.userId === visitor.user.id) await revokeSession(deps.sessions, session, "session_deleted", deviceOf(c));
  return { notice: "device-signed-out" };
}

async function endOthers({ c, deps }: Visit, { user, session }: Visitor): Promise<Outcome> {
  const live = await deps.sessions.store.listLive(user.id, deps.sessions.clock());
  for (const other of live) {
    // Apps are no devices: they have a place and buttons of their own.
    if (other.id !== session.id && other.clientId === FIRST_PARTY_CLIENT_ID) await revokeSession(deps.sessions, other, "session_deleted", deviceOf(c));
  }
  return { notice: "others-signed-out" };
}

async function endAll({ c, deps }: Visit, { user, session }: Visitor): Promise<Outcome> {
  await revokeAllSessions(deps.sessions, user.id, session.id, deviceOf(c));
  return { notice: "signed-out-everywhere", isOut: true };
}

async function withdrawFromApp({ c, deps }: Visit, { user }: Visitor, form: Form): Promise<Outcome> {
  const clientId = form.get("client") ?? "";
  // As above.
  if (!clientId.includes("\0")) await withdrawAccess(deps.oauth.access, { userId: user.id, clientId }, deviceOf(c));
  return { notice: "access-withdrawn" };
}
