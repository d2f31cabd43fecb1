import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { Clock } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import { emailIdentity } from "./email.ts";
import type { Passwords } from "./password.ts";
import type { UserStore } from "./user-store.ts";
import type { User } from "./user.ts";

/** What the operations on users work with. */
export interface UserDeps {
  readonly store: UserStore;
  readonly audit: AuditStore;
  readonly passwords: Passwords;
  readonly clock: Clock;
}

/**
 * The user whose e-mail and password these are.
 * Throws `invalid_credentials`, in the same words and after the same work, for an unknown e-mail, a wrong password
 * and a disabled user.
 */
export async function authenticateUser(
  { store, audit, passwords, clock }: UserDeps,
  credentials: { email: string; password: string },
  origin: Origin,
): Promise<User> {
  const user = await store.findByEmail(emailIdentity(credentials.email));
  const matches = await passwords.verify(credentials.password, user?.passwordHash ?? null);
  if (user !== null && matches && user.disabledAt === null) return user;

  const why = user === null ? "unknown_email" : matches ? "user_disabled" : "wrong_password";
  await audit.append(
    auditEvent("login_failed", clock(), origin, { userId: user?.id ?? null }, { email: credentials.email, why }),
  );
  throw new OstiaryError("invalid_credentials", "Wrong e-mail or password.");
}
