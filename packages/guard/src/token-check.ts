/**
 * Signature and claims of one issuer's tokens: the engine's verifier, or several where the issuer has several kinds of
 * access tokens. Which of them a token goes to is read from its header; whether it is one of that kind, they verify.
 */
import { createVerifier, decode, type AlgorithmName, type JwtHeader, type VerifiedToken } from "@ostiary/jwt";
import type { KeySource } from "./key-source.ts";

export interface TokenCheck {
  /** Throws a JwtError. */
  verify(token: string): VerifiedToken;
  /** Where the key for this token may be. */
  keysFor(token: string): KeySource;
}

export interface TokenCheckOptions {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly clock: () => number;
  readonly clockToleranceSeconds: number;
  /** 0: every token is verified anew each time. */
  readonly maxCachedTokens: number;
}

/** One kind of token. */
export interface TokenKind {
  readonly type: string;
  readonly algorithms: readonly AlgorithmName[];
  readonly keys: KeySource;
}

/** Throws a TypeError for what the engine's verifier does not take. */
export function createTokenCheck(kinds: readonly [TokenKind, ...TokenKind[]], options: TokenCheckOptions): TokenCheck {
  const checks = kinds.map((kind) => ({ ...kind, type: shortType(kind.type), verify: verifierOf(kind, options) }));
  const [first] = checks as [(typeof checks)[number]];
  if (checks.length === 1) return { verify: first.verify, keysFor: () => first.keys };

  /** One that suits nobody goes to the first, which says what is wrong with it. */
  function checkFor(token: string) {
    const header = headerOf(token);
    if (header === undefined) return first;
    const ofType = checks.filter(({ type }) => type === shortType(header.typ ?? ""));
    return ofType.find(({ algorithms }) => (algorithms as readonly string[]).includes(header.alg)) ?? ofType[0] ?? first;
  }

  return { verify: (token) => checkFor(token).verify(token), keysFor: (token) => checkFor(token).keys };
}

function verifierOf({ type, algorithms, keys }: TokenKind, options: TokenCheckOptions): (token: string) => VerifiedToken {
  const { issuer, audience, clock, clockToleranceSeconds, maxCachedTokens } = options;
  return createVerifier({
    keys: () => keys.current(),
    algorithms,
    issuer,
    audience,
    type,
    requiredClaims: ["iat"],
    clockToleranceSeconds,
    clock,
    cache: maxCachedTokens === 0 ? false : { maxTokens: maxCachedTokens },
  });
}

function headerOf(token: string): JwtHeader | undefined {
  try {
    return decode(token).header;
  } catch {
    return undefined;
  }
}

/** RFC 7515 §4.1.9. */
function shortType(type: string): string {
  return type.toLowerCase().replace(/^application\//, "");
}
