/**
 * What every guard does with a token: verify it locally, read it as an identity, look whether it was revoked.
 * It does not know where keys and revocations come from (`issuer-guard` and `embedded` decide that), and says why a token
 * is refused, not what the answer looks like (`challenge` does).
 */
import { JwtError, type JwtErrorCode } from "@ostiary/jwt";
import type { TokenReason } from "@ostiary/protocol";
import { invalidToken } from "./challenge.ts";
import { extractToken, type GuardedRequest } from "./extract-token.ts";
import type { AnyIdentity, Identity } from "./identity.ts";
import type { KeySource, KeyStatus } from "./key-source.ts";
import type { RevocationSubject } from "./revocation-set.ts";
import { UNSEEN, type RevocationSource, type RevocationStatus } from "./revocation-source.ts";
import type { TokenCheck } from "./token-check.ts";

/** Verifies access tokens of one Ostiary in memory. `Claims` are your own claims, beside those every access token has. */
export type Guard<Claims extends object = object> = IssuerGuard<Identity<Claims>>;

/** Verifies access tokens of one issuer in memory. */
export interface IssuerGuard<Who extends AnyIdentity = AnyIdentity> {
  /**
   * Throws a `GuardError`: 401 when the token is refused, 503 when there are no keys to judge it by, or when nothing has
   * been heard of revocations for longer than the guard may go without.
   */
  verify(token: string): Promise<Who>;
  /** `verify` with the bearer token of a request (RFC 6750 §2.1); a web `Request` will do. Throws a `GuardError`. */
  authenticate(request: GuardedRequest): Promise<Who>;
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
export interface GuardParts<Who extends AnyIdentity> {
  readonly issuer: string;
  /** Signature and claims; the same object of claims for the same token, as long as it is remembered. */
  readonly check: TokenCheck;
  /** Those that are told of in `status()`, and that `ready()` waits for. */
  readonly keys: KeySource;
  readonly toIdentity: (claims: Readonly<Record<string, unknown>>) => Who;
  /** Undefined: the guard cannot see revocations. */
  readonly revocations: RevocationSource | undefined;
}

interface Known<Who> {
  readonly identity: Who;
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

export function buildGuard<Who extends AnyIdentity>(parts: GuardParts<Who>): IssuerGuard<Who> {
  const { issuer, check, keys, revocations } = parts;
  // What is derived from claims is kept beside them.
  const known = new WeakMap<object, Known<Who>>();

  function judge(token: string): Who {
    const verified = check.verify(token);
    let entry = known.get(verified.claims);
    if (entry === undefined) {
      entry = read(verified.claims, verified.key.keyId);
      known.set(verified.claims, entry);
    }
    const reason = revocations?.set.check(entry.revocable);
    if (reason !== undefined) throw invalidToken(reason);
    return entry.identity;
  }

  function read(claims: Readonly<Record<string, unknown>>, kid: string | undefined): Known<Who> {
    const identity = parts.toIdentity(claims);
    // Only an Ostiary has revocations to tell, and its identities have all of these.
    const { jti, sid, sub, ver } = identity.claims as unknown as RevocationSubject;
    return { identity, revocable: { jti, kid, sid, sub, ver } };
  }

  async function verify(token: string): Promise<Who> {
    let identity: Who;
    try {
      identity = judge(token);
    } catch (error) {
      const mayBeNewKey = error instanceof JwtError && error.code === "unknown_key";
      if (!mayBeNewKey || !(await check.keysFor(token).lookFurther())) throw toRefusal(error);
      identity = judgeAgain(token);
    }
    if (revocations === undefined || revocations.isFresh()) return identity;
    await revocations.whenStale(token);
    // Time has passed: the token may have expired, and what came by the feed meanwhile counts.
    return judgeAgain(token);
  }

  function judgeAgain(token: string): Who {
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
