/** The guard as Express 5 middleware. It owns `req.auth`, and decides nothing about tokens. */
import type { RequestHandler, Response } from "express";
import { errorBody } from "../challenge.ts";
import { GuardError } from "../guard-error.ts";
import type { Guard } from "../guard.ts";
import type { AnyIdentity, Identity } from "../identity.ts";
import type { IssuersGuard } from "../issuers-guard.ts";
import { allScopes, anyRole, recentSignIn, type RecentOptions, type Requirement } from "../requirements.ts";
import { refusalOf } from "./demands.ts";
import { judgeNode } from "./node-request.ts";
import { answerResource, type Describing } from "./resource-answer.ts";

/** Your own claims in `req.auth.claims`: declare them in `module "@ostiary/guard/express"`. */
export interface OwnClaims {}

/** For guards of several issuers: declare `identity: AnyIdentity` in it, and `req.auth` has that type. */
export interface AuthTypes {}

type RequestIdentity = AuthTypes extends { identity: infer Who } ? Who : Identity<OwnClaims>;

declare global {
  namespace Express {
    interface Request {
      /** Who is asking. Set by `authenticate`; undefined on an optional route for callers without a token. */
      auth?: RequestIdentity | undefined;
    }
  }
}

/** Lets requests with a good access token pass, and sets `req.auth`; with `optional`, those without any token too. */
export function authenticate(guard: Guard<OwnClaims> | IssuersGuard, { optional = false } = {}): RequestHandler {
  const judge = judgeNode<AnyIdentity>(guard, optional);
  return (req, res, next) => {
    const admit = (verdict: AnyIdentity | undefined | GuardError): void => {
      if (verdict instanceof GuardError) return refuse(res, verdict);
      req.auth = verdict as RequestIdentity | undefined;
      next();
    };
    const verdict = judge(req, req.originalUrl, req);
    return verdict instanceof Promise ? verdict.then(admit) : admit(verdict);
  };
}

/** Serves what the guard says of the API (RFC 9728), at the path where clients look for it. Stands before all that is guarded. */
export function protectedResource(guard: Describing): RequestHandler {
  const answer = answerResource(guard);
  return (req, res, next) => {
    const answered = answer(req.method, req.originalUrl);
    if (answered === undefined) return next();
    res.status(answered.status).set(answered.headers).end(answered.body);
  };
}

/** Lets users with any of `roles` pass. Stands after `authenticate`. */
export function authorize(...roles: [string, ...string[]]): RequestHandler {
  return demand("authorize", anyRole(roles));
}

/** Lets tokens with all of `scopes` pass. Stands after `authenticate`. */
export function requireScope(...scopes: [string, ...string[]]): RequestHandler {
  return demand("requireScope", allScopes(scopes));
}

/** Lets users pass who signed in so recently, by such methods (RFC 9470). Stands after `authenticate`. */
export function requireRecent(options: RecentOptions): RequestHandler {
  return demand("requireRecent", recentSignIn(options));
}

function demand(name: string, requirement: Requirement): RequestHandler {
  return (req, res, next) => {
    if (!("auth" in req)) throw new Error(`${name}() needs authenticate(guard) before it on this route`);
    const refusal = requirement(req.auth);
    if (refusal !== undefined) return refuse(res, refusalOf(req, refusal));
    next();
  };
}

function refuse(res: Response, refusal: GuardError): void {
  res.status(refusal.status).set(refusal.headers).json(errorBody(refusal));
}
