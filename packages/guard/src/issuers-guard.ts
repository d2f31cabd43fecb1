/**
 * A guard that trusts several issuers: one guard for each, and the choice between them. The choice is made by what the
 * token says before it is verified, from a list that does not depend on it; then that issuer's guard alone decides.
 */
import { decode } from "@ostiary/jwt";
import { invalidToken } from "./challenge.ts";
import { extractToken, MAX_TOKEN_LENGTH, type GuardedRequest } from "./extract-token.ts";
import type { GuardStatus, IssuerGuard } from "./guard.ts";
import type { AnyIdentity } from "./identity.ts";

/** Verifies access tokens of several issuers in memory. */
export interface IssuersGuard {
  /** Throws a `GuardError`: 401 when the token is refused, 503 when its issuer's keys or revocations cannot be had. */
  verify(token: string): Promise<AnyIdentity>;
  /** `verify` with the bearer token of a request (RFC 6750 §2.1); a web `Request` will do. Throws a `GuardError`. */
  authenticate(request: GuardedRequest): Promise<AnyIdentity>;
  /** Resolves when tokens of every issuer can be judged; rejects as one of them does. */
  ready(): Promise<void>;
  status(): IssuersStatus;
  /** Ends all fetching and following. */
  close(): void;
}

export interface IssuersStatus {
  /** In the order in which they were given. */
  readonly issuers: readonly GuardStatus[];
}

export function buildIssuersGuard(
  members: ReadonlyMap<string, IssuerGuard>,
  maxRememberedTokens: number,
): IssuersGuard {
  const remembered = createMemory<IssuerGuard>(maxRememberedTokens);

  async function verify(token: string): Promise<AnyIdentity> {
    // Before anything is made of it: a text is hashed whole to be looked up, and decoded whole to be read.
    if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) throw invalidToken("token_malformed");
    const known = remembered.get(token);
    if (known !== undefined) return known.verify(token);
    const member = memberFor(token);
    const identity = await member.verify(token);
    // Only what was good: others could fill the memory with anything.
    remembered.set(token, member);
    return identity;
  }

  function memberFor(token: string): IssuerGuard {
    const member = members.get(claimedIssuer(token));
    if (member === undefined) throw invalidToken("claim_invalid");
    return member;
  }

  return {
    verify,
    authenticate: async (request) => verify(extractToken(request)),
    ready: async () => void (await Promise.all(Array.from(members.values(), (member) => member.ready()))),
    status: () => ({ issuers: Array.from(members.values(), (member) => member.status()) }),
    close() {
      for (const member of members.values()) member.close();
    },
  };
}

/** Anybody can have written it. */
function claimedIssuer(token: string): string {
  try {
    const { iss } = decode(token).claims;
    if (typeof iss === "string") return iss;
  } catch (error) {
    throw invalidToken("token_malformed", error);
  }
  throw invalidToken("claim_invalid");
}

/**
 * Which issuer's a token was, for a bounded number of them, in two generations: when the young one is full, what was not
 * used since is forgotten. That it is still good, its issuer's guard decides each time.
 */
function createMemory<Value>(max: number) {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  function set(token: string, value: Value): void {
    if (max === 0) return;
    if (young.size >= Math.ceil(max / 2)) {
      old = young;
      young = new Map();
    }
    young.set(token, value);
  }
  return {
    set,
    get(token: string): Value | undefined {
      const value = young.get(token);
      if (value !== undefined) return value;
      const again = old.get(token);
      if (again !== undefined) set(token, again);
      return again;
    },
  };
}
