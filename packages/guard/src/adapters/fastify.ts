/** The guard as a Fastify 5 plugin. It owns `request.auth`, and decides nothing about tokens. */
import type { FastifyPluginAsync, onRequestAsyncHookHandler } from "fastify";
import { GuardError } from "../guard-error.ts";
import type { Guard } from "../guard.ts";
import type { AnyIdentity, Identity } from "../identity.ts";
import type { IssuersGuard } from "../issuers-guard.ts";
import { allScopes, anyRole, recentSignIn, type RecentOptions, type Requirement } from "../requirements.ts";
import { refusalOf } from "./demands.ts";
import { refuse } from "./fastify-refusal.ts";
import { judgeNode } from "./node-request.ts";
import { answerResource, type Describing } from "./resource-answer.ts";

/** Your own claims in `request.auth.claims`: declare them in `module "@ostiary/guard/fastify"`. */
export interface OwnClaims {}

/** For guards of several issuers: declare `identity: AnyIdentity` in it, and `request.auth` has that type. */
export interface AuthTypes {}

type RequestIdentity = AuthTypes extends { identity: infer Who } ? Who : Identity<OwnClaims>;

declare module "fastify" {
  interface FastifyRequest {
    /** Who is asking. Set by `authenticate`; undefined on an optional route for callers without a token. */
    auth?: RequestIdentity | undefined;
  }
}

/** Guards every route of the context it is registered in, and sets `request.auth`; with `optional`, lets those without any token pass. */
export function authenticate(guard: Guard<OwnClaims> | IssuersGuard, { optional = false } = {}): FastifyPluginAsync {
  return ofItsContext(async (app) => {
    if (!app.hasRequestDecorator("auth")) app.decorateRequest("auth", undefined);
    const judge = judgeNode<AnyIdentity>(guard, optional);
    app.addHook("onRequest", async (request, reply) => {
      const verdict = await judge(request.raw, request.originalUrl, request);
      if (verdict instanceof GuardError) return refuse(reply, verdict);
      request.auth = verdict as RequestIdentity | undefined;
    });
  });
}

/**
 * Serves what the guard says of the API (RFC 9728), at the path where clients look for it. Registered before
 * `authenticate`, in the app itself.
 */
export function protectedResource(guard: Describing): FastifyPluginAsync {
  const answer = answerResource(guard);
  return ofItsContext(async (app) => {
    // A hook, which also sees what there is no route for: a route would be guarded with all others of its context.
    app.addHook("onRequest", async (request, reply) => {
      const answered = answer(request.method, request.originalUrl);
      return answered && reply.code(answered.status).headers(answered.headers).send(answered.body ?? "");
    });
  });
}

/** As fastify-plugin does it: the hook belongs to the context that registers, not to one of its own. */
function ofItsContext(plugin: FastifyPluginAsync): FastifyPluginAsync {
  return Object.assign(plugin, { [Symbol.for("skip-override")]: true, [Symbol.for("fastify.display-name")]: "@ostiary/guard" });
}

/** An `onRequest` hook that lets users with any of `roles` pass. Stands in a context with `authenticate`. */
export function authorize(...roles: [string, ...string[]]): onRequestAsyncHookHandler {
  return demand("authorize", anyRole(roles));
}

/** An `onRequest` hook that lets tokens with all of `scopes` pass. Stands in a context with `authenticate`. */
export function requireScope(...scopes: [string, ...string[]]): onRequestAsyncHookHandler {
  return demand("requireScope", allScopes(scopes));
}

/** An `onRequest` hook that lets users pass who signed in so recently, by such methods (RFC 9470). Stands in a context with `authenticate`. */
export function requireRecent(options: RecentOptions): onRequestAsyncHookHandler {
  return demand("requireRecent", recentSignIn(options));
}

function demand(name: string, requirement: Requirement): onRequestAsyncHookHandler {
  return async (request, reply) => {
    if (!("auth" in request)) throw new Error(`${name}() needs authenticate(guard) before it on this route`);
    const refusal = requirement(request.auth);
    return refusal === undefined ? undefined : refuse(reply, refusalOf(request, refusal));
  };
}
