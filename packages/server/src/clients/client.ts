/**
 * Clients: programs that prove who they are with an id and a secret, and what each of them may do.
 * Owns ids, hashes of secrets and permissions. How the credentials arrive in a request is HTTP's affair; users sign in
 * elsewhere.
 */
import { hash } from "node:crypto";
import type { Random } from "../random.ts";

const SECRET_BYTES = 32;

export interface Client {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Whether it may follow the revocation feed, and ask about tokens. */
  readonly guard: boolean;
  readonly secretHash: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** What a program proves with that it is a certain client. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** 256 random bits in base64url: no character that a form or an `Authorization` header would have to escape. */
export function newClientSecret(random: Random): string {
  return Buffer.from(random.bytes(SECRET_BYTES)).toString("base64url");
}

/** One round of SHA-256 is enough for what nobody can guess: it makes the secret no longer readable in the database. */
export function hashOfSecret(secret: string): Uint8Array {
  return new Uint8Array(hash("sha256", secret, "buffer"));
}
