/**
 * What the claims of a token must say (RFC 7519 §4.1, RFC 8725).
 *
 * Owns the policy of a verifier. It sees only tokens whose signature is good, and knows no key.
 */
import type { JwtClaims, JwtHeader } from "./decode.ts";
import { JwtError } from "./errors.ts";
import { requireClock, requireSeconds, requireText } from "./options.ts";

export interface ClaimOptions {
  /** The one `iss` that is accepted, compared exactly. */
  issuer: string;
  /** Who we are: `aud` must contain it exactly; of several, any one. */
  audience: string | readonly string[];
  /**
   * The `typ` that is required in the header, case-insensitive, with or without `application/` (RFC 8725 §3.11).
   * Default: `JWT`. Give each kind of token its own.
   */
  type?: string | undefined;
  /** Claims that must be there besides `iss`, `aud` and `exp`. Default: none. */
  requiredClaims?: readonly string[] | undefined;
  /** How far the issuer's clock may be from ours, in seconds from 0 to 60. Default: 0. */
  clockToleranceSeconds?: number | undefined;
  /**
   * The longest time since `iat`, and from `iat` to `exp`, in seconds; `iat` is then required, and may not be in the
   * future. Default: no limit.
   */
  maxTokenAgeSeconds?: number | undefined;
  /** The time in milliseconds. Default: `Date.now`. */
  clock?: (() => number) | undefined;
}

export interface ClaimPolicy {
  readonly issuer: string;
  readonly audiences: ReadonlySet<unknown>;
  readonly type: string;
  readonly required: readonly string[];
  readonly tolerance: number;
  readonly maxAge: number | undefined;
  readonly clock: () => number;
}

/** Checks the options once; throws a TypeError that says what is wrong. */
export function claimPolicy(options: ClaimOptions): ClaimPolicy {
  const { requiredClaims = [], maxTokenAgeSeconds: maxAge, audience } = options;
  const { type = "JWT", clockToleranceSeconds = 0, clock = Date.now } = options;
  if (!Array.isArray(requiredClaims)) throw new TypeError("requiredClaims must be a list of names.");
  if (Array.isArray(audience) && audience.length === 0) throw new TypeError("audience must name at least one audience.");
  if (maxAge !== undefined) requireSeconds(maxAge, "maxTokenAgeSeconds", 1, Number.MAX_SAFE_INTEGER);
  return {
    issuer: requireText(options.issuer, "issuer"),
    audiences: new Set([audience].flat().map((name) => requireText(name, "audience"))),
    type: normaliseType(requireText(type, "type")),
    required: ["exp", "iss", "aud", ...requiredClaims.map((name: unknown) => requireText(name, "requiredClaims"))],
    tolerance: requireSeconds(clockToleranceSeconds, "clockToleranceSeconds", 0, 60),
    maxAge,
    clock: requireClock(clock),
  };
}

/** Throws a JwtError unless `typ` and all claims are as `policy` asks. What cannot mend itself is reported first. */
export function checkClaims(policy: ClaimPolicy, header: JwtHeader, claims: JwtClaims): void {
  checkType(policy.type, header);
  for (const name of policy.required) {
    if (!Object.hasOwn(claims, name)) throw new JwtError("claim_missing", `The token has no ${name}.`, name);
  }
  for (const name of ["exp", "nbf", "iat"] as const) {
    const time: unknown = claims[name];
    if (time !== undefined && (typeof time !== "number" || !Number.isFinite(time))) throw invalid(name, "a finite number");
  }
  for (const name of ["sub", "jti"] as const) {
    const text: unknown = claims[name];
    if (text !== undefined && typeof text !== "string") throw invalid(name, "a text");
  }
  if (claims.iss !== policy.issuer) throw invalid("iss", "the issuer this verifier is for");
  checkAudience(policy, claims.aud);
  checkLifetime(policy, claims);
  // Not the claims themselves: objects of one shape keep the check fast, whoever's tokens come along.
  const { exp, nbf, iat } = claims;
  checkTimes(policy, { exp, nbf, iat });
}

/** The claims that are times, in seconds. */
export interface Times {
  readonly exp: number | undefined;
  readonly nbf: number | undefined;
  readonly iat: number | undefined;
}

/** The checks whose outcome changes as time goes by; the others have been made. */
export function checkTimes(policy: ClaimPolicy, { exp, nbf, iat }: Times): void {
  const now = policy.clock() / 1000;
  const { tolerance, maxAge } = policy;
  // Each condition says what must hold, so that a clock gone NaN refuses everything.
  if (nbf !== undefined && !(now >= nbf - tolerance)) {
    throw new JwtError("token_not_active", "The token is not valid yet.", "nbf");
  }
  if (exp === undefined || !(now < exp + tolerance)) throw new JwtError("token_expired", "The token has expired.", "exp");
  // That no token is older than maxAge follows: exp is at most so far from iat.
  if (maxAge !== undefined && iat !== undefined && !(now >= iat - tolerance)) {
    throw new JwtError("token_not_active", "The token is from the future.", "iat");
  }
}

/** Throws a JwtError unless the header's `typ` is `type`. */
export function checkType(type: string, header: JwtHeader): void {
  if (header.typ === undefined) throw new JwtError("claim_missing", "The header has no typ.", "typ");
  if (header.typ !== type && normaliseType(header.typ) !== type) throw invalid("typ", "the type this verifier is for");
}

/** `application/at+JWT` and `at+jwt` are the same type (RFC 7515 §4.1.9). */
export function normaliseType(type: string): string {
  const lower = type.toLowerCase();
  const short = lower.startsWith("application/") ? lower.slice("application/".length) : lower;
  return short.includes("/") ? lower : short;
}

function checkAudience(policy: ClaimPolicy, aud: unknown): void {
  if (typeof aud === "string" ? policy.audiences.has(aud) : isTextList(aud) && aud.some((one) => policy.audiences.has(one))) {
    return;
  }
  throw invalid("aud", "one with the audience this verifier is for");
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function checkLifetime({ maxAge }: ClaimPolicy, { exp, iat }: JwtClaims): void {
  if (maxAge === undefined) return;
  if (iat === undefined) throw new JwtError("claim_missing", "The token has no iat.", "iat");
  if (exp !== undefined && !(exp - iat <= maxAge)) throw invalid("exp", "within the age allowed after iat");
}

function invalid(claim: string, wanted: string): JwtError {
  return new JwtError("claim_invalid", `The token's ${claim} is not ${wanted}.`, claim);
}
