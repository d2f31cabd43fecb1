import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { Clock } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import type { Passwords } from "./password.ts";
import type { UserStore } from "./user-store.ts";
import type { User } from "./user.ts";

/**
 * Replaces a hash that comes from elsewhere, or has a pepper of before, now that its password is known. Nothing else
 * changes: sessions and tokens live on. Throws `invalid_credentials` if somebody has set another password meanwhile.
 */
export async function upgradePassword(
  { store, passwords, clock }: { store: UserStore; passwords: Passwords; clock: Clock },
  user: User,
  password: string,
  origin: Origin,
  signal?: AbortSignal,
): Promise<User> {
  const newHash = await passwords.rehash(password, signal);
  const audit = auditEvent("password_hash_upgraded", clock(), origin, { userId: user.id });
  if (await store.upgradeHash(user.id, user.passwordHash, newHash, audit)) return { ...user, passwordHash: newHash };
  // Signed in to twice at once, the other one was first: then it is the same password still.
  const current = await store.find(user.id);
  if (current !== null && (await passwords.verify(password, current.passwordHash, signal))) return current;
  throw new OstiaryError("invalid_credentials", "Wrong e-mail or password.");
}
