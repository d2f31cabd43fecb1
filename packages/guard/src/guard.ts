/**
 * What every guard does with a token: verify it locally, read it as an identity, look whether it was revoked, and whether
 * whoever sends it has the key that it is bound to, if it is. It does not know where keys and revocations come from
 * (`issuer-guard` and `embedded` decide that), and says why a token is refused, not what the answer looks like (`challenge`
 * does).
 */
import { JwtError, type JwtErrorCode } from "@ostiary/jwt";
import type { TokenReason } from "@ostiary/protocol";
import { isApiKey } from "./api-keys/api-key.ts";
import type { ApiKeys, KnownKey } from "./api-keys/api-keys.ts";
import { askedBy, noteAdmission, type Asking, type Scheme } from "./asking.ts";
import { invalidToken } from "./challenge.ts";
import type { Possession } from "./dpop/possession.ts";
import { extractToken, type GuardedRequest } from "./extract-token.ts";
import type { AnyIdentity, Identity } from "./identity.ts";
import type { KeySource, KeyStatus } from "./key-source.ts";
import type { ResourceMetadata } from "./protected-resource.ts";
import { createReadmission, noteReadmission, type Known } from "./readmission.ts";
import type { RevocationSubject } from "./revocation-set.ts";
import { UNSEEN, type RevocationSource, type RevocationStatus } from "./revocation-source.ts";
import type { TokenCheck } from "./token-check.ts";

/** Verifies access tokens of one Ostiary in memory. `Claims` are your own claims, beside those every access token has. */
export type Guard<Claims extends object = object> = IssuerGuard<Identity<Claims>>;

/** Verifies access tokens of one issuer in memory. */
export interface IssuerGuard<Who extends AnyIdentity = AnyIdentity> {
  /**
   * Throws a `GuardError`: 401 when the token is refused, 503 when there are no keys to judge it by, or when nothing has
   * been heard of revocations for longer than the guard may go without. A token that is bound to a key is refused
   * (`proof_required`): the proof is in the request, so `authenticate` is the way.
   */
  verify(token: string): Promise<Who>;
  /**
   * `verify` with the token of a request: by `Bearer` (RFC 6750 §2.1), or by `DPoP` with a proof (RFC 9449 §7.1); a web
   * `Request` will do. Throws a `GuardError`.
   */
  authenticate(request: GuardedRequest): Promise<Who>;
  /**
   * Resolves when tokens can be judged: there are keys and, with a feed, everything revoked so far is known. Goes on
   * trying while the issuer is down. Rejects when the feed refuses the credentials, and when the guard is closed.
   */
  ready(): Promise<void>;
  status(): GuardStatus;
  /** How the API describes itself (RFC 9728), to be served by an adapter; undefined without the option `resource`. */
  readonly resourceMetadata: ResourceMetadata | undefined;
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
  /** Whether that is an Ostiary. */
  readonly isOurs: boolean;
  /** Signature and claims; the same object of claims for the same token, as long as it is remembered. */
  readonly check: TokenCheck;
  /** How many tokens are found again by the header that they came in. */
  readonly maxCachedTokens: number;
  /** Those that are told of in `status()`, and that `ready()` waits for. */
  readonly keys: KeySource;
  readonly toIdentity: (claims: Readonly<Record<string, unknown>>) => Who;
  /** Undefined: the guard cannot see revocations. */
  readonly revocations: RevocationSource | undefined;
  readonly possession: Possession;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly asking: Asking;
  readonly resourceMetadata: ResourceMetadata | undefined;
  /** Undefined: API keys are tokens like any other, and no good ones. Given what is made of their claims. */
  readonly apiKeys?: ((read: (claims: Readonly<Record<string, unknown>>) => Known<Who>) => ApiKeys<Who>) | undefined;
  /** For the issuer's own introspection: tokens that are bound to a key pass without a proof. */
  readonly acceptsUnproven?: boolean;
}

interface KnownBound<Who> extends Known<Who> {
  /** Of the key that it is bound to. */
  readonly thumbprint: string;
}

type ClaimSet = Readonly<Record<string, unknown>>;

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
  const { issuer, check, keys, revocations, possession, asking, clock, isOurs } = parts;
  const readmission = createReadmission<Who>({ revocations, maxTokens: parts.maxCachedTokens, clock });
  const judge = judgeBy(readFree, readmission.knownOf);
  const knownBound = new WeakMap<object, KnownBound<Who>>();
  const judgeBound = judgeBy(rememberBound, (_, claims) => knownBound.get(claims));
  const apiKeys = parts.apiKeys?.((claims) => readFree(claims, undefined));

  /** What is derived from claims is remembered with them, so that one token is read once. */
  function judgeBy<Entry extends Known<Who>>(
    reader: (claims: ClaimSet, kid: string | undefined) => Entry,
    knownOf: (token: string, claims: object) => Entry | undefined,
  ): (token: string) => Entry {
    return (token) => {
      const { claims, key } = check.verify(token);
      const entry = knownOf(token, claims) ?? reader(claims, key.keyId);
      const reason = revocations?.set.check(entry.revocable);
      if (reason !== undefined) throw invalidToken(reason);
      return entry;
    };
  }

  /** Of a token that is good in whoever's hands it is. */
  function readFree(claims: ClaimSet, kid: string | undefined): Known<Who> {
    const isBound = boundTo(claims) !== undefined;
    if (isBound ? parts.acceptsUnproven !== true : possession.required) throw invalidToken("proof_required");
    return read(claims, kid, "Bearer");
  }

  function readBound(claims: ClaimSet, kid: string | undefined): KnownBound<Who> {
    const thumbprint = boundTo(claims);
    if (thumbprint === undefined) throw invalidToken("claim_invalid");
    return { ...read(claims, kid, "DPoP"), thumbprint };
  }

  function rememberBound(claims: ClaimSet, kid: string | undefined): KnownBound<Who> {
    const entry = readBound(claims, kid);
    knownBound.set(claims, entry);
    return entry;
  }

  function read(claims: ClaimSet, kid: string | undefined, scheme: Scheme): Known<Who> {
    const identity = parts.toIdentity(claims);
    noteAdmission(identity, { asking, scheme, clock, isOurs });
    // Only an Ostiary has revocations to tell, and its identities have all of these.
    const { jti, sid, sub, ver } = identity.claims as unknown as RevocationSubject;
    return { identity, revocable: { jti, kid, sid, sub, ver } };
  }

  /** `request`: what the token came in, if it may be let in again by that. */
  function verify(token: string, request?: GuardedRequest): Promise<Who> {
    if (apiKeys !== undefined && isApiKey(token)) return asked(verifyKey(apiKeys, token));
    const source = check.keysFor(token);
    const keysBefore = source.current();
    let entry: Known<Who>;
    try {
      entry = judge(token);
    } catch (error) {
      return late(judgeAfter(error, judge, token));
    }
    if (revocations === undefined || revocations.isFresh()) {
      if (source.current() === keysBefore) {
        const header = request?.headers.get("authorization") ?? null;
        readmission.remember(token, header, { known: entry, source, keys: keysBefore });
      }
      return Promise.resolve(entry.identity);
    }
    return late(judgeFreshly(judge, token));

    /** By what keys it was judged in the end is not known, so it is not let in again by its header yet. */
    function late(verdict: Promise<Known<Who>>): Promise<Who> {
      return asked(
        verdict.then((known) => {
          readmission.remember(token, null, { known, source, keys: keysBefore });
          return known.identity;
        }),
      );
    }
  }

  /** The token was refused, perhaps for a key that is not known yet. */
  async function judgeAfter<Entry>(error: unknown, judgeIt: (token: string) => Entry, token: string): Promise<Entry> {
    const mayBeNewKey = error instanceof JwtError && error.code === "unknown_key";
    if (!mayBeNewKey || !(await check.keysFor(token).lookFurther())) throw toRefusal(error);
    judgeAgain(judgeIt, token);
    return judgeFreshly(judgeIt, token);
  }

  /** The token is good, as far as is known. */
  async function judgeFreshly<Entry>(judgeIt: (token: string) => Entry, token: string): Promise<Entry> {
    if (revocations !== undefined && !revocations.isFresh()) await revocations.whenStale(token);
    // Time has passed: the token may have expired, and what came by the feed meanwhile counts.
    return judgeAgain(judgeIt, token);
  }

  async function verifyKey(known: ApiKeys<Who>, key: string): Promise<Who> {
    const found = await known.find(key);
    if (revocations === undefined || revocations.isFresh()) return found.identity;
    let renewed: KnownKey<Who> | undefined;
    // Not only whether it is active: what it stands for may have changed as well, and no feed tells of that.
    await revocations.whenStale(key, async () => void (renewed = await known.renew(key, found)));
    return (renewed ?? (await known.find(key))).identity;
  }

  async function verifyBound(token: string, request: GuardedRequest): Promise<Who> {
    let entry: KnownBound<Who>;
    try {
      entry = judgeBound(token);
    } catch (error) {
      entry = await judgeAfter(error, judgeBound, token);
    }
    await possession.prove(request, token, entry.thumbprint);
    return (await judgeFreshly(judgeBound, token)).identity;
  }

  /** Whatever is refused on its way out is refused as this guard does it. */
  async function asked(verdict: Promise<Who>, scheme: Scheme = "Bearer"): Promise<Who> {
    try {
      return await verdict;
    } catch (error) {
      throw askedBy(error, asking, scheme);
    }
  }

  /** What is refused before verification is a rejection as well, never a synchronous throw. */
  async function rejected(error: unknown): Promise<never> {
    throw askedBy(error, asking, "Bearer");
  }

  function authenticate(request: GuardedRequest): Promise<Who> {
    let token: ReturnType<typeof extractToken>;
    try {
      token = extractToken(request);
    } catch (error) {
      return rejected(error);
    }
    return typeof token === "string" ? verify(token, request) : asked(verifyBound(token.boundToken, request), "DPoP");
  }
  noteReadmission(authenticate, readmission.readmit);

  return {
    verify: (token) => verify(token),
    authenticate,
    ready: async () => void (await Promise.all([keys.ready(), revocations?.ready()])),
    status: () => ({ issuer, ...(revocations?.status() ?? UNSEEN), keys: keys.status() }),
    resourceMetadata: parts.resourceMetadata,
    close() {
      keys.close();
      revocations?.close();
    },
  };
}

function judgeAgain<Entry>(judgeIt: (token: string) => Entry, token: string): Entry {
  try {
    return judgeIt(token);
  } catch (error) {
    throw toRefusal(error);
  }
}

/**
 * The key that claims are bound to (RFC 9449 §6.1). Nobody here sees certificates (RFC 8705 §3.1): what is bound to one is
 * refused. Other kinds of confirmation are not looked at (RFC 7800 §3.1).
 */
function boundTo(claims: ClaimSet): string | undefined {
  const { cnf } = claims;
  if (cnf === undefined) return undefined;
  if (typeof cnf !== "object" || cnf === null) throw invalidToken("claim_invalid");
  if (Object.hasOwn(cnf, "x5t#S256")) throw invalidToken("proof_required");
  if (!Object.hasOwn(cnf, "jkt")) return undefined;
  const { jkt } = cnf as { jkt: unknown };
  if (typeof jkt !== "string" || jkt === "") throw invalidToken("claim_invalid");
  return jkt;
}

/** Anything that is neither a verdict of ours nor of the token engine is a bug, and stays what it is. */
function toRefusal(error: unknown): unknown {
  if (!(error instanceof JwtError) || error.code === "key_invalid") return error;
  return invalidToken(REASONS[error.code], error);
}
