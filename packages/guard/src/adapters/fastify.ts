/** The guard as a Fastify 5 plugin. It owns `request.auth`, and decides nothing about tokens. */
import type { FastifyPluginCallback, FastifyReply, onRequestAsyncHookHandler } from "fastify";
import { errorBody } from "../challenge.ts";
import { GuardError } from "../guard-error.ts";
import type { Guard } from "../guard.ts";
import type { Identity } from "../identity.ts";
import type { IssuersGuard } from "../issuers-guard.ts";
import { allScopes, anyRole, type Requirement } from "../requirements.ts";
import { toGuardedRequest } from "./node-request.ts";

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
export function authenticate(guard: Guard<OwnClaims> | IssuersGuard, { optional = false } = {}): FastifyPluginCallback {
  const plugin: FastifyPluginCallback = (app, _, done) => {
    if (!app.hasRequestDecorator("auth")) app.decorateRequest("auth", undefined);
    app.addHook("onRequest", async (request, reply) => {
      try {
        request.auth = (await guard.authenticate(toGuardedRequest(request.raw, request.originalUrl))) as RequestIdentity;
      } catch (error) {
        if (!(error instanceof GuardError)) throw error;
        if (!optional || error.error !== "missing_token") return refuse(reply, error);
        request.auth = undefined;
      }
    });
    done();
  };
  // As fastify-plugin does it: the hook belongs to the context that registers, not to one of its own.
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

function demand(name: string, requirement: Requirement): onRequestAsyncHookHandler {
  return async (request, reply) => {
    if (!("auth" in request)) throw new Error(`${name}() needs authenticate(guard) before it on this route`);
    const refusal = requirement(request.auth);
    return refusal === undefined ? undefined : refuse(reply, refusal);
  };
}

function refuse(reply: FastifyReply, refusal: GuardError): FastifyReply {
  return reply.code(refusal.status).headers(refusal.headers).send(errorBody(refusal));
}
