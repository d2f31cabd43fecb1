import type { Visit } from "../visit.ts";

/** Offers to set up a second factor. */
export const TWO_STEPS = "/account/two-steps";

/** The address of a page or a form on the way to a second factor: that something waits for it goes along. */
export function setUpLink(visit: Visit, path: string, more: Readonly<Record<string, string>> = {}): string {
  return visit.link(path, { ...(isNeeded(visit) ? { need: "mfa" } : {}), ...more });
}

/** The page that it was begun on. */
export function setUpCancelled(visit: Visit): string {
  return isNeeded(visit) ? setUpLink(visit, TWO_STEPS) : visit.link("/account");
}

/** Where whoever has set a factor up goes on to: back to what asked for it, once they have signed in with it. */
export function afterSetUp(visit: Visit): string {
  return isNeeded(visit) && visit.returnTo !== null ? signInWithBoth(visit) : visit.link("/account");
}

export function signInWithBoth(visit: Visit): string {
  return visit.link("/sign-in", { prompt: "login", need: "mfa" });
}

function isNeeded({ need }: Visit): boolean {
  return need === "mfa";
}
