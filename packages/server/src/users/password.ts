import { hash, verify } from "@node-rs/argon2";
import { OstiaryError } from "../errors.ts";

/** In code points. The upper bound only keeps a request's work within reason. */
export const PASSWORD_MAX_LENGTH = 256;

/**
 * In UTF-16 units, before normalisation. 256 code points never come from more; normalising takes time that grows with the
 * square of the length, so nothing longer may reach it.
 */
export const PASSWORD_MAX_RAW_LENGTH = 8 * PASSWORD_MAX_LENGTH;

/** Argon2id with the parameters OWASP recommends: 19 MiB, two passes, one lane. */
export const ARGON2_OPTIONS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The hash of nothing anyone knows, with the parameters above: an unknown user costs what a known one costs. */
export const DUMMY_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$fAQkeeEO3ffz/stVvgZcyg$8KkMdR31z7I1GAMB+wwz0IcomdtmzIXXX65Qwf7+/7w";

export interface Passwords {
  /** Throws `invalid_request` naming `field` if the password is too short or too long. */
  hash(password: string, field: string): Promise<string>;
  /** Takes the same time whether there is a hash to compare with or not. */
  verify(password: string, passwordHash: string | null): Promise<boolean>;
}

/** `minLength` in code points. */
export function createPasswords({ minLength }: { minLength: number }): Passwords {
  return {
    async hash(password, field) {
      const normalized = password.length > PASSWORD_MAX_RAW_LENGTH ? password : normalize(password);
      const length = [...normalized].length;
      if (length < minLength || length > PASSWORD_MAX_LENGTH) {
        throw new OstiaryError(
          "invalid_request",
          `${field} must have ${minLength} to ${PASSWORD_MAX_LENGTH} characters.`,
          { reason: "invalid_field", field },
        );
      }
      return hash(normalized, ARGON2_OPTIONS);
    },

    async verify(password, passwordHash) {
      const tooLong = password.length > PASSWORD_MAX_RAW_LENGTH;
      const matches = await verify(passwordHash ?? DUMMY_HASH, tooLong ? "" : normalize(password));
      return matches && passwordHash !== null && !tooLong;
    },
  };
}

/** Composed and decomposed input are the same password; nothing else is changed: no trimming, no case folding. */
function normalize(password: string): string {
  return password.normalize("NFC");
}
