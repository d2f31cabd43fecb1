import type { TokenResponse } from "@ostiary/protocol";
import type { Tokens } from "./session.ts";

/** What a sign-in or a refresh brings, of whoever signs in. */
export type TokenAnswer<Person> = Omit<TokenResponse, "user" | "tokenType"> & { readonly user: Person };

const LONGEST_LEAD_MS = 60_000;

/**
 * `at`: when the request was sent, so that a token never lives longer here than there. It is refreshed one to two
 * minutes ahead of its end (or fifths of its life, if that is shorter): by chance, so that tabs and users spread.
 */
export function toTokens<Person>(answer: TokenAnswer<Person>, at: number, chance: number): Tokens<Person> {
  const lifetime = answer.expiresIn * 1000;
  const expiresAt = at + lifetime;
  const lead = Math.min(LONGEST_LEAD_MS, lifetime / 5) * (1 + chance);
  const { accessToken, csrfToken, user } = answer;
  return { accessToken, expiresAt, refreshAt: expiresAt - lead, urgentAt: expiresAt - lead / 4, csrfToken, user };
}
