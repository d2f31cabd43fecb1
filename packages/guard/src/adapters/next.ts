/**
 * The guard in a Next app (App Router): for `proxy.ts`, server components, route handlers and server actions, by the cookie
 * with the access token that the issuer sets at its `/continue`. It refreshes nothing itself, and decides nothing about tokens.
 */
import { buildNextAuth, type NextAuth, type NextAuthOptions } from "./next/create-next-auth.ts";
import { nextFunctions } from "./next/next-functions.ts";

export type { NextActions } from "./next/create-actions.ts";
export type { NextAuth, NextAuthOptions } from "./next/create-next-auth.ts";
export type { Demands } from "./demands.ts";

/** Throws a TypeError for an option that is missing or unknown. Nothing is asked of the guard before the first request. */
export function createNextAuth<Claims extends object = object>(options: NextAuthOptions<Claims>): NextAuth<Claims> {
  return buildNextAuth(options, nextFunctions);
}
