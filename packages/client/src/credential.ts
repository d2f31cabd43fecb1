/** What proves the session to the auth server when it is refreshed or ended, in one of two forms. */
import type { TokenResponse } from "@ostiary/protocol";
import type { ApiRequest } from "./issuer-api.ts";

export interface Proof extends Pick<ApiRequest, "headers"> {
  readonly body?: { readonly refreshToken: string };
}

export interface Credential {
  /**
   * What `/refresh` and `/logout` are sent, or null if it is certain without asking that there is no session.
   * `anew`: the server did not like the last proof. Rejects with an `AuthError`.
   */
  proof(anew?: boolean): Promise<Proof | null>;
  /** The Idempotency-Key of the refresh that has not been answered yet, kept beyond a reload; else a new one. */
  key(): Promise<string>;
  /**
   * Keeps what an answer brought, or nothing more where it is null: the session is over. The key has done its work. Returns
   * false, and changes nothing, if something else than `spent` is kept by now: another tab was quicker.
   */
  keep(answer: Pick<TokenResponse, "refreshToken"> | null, spent?: Proof | null): Promise<boolean>;
  /** The user has signed out, and the server could not be told yet: the session must not come back. */
  abandon(): Promise<void>;
  isAbandoned(): Promise<boolean>;
  /** Whether another session than that of `csrfToken` (null: than none) can be seen without asking. */
  hasChanged(csrfToken: string | null): boolean;
}

/** Storages are others' to write to as well. */
export function isKey(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{32}$/.test(text);
}
