/** What an API under test is told, as an argument. */
export interface ApiSettings {
  readonly kind: ApiKind;
  readonly port: number;
  readonly issuer: string;
  /** Of the auth server's client for guards. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Access tokens of HS256. */
  readonly secret: string;
  /** Access tokens of RS256. */
  readonly publicPem: string;
  /** Empty where there is none. */
  readonly redisUrl: string;
  readonly folder: string;
}

export type ApiKind = (typeof API_KINDS)[number];

export const API_KINDS = [
  "open",
  "ostiary",
  "ostiary-hs256",
  "ostiary-remembering",
  "ostiary-no-feed",
  "jsonwebtoken",
  "jsonwebtoken-key-object",
  "jsonwebtoken-denylist",
  "express-jwt",
  "express-session",
  "express-session-redis",
  "better-auth",
  "better-auth-cookie-cache",
] as const;

/**
 * `maxCachedTokens` of `ostiary-remembering`: twice as many as there are people in the claim. The memory has two halves, and who
 * comes again only after as many others as one half holds may be forgotten.
 */
export const REMEMBERED = 200_000;

export const SESSION_SECRET = "a secret of the benchmarks: 0123456789 abcdef";
export const PASSWORD = "correct horse battery staple";
