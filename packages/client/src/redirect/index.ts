/**
 * Sign-in by redirect (authorization code with PKCE), for apps on another site than the auth server and for those that leave
 * the password to its pages. Owns the way there and back; the session it brings is kept as every client's is.
 */
export { AuthError } from "../auth-error.ts";
export type { AuthErrorCode } from "../auth-error.ts";
export type { Profile } from "./id-token.ts";
export { createRedirectClient } from "./redirect-client.ts";
export type { RedirectClient, RedirectClientOptions } from "./redirect-client.ts";
export type { SignInOptions } from "./sign-in.ts";
