import { OstiaryError } from "../errors.ts";
import { isGenuine } from "./refresh-token.ts";
import type { ReadRefreshToken } from "./refresh-token.ts";
import type { SessionDeps } from "./session-deps.ts";
import type { Session } from "./session.ts";

/**
 * The session a refresh token belongs to, whatever the token's generation; null if its row is gone.
 * Throws `invalid_token` if the session never gave out this token.
 */
export async function sessionOfToken(
  { store }: Pick<SessionDeps, "store">,
  token: ReadRefreshToken,
): Promise<Session | null> {
  const session = await store.find(token.sessionId);
  if (session !== null && !isGenuine(session, token)) {
    throw new OstiaryError("invalid_token", "The refresh token is not one this session gave out.", {
      reason: "signature_invalid",
    });
  }
  return session;
}

/** The same for text that may be no refresh token of ours at all, or not one its session gave out: then null. */
export async function findByRefreshToken(
  deps: Pick<SessionDeps, "store" | "refreshTokens">,
  token: string,
): Promise<{ session: Session; presented: ReadRefreshToken } | null> {
  try {
    const presented = deps.refreshTokens.read(token);
    const session = await sessionOfToken(deps, presented);
    return session && { session, presented };
  } catch (error) {
    if (error instanceof OstiaryError && error.code === "invalid_token") return null;
    throw error;
  }
}
