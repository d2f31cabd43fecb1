import { endEarlierSession } from "../sessions/replace.ts";
import { isLive } from "../sessions/session.ts";
import type { Session } from "../sessions/session.ts";
import type { User } from "../users/user.ts";
import type { Visit } from "./visit.ts";

/** Somebody who is signed in, as far as the pages are concerned. */
export interface Visitor {
  readonly session: Session;
  readonly user: User;
}

/** A session's id and a MAC. */
const FORM = /^([0-9a-f-]{36})\.[\w-]{43}$/;

/**
 * Who is there by the sign-in cookie, and by nothing else: a refresh token opens no page. `ended` tells whether it was the
 * cookie of a session that has ended.
 */
export async function findVisitor({ c, deps }: Visit): Promise<{ visitor: Visitor | null; ended: boolean }> {
  const cookie = deps.cookies.readSignin(c);
  const id = FORM.exec(cookie ?? "")?.[1];
  if (cookie === null || id === undefined) return { visitor: null, ended: false };
  const session = await deps.sessions.store.find(id);
  if (session === null) return { visitor: null, ended: true };
  if (!deps.browserTokens.isSignin(cookie, session)) return { visitor: null, ended: false };
  // Where the key was taken out, the session's refresh token is good for nothing any more: neither is this.
  const isOut = deps.keyring.refreshKeys.get(session.refreshKeyId) === undefined;
  if (isOut || !isLive(session, deps.sessions.clock())) return { visitor: null, ended: true };
  const user = await deps.users.store.find(session.userId);
  // Where users are in a table of the application's, another password there ends the session only when somebody looks.
  const current = deps.sessions.keepUp === undefined ? session : await deps.sessions.store.find(id);
  const isOver = current === null || !isLive(current, deps.sessions.clock());
  if (user === null || user.disabledAt !== null || isOver) return { visitor: null, ended: true };
  return { visitor: { session: current, user }, ended: false };
}

/** What the forms of somebody who is signed in are bound to. */
export function holderOf({ session }: Visitor): string {
  return `session:${session.id}`;
}

/** Whether this person stays signed in here: a new session takes the place of theirs, and is to last as long. */
export async function staysSignedIn(visit: Visit, email: string): Promise<boolean> {
  const { visitor } = await findVisitor(visit);
  return visitor !== null && visitor.session.remember && visitor.user.email === email;
}

/** A browser is in one session: signing in anew ends the one that its sign-in cookie still names. */
export async function endEarlierVisit(visit: Visit, current: Session): Promise<void> {
  const { visitor } = await findVisitor(visit);
  if (visitor !== null) await endEarlierSession(visit.deps.sessions, visitor.session, current);
}
