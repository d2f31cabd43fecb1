/** What the processes of the suite tell each other, beside what all suites do. */
import type { Drive } from "../../processes/messages.ts";

export const OPERATIONS = ["authorize", "exchange", "refresh"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Told to the load generator. */
export interface OperationDrive extends Drive {
  readonly operation: Operation;
  /** How many codes are to be exchanged; it ends when they are. */
  readonly codes: number;
  /** Only make ready, and answer null. */
  readonly prepare?: boolean;
}

/** Told to a server, as an argument. */
export interface ServerOptions {
  readonly port: number;
  readonly issuer: string;
  /** Where the credentials of the client are to be written, once the server listens. */
  readonly credentialsFile: string;
  /** What theirs gives as access tokens; of no meaning to ours. */
  readonly accessTokens: "jwt" | "opaque";
  /** Where it keeps what it knows. Empty, for theirs: in maps. */
  readonly databaseUrl: string;
}

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export const REDIRECT_URI = "https://rp.example/callback";
export const API = "https://api.example";
export const PEOPLE = 64;
export const PASSWORD = "correct horse battery staple";
export const emailOf = (i: number): string => `person-${i}@example.com`;
