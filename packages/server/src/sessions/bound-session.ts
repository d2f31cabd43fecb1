import { OstiaryError } from "../errors.ts";
import type { Session } from "./session.ts";

/** Whether who has proved to have this key, or none, may act for the session (RFC 9449 §5). */
export function isProven({ proofKey }: Pick<Session, "proofKey">, proven: string | null): boolean {
  return proofKey === null || proofKey === proven;
}

/** A key that a request proves to have, by a proof that may have been used before. */
export interface ProofOfKey {
  readonly thumbprint: string;
  /**
   * Uses the proof up, and gives the thumbprint. That is written down, so only for who has shown something else that not anybody
   * can make up. Throws `invalid_dpop_proof` if it has been done before, on any replica.
   */
  spend(): Promise<string>;
}

export function unproven(): OstiaryError {
  return new OstiaryError("invalid_dpop_proof", "The session is bound to a key: send a proof by that key in the header DPoP.");
}
