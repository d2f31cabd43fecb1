/**
 * Users: who may sign in, with what password, in which roles.
 * Owns identities, password hashes and token versions. Knows nothing of sessions beyond ending them, nor of HTTP.
 */

/** Times in milliseconds since the epoch. */
export interface User {
  readonly id: string;
  /** As typed: where mail goes. */
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly passwordHash: string;
  /** Access tokens with a lower `ver` are stale. Starts at 1. */
  readonly tokenVersion: number;
  readonly disabledAt: number | null;
  readonly createdAt: number;
}
