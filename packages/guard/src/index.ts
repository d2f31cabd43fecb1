/**
 * The API side of Ostiary: verifies access tokens in memory, with keys it finds by itself.
 * Adapters for frameworks stand beside this under their own paths, `@ostiary/guard/express` and so on.
 */
export { errorBody, errorResponse } from "./challenge.ts";
export { createGuard } from "./create-guard.ts";
export type { GuardOptions } from "./create-guard.ts";
export type { GuardedRequest } from "./extract-token.ts";
export type { Fetch } from "./fetch-json.ts";
export type { RevocationOptions } from "./followed-revocations.ts";
export { GuardError } from "./guard-error.ts";
export type { Guard, GuardStatus } from "./guard.ts";
export type { Identity } from "./identity.ts";
export type { KeyStatus } from "./key-source.ts";
export type { RevocationStatus } from "./revocation-source.ts";
export type { WhenStale } from "./stale-alarm.ts";
