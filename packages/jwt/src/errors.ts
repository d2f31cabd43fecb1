/**
 * The one error class of this package.
 *
 * Owns the codes and the rule that a message never holds token text, key material or a library's words.
 * A wrong call (an option of the wrong type, a missing allow-list) is a TypeError and not found here: that is
 * for whoever writes the program. A JwtError is for what came from outside.
 */

export type JwtErrorCode =
  | "token_malformed"
  | "algorithm_not_allowed"
  | "unknown_key"
  | "signature_invalid"
  | "token_expired"
  | "token_not_active"
  | "claim_missing"
  | "claim_invalid"
  | "key_invalid";

/** Why a token or a key was refused; `code` is stable, the message is not. Pages for each code are in docs/errors. */
export class JwtError extends Error {
  override readonly name = "JwtError";
  readonly code: JwtErrorCode;
  /** The claim or header parameter that was missing or wrong, where it is about one. */
  readonly claim: string | undefined;

  constructor(code: JwtErrorCode, message: string, claim?: string) {
    super(message);
    this.code = code;
    this.claim = claim;
  }
}

export function malformed(message: string): JwtError {
  return new JwtError("token_malformed", message);
}

export function keyInvalid(message: string): JwtError {
  return new JwtError("key_invalid", message);
}
