/** The guard as Hono middleware. It owns the variable `auth`, and decides nothing about tokens. */
import type { MiddlewareHandler } from "hono";
import { errorResponse } from "../challenge.ts";
import { GuardError } from "../guard-error.ts";
import type { AnyIdentity, Identity } from "../identity.ts";
import { allScopes, anyRole, recentSignIn, type RecentOptions, type Requirement } from "../requirements.ts";
import { mayPass, refusalOf, type Authenticator, type Caller } from "./demands.ts";
import { respondWithResource, type Describing } from "./resource-answer.ts";

/** For `new Hono<AuthEnv>()`: who is asking, as `c.var.auth`. `AuthEnv<Identity | undefined>` behind an optional guard. */
export interface AuthEnv<Who extends AnyIdentity | undefined = Identity> {
  Variables: { auth: Who };
}

/** Lets requests with a good access token pass, and sets `c.var.auth`; with `optional`, those without any token too. */
export function authenticate<Who extends AnyIdentity, const Optional extends boolean = false>(
  guard: Authenticator<Who>,
  { optional }: { readonly optional?: Optional } = {},
): MiddlewareHandler<AuthEnv<Caller<Who, Optional>>> {
  return async (c, next) => {
    try {
      c.set("auth", (await guard.authenticate(c.req.raw)) as Caller<Who, Optional>);
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      if (!mayPass(c, error, optional)) return errorResponse(error);
      c.set("auth", undefined as Caller<Who, Optional>);
    }
    return next();
  };
}

/** Serves what the guard says of the API (RFC 9728), at the path where clients look for it. Stands before all that is guarded. */
export function protectedResource(guard: Describing): MiddlewareHandler {
  const respond = respondWithResource(guard);
  return async (c, next) => respond(c.req.raw) ?? next();
}

/** Lets users with any of `roles` pass. Stands after `authenticate`. */
export function authorize(...roles: [string, ...string[]]): MiddlewareHandler {
  return demand("authorize", anyRole(roles));
}

/** Lets tokens with all of `scopes` pass. Stands after `authenticate`. */
export function requireScope(...scopes: [string, ...string[]]): MiddlewareHandler {
  return demand("requireScope", allScopes(scopes));
}

/** Lets users pass who signed in so recently, by such methods (RFC 9470). Stands after `authenticate`. */
export function requireRecent(options: RecentOptions): MiddlewareHandler {
  return demand("requireRecent", recentSignIn(options));
}

function demand(name: string, requirement: Requirement): MiddlewareHandler {
  return async (c, next) => {
    if (!("auth" in c.var)) throw new Error(`${name}() needs authenticate(guard) before it on this route`);
    const refusal = requirement(c.get("auth") as AnyIdentity | undefined);
    return refusal === undefined ? next() : errorResponse(refusalOf(c, refusal));
  };
}
