import type { AnyIdentity } from "./identity.ts";
import { recentSignIn, type RecentOptions } from "./requirements.ts";

/**
 * Lets identities of users pass who signed in so recently, by such methods (RFC 9470): what the adapters' `requireRecent` does,
 * where there is none. Throws a `GuardError`, 401 `insufficient_user_authentication`; a TypeError for wrong options.
 */
export function checkRecent(identity: AnyIdentity, options: RecentOptions): void {
  const refusal = recentSignIn(options)(identity);
  if (refusal !== undefined) throw refusal;
}
