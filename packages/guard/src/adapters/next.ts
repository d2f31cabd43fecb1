/**
 * The guard in a Next app (App Router): for `proxy.ts`, server components, route handlers and server actions, by the cookie
 * with the access token that the issuer sets at its `/continue`. It refreshes nothing itself, and decides nothing about tokens.
 */
import { buildNextAuth, type NextAuth, type NextAuthOptions } from "./next/create-next-auth.ts";
import { nextFunctions } from "./next/next-functions.ts";

import { respondWithResource, type Describing } from "./resource-answer.ts";

export type { NextActions } from "./next/create-actions.ts";
export type { NextAuth, NextAuthOptions } from "./next/create-next-auth.ts";
export type { Demands } from "./demands.ts";

/** Throws a TypeError for an option that is missing or unknown. Nothing is asked of the guard before the first request. */
export function createNextAuth<Claims extends object = object>(options: NextAuthOptions<Claims>): NextAuth<Claims> {
  return buildNextAuth(options, nextFunctions);
}

type ResourceHandler = (request: Request) => Promise<Response>;

/**
 * Route handlers that serve what the guard says of the API (RFC 9728): for the file
 * `app/.well-known/oauth-protected-resource/[[...path]]/route.ts`. A function is called at each request.
 */
export function protectedResource(
  guard: Describing | (() => Describing | Promise<Describing>),
): Record<"GET" | "HEAD" | "OPTIONS", ResourceHandler> {
  const handle: ResourceHandler = async (request) => {
    const respond = respondWithResource(typeof guard === "function" ? await guard() : guard);
    return respond(request) ?? new Response(null, { status: 404 });
  };
  return { GET: handle, HEAD: handle, OPTIONS: handle };
}
