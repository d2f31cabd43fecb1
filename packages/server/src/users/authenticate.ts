import { auditEvent } from "../audit/audit-event.ts";
import type { AuditEvent, Origin } from "../audit/audit-event.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { Clock } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import type { Attempt, Closing } from "../limits/attempt.ts";
import { closingEvent } from "../limits/closing-event.ts";
import type { Limits } from "../limits/limits.ts";
import type { MailDesk } from "../mail/mail-desk.ts";
import { emailIdentity } from "./email.ts";
import { upgradePassword } from "./upgrade-password.ts";
import type { Passwords } from "./password.ts";
import type { UserStore } from "./user-store.ts";
import type { User } from "./user.ts";

/** What the operations on users work with. */
export interface UserDeps {
  readonly store: UserStore;
  readonly audit: AuditStore;
  readonly passwords: Passwords;
  readonly clock: Clock;
  /** Where what people are written is drafted; none where no mail is configured. */
  readonly desk?: MailDesk | undefined;
}

/** What signing in takes besides. */
export interface LoginDeps extends UserDeps {
  readonly limits: Limits;
  /** Whether this browser has been signed in to the account, not long ago. */
  readonly knowsDevice: (userId: string, deviceHash: string) => Promise<boolean>;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Hash of what names the browser, if it has a name. */
  readonly deviceHash?: string | null;
}

/**
 * The user whose e-mail and password these are.
 * Throws `invalid_credentials`, in the same words and after the same work, for an unknown e-mail, a wrong password
 * and a disabled user; `too_many_attempts` before any work.
 */
export async function authenticateUser(
  deps: LoginDeps,
  credentials: Credentials,
  origin: Origin,
  signal?: AbortSignal,
): Promise<User> {
  deps.passwords.ensureRoom();
  const identity = emailIdentity(credentials.email);
  const user = await deps.store.findByEmail(identity);
  const { deviceHash = null } = credentials;
  const isKnown = deviceHash !== null && (await deps.knowsDevice(user?.id ?? "nobody", deviceHash));
  const who = { emailIdentity: identity, address: origin.ip, knownDevice: isKnown ? deviceHash : null };
  const attempt = await deps.limits.login(who, signal);
  const verdict = deps.passwords.verify(credentials.password, user?.passwordHash ?? null, signal);
  const matches = await counted(attempt, verdict, signal);
  if (user !== null && matches && user.disabledAt === null) {
    await attempt.succeeded();
    return deps.passwords.isOutdated(user.passwordHash)
      ? upgradePassword(deps, user, credentials.password, origin, signal)
      : user;
  }
  const why = user === null ? "unknown_email" : matches ? "user_disabled" : "wrong_password";
  const failure = auditEvent(
    "login_failed",
    deps.clock(),
    origin,
    { userId: user?.id ?? null },
    { email: credentials.email, why },
  );
  await recordFailure(deps.audit, attempt, failure);
  throw new OstiaryError("invalid_credentials", "Wrong e-mail or password.");
}

/** What ends without a verdict was no try; but whoever left meanwhile, when `signal` was aborted, has made work. */
export async function counted<Result>(attempt: Attempt, verdict: Promise<Result>, signal?: AbortSignal): Promise<Result> {
  try {
    return await verdict;
  } catch (error) {
    await (signal?.aborted ? attempt.abandoned() : attempt.withdrawn());
    throw error;
  }
}

/** Charged before it is told, and told even so if nobody can count: neither must hang on the other. */
export async function recordFailure(audit: AuditStore, attempt: Attempt, failure: AuditEvent): Promise<void> {
  let closings: Closing[] = [];
  try {
    closings = await attempt.failed();
  } finally {
    await audit.append(failure);
  }
  for (const closing of closings) await audit.append(closingEvent(failure, closing));
}
