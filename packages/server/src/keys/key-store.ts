/**
 * Keys: what tokens are signed with, kept encrypted, each with one algorithm, one purpose and a state.
 * Owns the ring and its encryption at rest. Signing itself is `@ostiary/jwt`'s.
 */

/** `access` signs access tokens, `refresh` refresh tokens, `browser` what cookies carry besides. Never shared. */
export type KeyPurpose = "access" | "refresh" | "browser";

export type KeyState = "active" | "retiring";

/** Times in milliseconds since the epoch. */
export interface StoredKey {
  readonly id: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: string;
  readonly state: KeyState;
  /** The private part, sealed. */
  readonly sealed: Uint8Array;
  readonly createdAt: number;
}

export interface KeyStore {
  /** Every key of every purpose. */
  list(): Promise<StoredKey[]>;
  /**
   * Makes `candidate` the active key of its purpose, unless one with the same algorithm is active already.
   * An active key with another algorithm retires. Returns the key that is active now.
   */
  ensureActive(candidate: StoredKey): Promise<StoredKey>;
}
