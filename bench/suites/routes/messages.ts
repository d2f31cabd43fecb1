/** What the processes of this suite tell each other, beside what all suites do. */
import type { Jwk } from "@ostiary/jwt";
import type { Drive } from "../../processes/messages.ts";

export const ROUTES = ["login", "refresh", "me", "introspect", "jwks"] as const;
export type Route = (typeof ROUTES)[number];

/** Told to the load generator. */
export interface RouteDrive extends Drive {
  readonly route: Route;
}

/** Told to the load generator, in a file. */
export interface Material {
  readonly issuer: string;
  readonly accessTokens: readonly string[];
  readonly refreshTokens: readonly string[];
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Told to the floor, as an argument. */
export interface FloorOptions {
  readonly port: number;
  readonly issuer: string;
  readonly file: string;
  readonly accessKey: Jwk;
  readonly refreshSecret: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export const PASSWORD = "correct horse battery staple";
export const emailOf = (i: number): string => `user${i}@example.com`;
