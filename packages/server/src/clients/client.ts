/**
 * Clients: programs that prove who they are with an id and a secret, and what each of them may do.
 * Owns ids, hashes of secrets and permissions. How the credentials arrive in a request is HTTP's affair; users sign in
 * elsewhere.
 */
import { hash, timingSafeEqual } from "node:crypto";
import type { Registration } from "./registration.ts";
import type { SelfRegistered } from "./self-registered/self-registered.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";

const SECRET_BYTES = 32;

export interface Client {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Whether it may follow the revocation feed, and ask about tokens. */
  readonly guard: boolean;
  /** Null if it proves who it is in another way, or in none. */
  readonly secretHash: Uint8Array | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Raised when what its own tokens say has changed: older ones are stale then. */
  readonly tokenVersion: number;
  /** What it may do by OAuth; null if nothing. */
  readonly registration: Registration | null;
  /** How it came by itself; nothing if the operator has made it. */
  readonly selfRegistered?: SelfRegistered;
}

/** What a program proves with that it is a certain client. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** 256 random bits in base64url: no character that a form or an `Authorization` header would have to escape. */
export function newClientSecret(random: Random): string {
  return randomText(random, SECRET_BYTES);
}

/** Compared with where there is no client or none with a secret, so that the work is the same. Nothing is known to hash to it. */
const NO_HASH = new Uint8Array(32);

/** In constant time, and in the same time for no client at all. */
export function isSecretOf(client: Client | null, secret: string): client is Client {
  const matches = timingSafeEqual(hashOfSecret(secret), client?.secretHash ?? NO_HASH);
  return client !== null && client.secretHash !== null && matches;
}

/** One round of SHA-256 is enough for what nobody can guess: it makes the secret no longer readable in the database. */
export function hashOfSecret(secret: string): Uint8Array {
  return new Uint8Array(hash("sha256", secret, "buffer"));
}
