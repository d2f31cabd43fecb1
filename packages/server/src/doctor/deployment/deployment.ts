import type { ClientCredentials } from "../../clients/client.ts";
import type { Clock } from "../../clock.ts";

/** The server to look at. */
export interface Deployment {
  /** The URL people and guards know it by. */
  readonly issuer: string;
  /** How long it publishes a key before its use, in seconds; null where its settings are not known here. */
  readonly publishAheadSeconds: number | null;
  /** Credentials of a guard, if there are any. */
  readonly guard: ClientCredentials | null;
  /** Whether somebody said that it runs. */
  readonly expected: boolean;
  readonly clock: Clock;
}
