import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { Random } from "../random.ts";
import { counted, recordFailure } from "./authenticate.ts";
import { checkedProfile } from "./create-user.ts";
import type { NewUser } from "./create-user.ts";
import { emailIdentity } from "./email.ts";
import { findLink, invalidLink } from "./mail-flow.ts";
import type { Asker, MailFlowDeps } from "./mail-flow.ts";
import { DEFAULT_ROLES } from "./roles.ts";

/**
 * Asks for an account that is made once a mail was answered. For every address the same is done here: whether somebody has
 * it is found out when the mail is sent, and then its owner is written to. Throws what `createUser` throws but `email_taken`.
 */
export async function requestSignUp(
  deps: MailFlowDeps,
  newUser: NewUser,
  { origin, language }: Asker,
  signal?: AbortSignal,
): Promise<void> {
  const { audit, passwords, limits, desk, clock } = deps;
  const { email, name } = checkedProfile(newUser);
  const passwordHash = await passwords.hash(newUser.password, "password", { context: [email, name], signal });
  if (!(await limits.mailAsked({ mailbox: emailIdentity(email), address: origin.ip }))) return;
  const mail = desk.draft({ kind: "confirm_sign_up", userId: null, to: email, language, detail: { name, passwordHash } });
  await audit.append(auditEvent("signup_requested", clock(), origin, {}, { email }, mail));
}

/**
 * Makes the account, its address verified; nobody is signed in. The mailbox alone does not do: anybody can have signed up with
 * that address, and mails of several differ in nothing but their links. So whoever follows one tells the password that was
 * chosen.
 * Throws `invalid_link`, also where somebody has the address by now; `invalid_credentials` for another password, and the link
 * is good still then; `too_many_attempts`.
 */
export async function confirmSignUp(
  deps: MailFlowDeps & { random: Random },
  { token, password }: { token: string; password: string },
  origin: Origin,
  signal?: AbortSignal,
): Promise<void> {
  const { links, store, audit, passwords, limits, clock, random } = deps;
  passwords.ensureRoom();
  const createdAt = clock();
  const link = await findLink(links, token, "confirm_sign_up", createdAt);
  if (link === null || link.payload === null) {
    await limits.wrongLink(origin.ip);
    // The same work as for a link that is good.
    await passwords.verify(password, null, signal);
    throw invalidLink();
  }
  const { name, passwordHash } = JSON.parse(link.payload) as { name: string | null; passwordHash: string };
  const attempt = await limits.signUpConfirmed({ link: link.hash, address: origin.ip }, signal);
  if (!(await counted(attempt, passwords.verify(password, passwordHash, signal), signal))) {
    await recordFailure(
      audit,
      attempt,
      auditEvent("signup_failed", clock(), origin, {}, { email: link.address, why: "wrong_password" }),
    );
    throw new OstiaryError("invalid_credentials", "This is not the password that was chosen at the sign-up of this link.", {
      field: "password",
    });
  }
  await attempt.succeeded();
  const id = random.uuid();
  const roles = [...DEFAULT_ROLES];
  const user = {
    id,
    email: link.address,
    emailVerified: true,
    name,
    roles,
    passwordHash,
    tokenVersion: 1,
    disabledAt: null,
    createdAt,
  };
  const made = await store.create(user, auditEvent("user_created", createdAt, origin, { userId: id }, { roles }), {
    hash: link.hash,
    at: createdAt,
  });
  if (made === null) throw invalidLink();
}
