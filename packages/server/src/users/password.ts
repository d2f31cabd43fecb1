import { hash as digest } from "node:crypto";
import { OstiaryError } from "../errors.ts";
import { readForeignHash } from "./hashing/foreign-hash.ts";
import { processHashGate } from "./hashing/hash-gate.ts";
import type { HashGate } from "./hashing/hash-gate.ts";
import { DUMMY_HASH, isOurForm } from "./hashing/our-hash.ts";

/** In code points. The upper bound only keeps a request's work within reason. */
export const PASSWORD_MAX_LENGTH = 256;

/**
 * In UTF-16 units, before normalisation. 256 code points never come from more; normalising takes time that grows with the
 * square of the length, so nothing longer may reach it.
 */
export const PASSWORD_MAX_RAW_LENGTH = 8 * PASSWORD_MAX_LENGTH;

/** Before a hash that was made with a pepper: which one. */
const PEPPERED = /^\$pepper=([\w-]{8})(\$argon2.+)$/;

export interface HashOptions {
  /** What an attacker would try first: the account's e-mail and name. */
  readonly context?: readonly (string | null | undefined)[];
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
}

export interface Passwords {
  /** Throws `invalid_request` naming `field` if the password is too short, too long, or one that everybody tries. */
  hash(password: string, field: string, options?: HashOptions): Promise<string>;
  /** Takes the same time whether there is a hash to compare with or not. */
  verify(password: string, passwordHash: string | null, signal?: AbortSignal): Promise<boolean>;
  /** Throws `unavailable` if so many wait that `verify` would: before the database is asked. */
  ensureRoom(): void;
  /** Of a password that matched: whether its hash comes from elsewhere, or has another pepper than those of today. */
  isOutdated(passwordHash: string): boolean;
  /** What replaces such a hash: the same password, whatever today's rules say of it. */
  rehash(password: string, signal?: AbortSignal): Promise<string>;
}

export interface PasswordOptions {
  /** In code points. */
  readonly minLength: number;
  /** The first is for new hashes; the others are for hashes of before. Default: none. */
  readonly peppers?: readonly string[] | undefined;
  /** Whether everybody tries it. Default: nothing is looked up. */
  readonly isCommon?: (password: string, context: readonly string[]) => Promise<boolean>;
  readonly gate?: HashGate;
  readonly onError?: (error: unknown) => void;
}

export function createPasswords(options: PasswordOptions): Passwords {
  const { minLength, peppers = [], isCommon = async () => false, gate = processHashGate(), onError = () => {} } = options;
  const byId = new Map(peppers.map((pepper) => [pepperId(pepper), pepper]));
  const [pepper = null] = peppers;
  const prefix = pepper === null ? "" : `$pepper=${pepperId(pepper)}`;

  async function hash(password: string, signal?: AbortSignal): Promise<string> {
    return prefix + String(await gate.run({ kind: "hash", password, pepper }, signal));
  }

  /** Null, after a word to the operator, if its pepper is not among ours. */
  function open(stored: string): { hash: string; pepper: string | null } | null {
    const [, id, peppered] = PEPPERED.exec(stored) ?? [];
    if (id === undefined || peppered === undefined) return { hash: stored, pepper: null };
    const known = byId.get(id);
    if (known !== undefined) return { hash: peppered, pepper: known };
    onError(
      new Error(`A password hash needs the pepper ${id}, which is not in OSTIARY_PASSWORD_PEPPER: put it back at its end.`),
    );
    return null;
  }

  return {
    async hash(password, field, { context = [], signal } = {}) {
      const normalized = password.length > PASSWORD_MAX_RAW_LENGTH ? password : normalize(password);
      const length = [...normalized].length;
      if (length < minLength || length > PASSWORD_MAX_LENGTH) {
        throw refused(field, `must have ${minLength} to ${PASSWORD_MAX_LENGTH} characters`);
      }
      if (await isCommon(normalized, context.filter((text) => typeof text === "string"))) {
        throw refused(field, "is too easy to guess: many people use it, or it is your name or e-mail. Take another");
      }
      return hash(normalized, signal);
    },

    async verify(password, passwordHash, signal) {
      const tooLong = password.length > PASSWORD_MAX_RAW_LENGTH;
      const opened = passwordHash === null ? null : open(passwordHash);
      const stored = opened?.hash ?? DUMMY_HASH;
      const job = {
        kind: "verify",
        password: tooLong ? "" : normalize(password),
        pepper: opened?.pepper ?? null,
        stored,
      } as const;
      const matches = (await gate.run(job, signal)) === true;
      return matches && opened !== null && !tooLong;
    },

    ensureRoom: () => gate.ensureRoom(),
    isOutdated: (stored) => !(stored.startsWith(prefix) && isOurForm(stored.slice(prefix.length))),
    rehash: (password, signal) => hash(normalize(password), signal),
  };
}

/** Whether it is a hash that can be verified: ours, or one from elsewhere. */
export function isStoredHash(text: string): boolean {
  return readForeignHash(PEPPERED.exec(text)?.[2] ?? text) !== null;
}

/** Composed and decomposed input are the same password; nothing else is changed: no trimming, no case folding. */
function normalize(password: string): string {
  return password.normalize("NFC");
}

/** Names a pepper and tells nothing of it: peppers are random and long. */
function pepperId(pepper: string): string {
  return digest("sha256", `ostiary pepper ${pepper}`, "base64url").slice(0, 8);
}

function refused(field: string, why: string): OstiaryError {
  return new OstiaryError("invalid_request", `${field} ${why}.`, { reason: "invalid_field", field });
}
