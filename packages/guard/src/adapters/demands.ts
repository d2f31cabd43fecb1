/** What is asked of callers in one place, for adapters without a chain of middleware: a token, and roles or scopes. */
import type { GuardedRequest } from "../extract-token.ts";
import { GuardError } from "../guard-error.ts";
import type { AnyIdentity } from "../identity.ts";
import { allScopes, anyRole } from "../requirements.ts";

/** A guard of one issuer or of several. */
export interface Authenticator<Who extends AnyIdentity> {
  authenticate(request: GuardedRequest): Promise<Who>;
}

export interface Demands<Optional extends boolean = boolean> {
  /** Callers without any token pass, too, and nobody is `auth`. Default false. */
  readonly optional?: Optional;
  /** Any of them is enough. */
  readonly roles?: readonly [string, ...string[]];
  /** All of them are needed. */
  readonly scopes?: readonly [string, ...string[]];
}

/** Who is asking; undefined for callers without a token, where they may pass. */
export type Caller<Who, Optional> = Optional extends false ? Who : Who | undefined;

/** Tells who is asking, or why they are refused. Throws a TypeError at once for roles or scopes that match nothing. */
export function judgeBy<Who extends AnyIdentity, Optional extends boolean>(
  guard: Authenticator<Who>,
  { optional, roles, scopes }: Demands<Optional>,
): (request: GuardedRequest) => Promise<Caller<Who, Optional> | GuardError> {
  const requirements = [...(roles === undefined ? [] : [anyRole(roles)]), ...(scopes === undefined ? [] : [allScopes(scopes)])];
  return async (request) => {
    let auth: Who | undefined;
    try {
      auth = await guard.authenticate(request);
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      if (optional !== true || error.error !== "missing_token") return error;
    }
    for (const requirement of requirements) {
      const refusal = requirement(auth);
      if (refusal !== undefined) return refusal;
    }
    return auth as Caller<Who, Optional>;
  };
}
