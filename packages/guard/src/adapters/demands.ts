/** What is asked of callers in one place, for adapters without a chain of middleware: a token, and roles or scopes. */
import type { GuardedRequest } from "../extract-token.ts";
import { GuardError } from "../guard-error.ts";
import type { AnyIdentity } from "../identity.ts";
import { allScopes, anyRole, recentSignIn, type RecentOptions, type Requirement } from "../requirements.ts";

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
  /** How recently the user must have signed in, and by what (RFC 9470). */
  readonly recent?: RecentOptions;
}

/** Who is asking; undefined for callers without a token, where they may pass. */
export type Caller<Who, Optional> = Optional extends false ? Who : Who | undefined;

/** Of requests that were let pass without a token: what they would have been told, by the guard that was asked. */
const letPass = new WeakMap<object, GuardError>();

/** Whether a request that the guard refuses goes on all the same: it has no token at all, and needs none. */
export function mayPass(request: object, refusal: GuardError, optional: boolean | undefined): boolean {
  if (optional !== true || refusal.error !== "missing_token") return false;
  letPass.set(request, refusal);
  return true;
}

/** The refusal of a request by a requirement, which knows no guard: if it lacks a token, as the guard would have said it. */
export function refusalOf(request: object, refusal: GuardError): GuardError {
  return refusal.error === "missing_token" ? (letPass.get(request) ?? refusal) : refusal;
}

/**
 * Who is asking, undefined for a caller without a token who may pass, or why they are refused. `asOf`: as the framework knows
 * the request.
 */
export async function askGuard<Who extends AnyIdentity>(
  guard: Authenticator<Who>,
  request: GuardedRequest,
  { optional, asOf = request }: { optional?: boolean | undefined; asOf?: object },
): Promise<Who | undefined | GuardError> {
  try {
    return await guard.authenticate(request);
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    return mayPass(asOf, error, optional) ? undefined : error;
  }
}

/** Tells who is asking, or why they are refused. Throws a TypeError at once for roles or scopes that match nothing. */
export function judgeBy<Who extends AnyIdentity, Optional extends boolean>(
  guard: Authenticator<Who>,
  { optional, roles, scopes, recent }: Demands<Optional>,
): (request: GuardedRequest) => Promise<Caller<Who, Optional> | GuardError> {
  const requirements: Requirement[] = [];
  if (roles !== undefined) requirements.push(anyRole(roles));
  if (scopes !== undefined) requirements.push(allScopes(scopes));
  if (recent !== undefined) requirements.push(recentSignIn(recent));
  return async (request) => {
    const auth = await askGuard(guard, request, { optional });
    if (auth instanceof GuardError) return auth;
    for (const requirement of requirements) {
      const refusal = requirement(auth);
      if (refusal !== undefined) return refusalOf(request, refusal);
    }
    return auth as Caller<Who, Optional>;
  };
}
