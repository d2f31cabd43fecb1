/**
 * Wire types and constants of Ostiary, and nothing else: claims, API bodies, the error table, revocation entries.
 * No behaviour lives here; every other package may import this one, and this one imports nothing.
 */
export * from "./api.ts";
export * from "./claims.ts";
export * from "./cookies.ts";
export * from "./errors.ts";
export * from "./feed.ts";
export * from "./introspection.ts";
export * from "./mail.ts";
export * from "./revocation.ts";
