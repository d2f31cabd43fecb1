import type { AuditEventType } from "../audit/audit-event.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import { OstiaryError } from "../errors.ts";
import { factorsOf, hasSecondFactors } from "../second-factors/second-factors.ts";
import type { SecondFactorDeps } from "../second-factors/second-factors.ts";
import type { UserStore } from "../users/user-store.ts";
import { createSession } from "./create.ts";
import type { NewSessionOptions } from "./create.ts";
import type { IssuedTokens, SessionDeps } from "./session-deps.ts";

export interface AdoptDeps extends SessionDeps {
  readonly users: Pick<UserStore, "find">;
  readonly audit: Pick<AuditStore, "list">;
  readonly factors: Pick<SecondFactorDeps, "store">;
}

/** What ended all of a user's sessions ended those of the earlier system with them, though nobody there was told. */
const ENDED_ALL: readonly AuditEventType[] = [
  "logout_all",
  "password_changed",
  "password_reset",
  "email_change_undone",
  "second_factor_removed",
  "second_factors_reset",
  "user_disabled",
];

const PAGE = 100;

/**
 * Begins a session for a user whom the application knows by a credential of the system before this one.
 * Throws `invalid_token` if there is no such user, or they are disabled, or have ended all their sessions here once,
 * or have second factors: the earlier system has not seen them; `unavailable` if the claims hook fails.
 */
export async function adoptSession(
  deps: AdoptDeps,
  userId: string,
  options: NewSessionOptions,
): Promise<IssuedTokens> {
  const user = await deps.users.find(userId);
  if (user === null || user.disabledAt !== null) throw refused("There is no such user any more.");
  const [ended] = await deps.audit.list({ userId, types: ENDED_ALL, limit: 1 });
  if (ended !== undefined || (await hasSeenTheft(deps, userId))) {
    throw refused("The user has ended all earlier sessions. Sign in again.");
  }
  if (hasSecondFactors(await factorsOf(deps.factors, userId))) throw refused("Sign in again.");
  try {
    return await createSession(deps, user, { ...options, audit: "session_adopted" });
  } catch (error) {
    // Disabled, or another password, between the look and the transaction.
    if (error instanceof OstiaryError && error.code === "invalid_credentials") {
      throw refused("The session has ended. Sign in again.");
    }
    throw error;
  }
}

/** A theft in the user's own sessions. What another application did with its tokens tells nothing of an earlier system. */
async function hasSeenTheft({ audit }: AdoptDeps, userId: string): Promise<boolean> {
  let before: number | undefined;
  for (;;) {
    const page = { userId, types: ["refresh_token_reused"], limit: PAGE, ...(before === undefined ? {} : { before }) } as const;
    const thefts = await audit.list(page);
    if (thefts.some(({ detail }) => detail["clientId"] === undefined)) return true;
    if (thefts.length < PAGE) return false;
    before = thefts.at(-1)?.id;
  }
}

function refused(message: string): OstiaryError {
  return new OstiaryError("invalid_token", message, { reason: "session_revoked" });
}
