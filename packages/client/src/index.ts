/**
 * Sign-in for apps: keeps a session alive and its access token fresh, in memory only, in step with the other tabs.
 * Owns no user interface (that is `@ostiary/client/react`) and verifies no token (that is `@ostiary/guard`).
 */
export { AuthError } from "./auth-error.ts";
export type { AuthErrorCode } from "./auth-error.ts";
export { createAuthClient } from "./client.ts";
export type { AuthClient, AuthClientOptions, Credentials, Registration } from "./client.ts";
export type { PasskeyStep, SecondFactor, SecondStep } from "./second-step.ts";
export type { AuthReason, AuthSnapshot } from "./session.ts";
export type { TokenStorage } from "./token-storage.ts";
