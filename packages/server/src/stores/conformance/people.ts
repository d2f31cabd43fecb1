import type { MailLink } from "../../mail/mail-link.ts";
import type { UserStore } from "../../users/user-store.ts";
import type { User } from "../../users/user.ts";
import { event, HASH, newLink, newSession, newUser, NOW, versionChange } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

/** Keeps a user, and tells the id. */
export async function someone({ store }: Subject, more: Partial<User> = {}): Promise<string> {
  const user = newUser(more);
  await store.users.create(user, event("signup", { userId: user.id }));
  return user.id;
}

/** Keeps a session, and tells the id. */
export async function signedIn({ store }: Subject, userId: string): Promise<string> {
  const session = newSession(userId);
  await store.sessions.create(session, HASH, event("login", { userId }));
  return session.id;
}

export async function newUserWithLink({ store }: Subject, more: Partial<MailLink> = {}): Promise<{ user: User; link: MailLink }> {
  const user = newUser();
  await store.users.create(user, event("user_created"));
  const link = newLink(user.id, more);
  await store.mail.keepLink(link, NOW);
  return { user, link };
}

/** By a link, which shows whose the address is. */
export function resetPassword(
  { store }: Subject,
  userId: string,
  { hash }: MailLink,
  verifiedHash: string,
  newHash: string,
): ReturnType<UserStore["changePassword"]> {
  const link = { hash, verifiesEmail: true };
  const change = { userId, verifiedHash, newHash, keepSessionId: null, link, at: NOW };
  return store.users.changePassword({ ...versionChange("revoked", userId), ...change });
}
