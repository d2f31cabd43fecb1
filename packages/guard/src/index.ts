/**
 * The API side of Ostiary: verifies access tokens in memory, with keys it finds by itself, of Ostiary and of others.
 * Adapters for frameworks stand beside this under their own paths, `@ostiary/guard/express` and so on.
 */
export { errorBody, errorResponse } from "./challenge.ts";
export { createGuard } from "./create-guard.ts";
export type { CommonOptions, GuardOptions, IssuersGuardOptions } from "./create-guard.ts";
export type { DpopOptions } from "./dpop/dpop-options.ts";
export { createReplayMemory, redisReplays } from "./dpop/replay-memory.ts";
export type { RedisLike, RedisReplaysOptions, ReplayMemoryOptions, ReplayStore } from "./dpop/replay-memory.ts";
export type { GuardedRequest } from "./extract-token.ts";
export type { Fetch } from "./fetch-json.ts";
export type { RevocationOptions } from "./followed-revocations.ts";
export { GuardError } from "./guard-error.ts";
export type { Guard, GuardStatus, IssuerGuard } from "./guard.ts";
export type { AnyIdentity, Identity } from "./identity.ts";
export type { IssuersGuard, IssuersStatus } from "./issuers-guard.ts";
export { auth0 } from "./issuers/auth0.ts";
export type { Auth0Options } from "./issuers/auth0.ts";
export { keycloak } from "./issuers/keycloak.ts";
export type { KeycloakOptions } from "./issuers/keycloak.ts";
export { oidc } from "./issuers/oidc.ts";
export type { OidcOptions } from "./issuers/oidc.ts";
export { ostiary } from "./issuers/ostiary.ts";
export type { OstiaryOptions } from "./issuers/ostiary.ts";
export { supabase } from "./issuers/supabase.ts";
export type { SupabaseOptions } from "./issuers/supabase.ts";
export type { IssuerOptions, TrustedIssuer } from "./issuers/trusted-issuer.ts";
export type { KeyStatus } from "./key-source.ts";
export { checkRecent } from "./check-recent.ts";
export type { RecentOptions } from "./requirements.ts";
export type { ResourceDocument, ResourceMetadata, ResourceOptions } from "./protected-resource.ts";
export type { RevocationStatus } from "./revocation-source.ts";
export type { WhenStale } from "./stale-alarm.ts";
