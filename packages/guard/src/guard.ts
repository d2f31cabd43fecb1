/**
 * What every guard does with a token: verify it locally, read it as an identity, look whether it was revoked.
 * It does not know where keys and revocations come from (`create-guard` and `embedded` decide that), and says why a
 * token is refused, not what the answer looks like (`challenge` does).
 */
import { createVerifier, JwtError, type AlgorithmName, type JwtErrorCode } from "@ostiary/jwt";
import { ACCESS_TOKEN_TYPE, type TokenReason } from "@ostiary/protocol";
import { invalidToken } from "./challenge.ts";
import { extractToken, type GuardedRequest } from "./extract-token.ts";
import { toIdentity, type Identity } from "./identity.ts";
import type { KeySource, KeyStatus } from "./key-source.ts";
import type { RevocationSubject } from "./revocation-set.ts";
import { UNSEEN, type RevocationSource, type RevocationStatus } from "./revocation-source.ts";

/** Verifies access tokens in memory. `Claims` are your own claims, beside those every access token has. */
export interface Guard<Claims extends object = object> {
  /**
   * Throws a `GuardError`: 401 when the token is refused, 503 when there are no keys to judge it by, or when nothing has
   * been heard of revocations for longer than the guard may go without.
   */
  verify(token: string): Promise<Identity<Claims>>;
  /** `verify` with the bearer token of a request (RFC 6750 §2.1); a web `Request` will do. Throws a `GuardError`. */
  authenticate(request: GuardedRequest): Promise<Identity<Claims>>;
  /**
   * Resolves when tokens can be judged: there are keys and, with a feed, everything revoked so far is known. Goes on
   * trying while the issuer is down. Rejects when the feed refuses the credentials, and when the guard is closed.
   */
  ready(): Promise<void>;
  status(): GuardStatus;
  /** Ends all fetching and following. What is known goes on being used; revocations for `maxStalenessSeconds` only. */
  close(): void;
}

export interface GuardStatus extends RevocationStatus {
  readonly issuer: string;
  readonly keys: KeyStatus;
}

/** The parts a guard is put together from; checked by the caller. */
export interface GuardParts {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly algorithms: readonly AlgorithmName[];
  readonly keys: KeySource;
  /** Called once, when nothing is wrong with the rest. Undefined: the guard cannot see revocations. */
  readonly openRevocations: (() => RevocationSource) | undefined;
  readonly clock: () => number;
  readonly clockToleranceSeconds: number;
  /** 0: every token is verified anew each time. */
  readonly maxCachedTokens: number;
}

interface Known<Claims extends object> {
  readonly identity: Identity<Claims>;
  readonly revocable: RevocationSubject;
}

const REASONS: Record<Exclude<JwtErrorCode, "key_invalid">, TokenReason> = {
  token_malformed: "token_malformed",
  algorithm_not_allowed: "signature_invalid",
  unknown_key: "signature_invalid",
  signature_invalid: "signature_invalid",
  token_expired: "token_expired",
  token_not_active: "token_not_active",
  claim_missing: "claim_invalid",
  claim_invalid: "claim_invalid",
};

export function buildGuard<Claims extends object>(parts: GuardParts): Guard<Claims> {
  const { issuer, keys } = parts;
  const check = createVerifier({
    keys: () => keys.current(),
    algorithms: parts.algorithms,
    issuer,
    audience: parts.audience,
    type: ACCESS_TOKEN_TYPE,
    requiredClaims: ["iat"],
    clockToleranceSeconds: parts.clockToleranceSeconds,
    clock: parts.clock,
    cache: parts.maxCachedTokens === 0 ? false : { maxTokens: parts.maxCachedTokens },
  });
  const revocations = parts.openRevocations?.();
  // The verifier's cache hands out the same claims for the same token, so what is derived from them is kept beside them.
  const known = new WeakMap<object, Known<Claims>>();

  function judge(token: string): Identity<Claims> {
    const verified = check(token);
    let entry = known.get(verified.claims);
    if (entry === undefined) {
      entry = read(verified.claims, verified.key.keyId);
      known.set(verified.claims, entry);
    }
    const reason = revocations?.set.check(entry.revocable);
    if (reason !== undefined) throw invalidToken(reason);
    return entry.identity;
  }

  function read(claims: Readonly<Record<string, unknown>>, kid: string | undefined): Known<Claims> {
    const identity = toIdentity<Claims>(claims);
    const { jti, sid, sub, ver } = identity.claims;
    return { identity, revocable: { jti, kid, sid, sub, ver } };
  }

  async function verify(token: string): Promise<Identity<Claims>> {
    let identity: Identity<Claims>;
    try {
      identity = judge(token);
    } catch (error) {
      const mayBeNewKey = error instanceof JwtError && error.code === "unknown_key";
      if (!mayBeNewKey || !(await keys.lookFurther())) throw toRefusal(error);
      identity = judgeAgain(token);
    }
    if (revocations === undefined || revocations.isFresh()) return identity;
    await revocations.whenStale(token);
    // Time has passed: the token may have expired, and what came by the feed meanwhile counts.
    return judgeAgain(token);
  }

  function judgeAgain(token: string): Identity<Claims> {
    try {
      return judge(token);
    } catch (error) {
      throw toRefusal(error);
    }
  }

  return {
    verify,
    // Async, so that a refusal before verification is a rejection as well, never a synchronous throw.
    authenticate: async (request) => verify(extractToken(request)),
    ready: async () => void (await Promise.all([keys.ready(), revocations?.ready()])),
    status: () => ({ issuer, ...(revocations?.status() ?? UNSEEN), keys: keys.status() }),
    close() {
      keys.close();
      revocations?.close();
    },
  };
}

/** Anything that is neither a verdict of ours nor of the token engine is a bug, and stays what it is. */
function toRefusal(error: unknown): unknown {
  if (!(error instanceof JwtError) || error.code === "key_invalid") return error;
  return invalidToken(REASONS[error.code], error);
}
