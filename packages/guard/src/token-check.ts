/**
 * Signature and claims of one issuer's tokens: the engine's verifier, or several where the issuer has several kinds of
 * access tokens. Which of them a token goes to is read from its header; whether it is one of that kind, they verify.
 */
import { createVerifier, type AlgorithmName, type VerifiedToken } from "@ostiary/jwt";
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

const MAX_HEADERS = 100;
/** In characters of base64url. Longer ones go to the first kind, as tokens of no kind do. */
const MAX_HEADER_LENGTH = 4000;

/** Throws a TypeError for what the engine's verifier does not take. */
export function createTokenCheck(kinds: readonly [TokenKind, ...TokenKind[]], options: TokenCheckOptions): TokenCheck {
  const checks = kinds.map((kind) => ({ ...kind, type: shortType(kind.type), verify: verifierOf(kind, options) }));
  const [first] = checks as [(typeof checks)[number]];
  if (checks.length === 1) return { verify: first.verify, keysFor: () => first.keys };

  /** By the text of the header, of which an issuer has few: reading it anew would cost more than all the rest. */
  const chosen = new Map<string, typeof first>();

  function checkFor(token: string): typeof first {
    const end = typeof token === "string" ? token.indexOf(".") : -1;
    // No header of any issuer's: its verifier says what is wrong, and nothing was read.
    if (end < 0 || end > MAX_HEADER_LENGTH) return first;
    const headerText = token.slice(0, end);
    const known = chosen.get(headerText);
    if (known !== undefined) return known;
    // From the header's text and nothing else, so that no other token can spoil what is remembered for it.
    const check = choose(readHeader(headerText));
    // Strangers can make up as many as they like.
    if (chosen.size >= MAX_HEADERS) chosen.clear();
    chosen.set(headerText, check);
    return check;
  }

  /** A header that suits no kind goes to the first, whose verifier says what is wrong with it. */
  function choose({ typ, alg }: UnverifiedHeader): typeof first {
    const ofType = checks.filter(({ type }) => typeof typ === "string" && type === shortType(typ));
    return ofType.find(({ algorithms }) => algorithms.some((each) => each === alg)) ?? ofType[0] ?? first;
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

interface UnverifiedHeader {
  readonly typ?: unknown;
  readonly alg?: unknown;
}

function readHeader(text: string): UnverifiedHeader {
  try {
    return Object(JSON.parse(Buffer.from(text, "base64url").toString())) as UnverifiedHeader;
  } catch {
    return {};
  }
}

/** RFC 7515 §4.1.9. */
function shortType(type: string): string {
  return type.toLowerCase().replace(/^application\//, "");
}
