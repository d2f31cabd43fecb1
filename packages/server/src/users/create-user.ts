import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { MailDraft } from "../mail/mail-draft.ts";
import type { Random } from "../random.ts";
import type { UserDeps } from "./authenticate.ts";
import { isEmailAddress, normalizeEmail } from "./email.ts";
import { isShownText } from "./shown-text.ts";
import { checkedRoles, DEFAULT_ROLES } from "./roles.ts";
import type { User } from "./user.ts";

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly name?: string | null | undefined;
  /** Default: `["user"]`. */
  readonly roles?: readonly string[] | undefined;
}

/**
 * Throws `email_taken`, or `invalid_request` for what is no e-mail address, name or role, or a password outside the limits.
 * `mailTo`: what they are written.
 */
export async function createUser(
  { store, passwords, clock, random }: UserDeps & { random: Random },
  newUser: NewUser,
  origin: Origin,
  signal?: AbortSignal,
  mailTo?: (user: User) => MailDraft | undefined,
): Promise<User> {
  const { email, name } = checkedProfile(newUser);
  const roles = checkedRoles(newUser.roles ?? DEFAULT_ROLES);
  // Hashed first: a taken e-mail is not told by a quicker answer.
  const passwordHash = await passwords.hash(newUser.password, "password", { context: [email, name], signal });
  const user: User = {
    id: random.uuid(),
    email,
    emailVerified: false,
    name,
    roles,
    passwordHash,
    tokenVersion: 1,
    disabledAt: null,
    createdAt: clock(),
  };
  const audit = auditEvent("user_created", user.createdAt, origin, { userId: user.id }, { roles: user.roles }, mailTo?.(user));
  const created = await store.create(user, audit);
  if (created === null) throw new OstiaryError("email_taken", "There is an account with this e-mail already.");
  return created;
}

/** As they are stored. Throws `invalid_request` for what is no e-mail address or name. */
export function checkedProfile(newUser: Pick<NewUser, "email" | "name">): { email: string; name: string | null } {
  const email = normalizeEmail(newUser.email);
  if (!isEmailAddress(email)) {
    const details = { reason: "invalid_field", field: "email" } as const;
    throw new OstiaryError("invalid_request", "email must be an e-mail address.", details);
  }
  const name = newUser.name ?? null;
  if (name !== null && !isShownText(name)) {
    const details = { reason: "invalid_field", field: "name" } as const;
    throw new OstiaryError("invalid_request", "name must not contain control or broken characters.", details);
  }
  return { email, name };
}
