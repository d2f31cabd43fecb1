/**
 * A guard that trusts several issuers: one guard for each, and the choice between them. The choice is made by what the
 * token says before it is verified, from a list that does not depend on it; then that issuer's guard alone decides.
 */
import { decode } from "@ostiary/jwt";
import { isApiKey } from "./api-keys/api-key.ts";
import { askedBy, type Asking, type Scheme } from "./asking.ts";
import { createBoundedMemory } from "./bounded-memory.ts";
import { invalidToken } from "./challenge.ts";
import { extractToken, MAX_TOKEN_LENGTH, type GuardedRequest } from "./extract-token.ts";
import type { GuardStatus, IssuerGuard } from "./guard.ts";
import type { AnyIdentity } from "./identity.ts";
import type { ResourceMetadata } from "./protected-resource.ts";

/** Verifies access tokens of several issuers in memory. */
export interface IssuersGuard {
  /** Throws a `GuardError`: 401 when the token is refused, 503 when its issuer's keys or revocations cannot be had. */
  verify(token: string): Promise<AnyIdentity>;
  /** `verify` with the token of a request, by `Bearer` or by `DPoP` with a proof; a web `Request` will do. Throws a `GuardError`. */
  authenticate(request: GuardedRequest): Promise<AnyIdentity>;
  /** Resolves when tokens of every issuer can be judged; rejects as one of them does. */
  ready(): Promise<void>;
  status(): IssuersStatus;
  /** How the API describes itself (RFC 9728), to be served by an adapter; undefined without the option `resource`. */
  readonly resourceMetadata: ResourceMetadata | undefined;
  /** Ends all fetching and following. */
  close(): void;
}

export interface IssuersStatus {
  /** In the order in which they were given. */
  readonly issuers: readonly GuardStatus[];
}

export interface IssuersParts {
  readonly members: ReadonlyMap<string, IssuerGuard>;
  /** The one that is asked about API keys: they do not say whose they are, and are shown to nobody else. */
  readonly keyMember: IssuerGuard | undefined;
  readonly maxRememberedTokens: number;
  readonly asking: Asking;
  readonly resourceMetadata: ResourceMetadata | undefined;
}

export function buildIssuersGuard(parts: IssuersParts): IssuersGuard {
  const { members, keyMember, asking } = parts;
  // That it is still good, its issuer's guard decides each time.
  const remembered = createBoundedMemory<IssuerGuard>(parts.maxRememberedTokens);

  async function judge(token: string, by: (member: IssuerGuard) => Promise<AnyIdentity>, scheme: Scheme): Promise<AnyIdentity> {
    // It needs no remembering, and is worth more than a token that has an end.
    if (isApiKey(token)) return by(found(keyMember, scheme));
    const known = remembered.get(token);
    if (known !== undefined) return by(known);
    const member = found(members.get(issuerOf(token, scheme)), scheme);
    const identity = await by(member);
    // Only what was good: others could fill the memory with anything.
    remembered.set(token, member);
    return identity;
  }

  async function verify(token: string): Promise<AnyIdentity> {
    // Before anything is made of it: a text is hashed whole to be looked up, and decoded whole to be read.
    if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) throw asked(invalidToken("token_malformed"), "Bearer");
    return judge(token, (member) => member.verify(token), "Bearer");
  }

  function found(member: IssuerGuard | undefined, scheme: Scheme): IssuerGuard {
    if (member === undefined) throw asked(invalidToken("claim_invalid"), scheme);
    return member;
  }

  function issuerOf(token: string, scheme: Scheme): string {
    try {
      return claimedIssuer(token);
    } catch (error) {
      throw asked(error, scheme);
    }
  }

  function asked(error: unknown, scheme: Scheme): unknown {
    return askedBy(error, asking, scheme);
  }

  async function authenticate(request: GuardedRequest): Promise<AnyIdentity> {
    let token: ReturnType<typeof extractToken>;
    try {
      token = extractToken(request);
    } catch (error) {
      throw asked(error, "Bearer");
    }
    return typeof token === "string" ? verify(token) : judge(token.boundToken, (member) => member.authenticate(request), "DPoP");
  }

  return {
    verify,
    authenticate,
    ready: async () => void (await Promise.all(Array.from(members.values(), (member) => member.ready()))),
    status: () => ({ issuers: Array.from(members.values(), (member) => member.status()) }),
    resourceMetadata: parts.resourceMetadata,
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
