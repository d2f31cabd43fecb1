/**
 * Keys: what tokens are signed with, kept encrypted, each with one algorithm, one purpose and a state.
 * Owns the ring, its rotation and its encryption at rest. Signing itself is `@ostiary/jwt`'s.
 */
import type { RevocationEntry } from "@ostiary/protocol";
import type { AuditEvent } from "../audit/audit-event.ts";
import type { RevocationDraft } from "../revocation/revocation-store.ts";

/** `access` signs access tokens, `refresh` refresh tokens, `browser` what cookies carry besides. Never shared. */
export type KeyPurpose = "access" | "refresh" | "browser";

/** `upcoming`: published, signs nothing yet. `active`: signs. `retiring`: verifies. `gone`: nothing any more. */
export type KeyState = "upcoming" | "active" | "retiring" | "gone";

/** `configured`: a secret from the settings. */
export type KeyOrigin = "generated" | "imported" | "configured";

/** Times in milliseconds since the epoch. */
export interface StoredKey {
  readonly id: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: string;
  readonly origin: KeyOrigin;
  readonly state: KeyState;
  /** The private part, sealed; empty once the key is gone. */
  readonly sealed: Uint8Array;
  /** The longest life of a token it signs or signed, in seconds. */
  readonly tokenSeconds: number;
  /** When it entered the ring: from then on it is published. */
  readonly createdAt: number;
  /** When an upcoming key is to sign from, where somebody has said so; else it waits until it is needed. */
  readonly activatesAt: number | null;
  readonly activatedAt: number | null;
  readonly retiredAt: number | null;
  /** When it is, or was, dropped. */
  readonly goneAt: number | null;
  /** Whether it was dropped because somebody else may have it. */
  readonly compromised: boolean;
}

/** The whole ring as of one moment, gone keys included: no id is ever given twice. Oldest first. */
export interface KeyRing {
  /** Raised by each change. */
  readonly revision: number;
  /** Which secret the keys are sealed under; null in a ring that nobody has written to since it tells. */
  readonly secretId: string | null;
  /** What secrets elsewhere in the database are sealed under, sealed as the keys are; null until one is needed. */
  readonly dataKey?: Uint8Array | null;
  readonly keys: readonly StoredKey[];
}

export interface RingChange {
  /** Of the ring the change was made from. */
  readonly revision: number;
  readonly secretId: string;
  /** Where it is new, or sealed anew. */
  readonly dataKey?: Uint8Array;
  /** Keys that are new or changed. */
  readonly keys: readonly StoredKey[];
  readonly revocations: readonly RevocationDraft[];
  readonly audit: readonly AuditEvent[];
}

export interface KeyStore {
  read(): Promise<KeyRing>;
  /** The ring's revision alone: cheap enough to ask each second. */
  revision(): Promise<number>;
  /**
   * Writes the change, its revocations and audit in one transaction, unless the ring has changed since: then null, and
   * nothing is written. Else what the revocation log has gained.
   */
  write(change: RingChange): Promise<readonly RevocationEntry[] | null>;
}
