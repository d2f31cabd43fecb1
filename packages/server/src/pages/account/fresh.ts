import { isFreshSignIn } from "../../http/fresh-sign-in.ts";
import { hasPassword } from "../../users/no-password.ts";
import type { Visit } from "../visit.ts";
import type { Visitor } from "../visitor.ts";

/** Whether they may change the ways to sign in. */
export function isFresh({ deps }: Visit, visitor: Visitor): boolean {
  return isFreshSignIn(visitor, deps.sessions.clock());
}

/** What says so to whoever is not. */
export function notFresh({ texts }: Visit, { user }: Visitor): string {
  return hasPassword(user) ? texts.signInByPasswordFirst : texts.signInAgainFirst;
}

/** Where they prove it anew, and come back from. */
export function signInAgain(visit: Visit): string {
  return visit.link("/sign-in", { prompt: "login", return_to: `${visit.deps.settings.issuer}/account` });
}
