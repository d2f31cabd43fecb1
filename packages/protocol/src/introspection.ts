/**
 * Token introspection (RFC 7662) as Ostiary's guards use it. Whoever asks as the RFC has it is told no more of a token that
 * is not active than that (§2.2); a guard asks with one more parameter (§2.1), to tell its caller what to do.
 */
import type { TokenReason } from "./errors.ts";

/** `explain=true` in the form: of a token of ours that was revoked, the answer also has the `reason`. */
export const EXPLAIN_PARAMETER = "explain";

/** What was done to a token that is good otherwise. `token_stale`: refresh, and go on. The others: sign in again. */
export const REVOCATION_REASONS = ["token_revoked", "token_stale", "session_revoked"] as const satisfies TokenReason[];

export type RevocationReason = (typeof REVOCATION_REASONS)[number];
