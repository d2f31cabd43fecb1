import { pbkdf2Sync, scryptSync, timingSafeEqual } from "node:crypto";
import { hashSync, verifySync } from "@node-rs/argon2";
import bcrypt from "bcrypt";
import { readForeignHash } from "./foreign-hash.ts";
import { ARGON2_OPTIONS } from "./our-hash.ts";

/** `pepper` is Argon2's own secret value (RFC 9106 §3.1, K). */
export function hashPassword(password: string, pepper: string | null): string {
  return hashSync(password, { ...ARGON2_OPTIONS, ...secretOf(pepper) });
}

/** Throws if the hash is of no form that is known. */
export function matchesHash(password: string, pepper: string | null, stored: string): boolean {
  if (stored.startsWith("$argon2")) return verifySync(stored, password, secretOf(pepper));
  const foreign = readForeignHash(stored);
  switch (foreign?.kind) {
    case "bcrypt":
      return bcrypt.compareSync(password, foreign.hash);
    case "scrypt": {
      const { N, r, p, salt, key } = foreign;
      // What OpenSSL needs is a little more than 128 N r.
      return timingSafeEqual(scryptSync(password, salt, key.length, { N, r, p, maxmem: 128 * r * (N + p + 2) + 1_000_000 }), key);
    }
    case "pbkdf2": {
      const { digest, iterations, salt, key } = foreign;
      return timingSafeEqual(pbkdf2Sync(password, salt, iterations, key.length, digest), key);
    }
    default:
      throw new Error("A stored password hash is of no known form.");
  }
}

function secretOf(pepper: string | null) {
  return pepper === null ? {} : { secret: Buffer.from(pepper) };
}
