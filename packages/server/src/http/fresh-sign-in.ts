import { hasSecondFactors } from "../second-factors/second-factors.ts";
import type { Factors } from "../second-factors/second-factors.ts";
import { acrOf, MFA_ACR } from "../sessions/authentication.ts";
import type { Session } from "../sessions/session.ts";
import { hasPassword } from "../users/no-password.ts";
import type { User } from "../users/user.ts";

/** How long after signing in somebody can change what lets them in. */
export const FRESH_MS = 10 * 60_000;

interface SignedIn {
  readonly session: Pick<Session, "authTime" | "createdAt" | "methods">;
  readonly user: Pick<User, "passwordHash">;
}

/**
 * Whether they proved only just now who they are: others may find the browser, or the app, open later. Of a sign-in by a
 * provider that does not say when it asked, only their coming counts, and only where no password could be asked for.
 */
export function isFreshSignIn({ session, user }: SignedIn, now: number): boolean {
  const { authTime, createdAt, methods } = session;
  const isUntold = authTime === 0 && methods.includes("fed") && !hasPassword(user);
  return now - (isUntold ? createdAt : authTime) < FRESH_MS;
}

/** Whoever has factors has proved one of them just now; who has none, what they have. */
export function mayChangeFactors(who: SignedIn, factors: Factors, now: number): boolean {
  return isFreshSignIn(who, now) && (!hasSecondFactors(factors) || acrOf(who.session.methods) === MFA_ACR);
}
