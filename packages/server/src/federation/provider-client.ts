import { FOREIGN_CLOCK_MS } from "../clock.ts";
import type { OpenIdProvider, SignInProvider } from "./provider.ts";

/** What the provider is asked. */
export interface AskedOfProvider {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** People have to prove anew who they are. */
  readonly anew: boolean;
  readonly loginHint: string | null;
  readonly locale: string;
}

/** What an answer has to fit. */
export interface Expected extends Pick<AskedOfProvider, "state" | "nonce" | "verifier"> {
  /** They had to prove anew who they are, from this time on; in milliseconds. Null: whenever it was. */
  readonly anewSince: number | null;
  /** The request that brought it, by our own name. */
  readonly url: URL;
}

/** Who somebody is, by a provider's word, which has been checked. */
export interface Profile {
  readonly issuer: string;
  readonly subject: string;
  /** Of the form of an address, or null. */
  readonly email: string | null;
  /** Whether the provider says so and is trusted with it. */
  readonly emailVerified: boolean;
  readonly name: string | null;
  /** For people, to tell several identities apart. */
  readonly label: string | null;
  /** When they proved who they are, if it told; in milliseconds. */
  readonly authTime: number | null;
}

/** One provider. Both throw a FederationError. */
export interface ProviderClient {
  readonly provider: SignInProvider;
  authorizationUrl(asked: AskedOfProvider): Promise<URL>;
  exchange(expected: Expected): Promise<Profile>;
}

/**
 * - `expired`: no sign-in of this browser with this provider is under way that this could be the answer to.
 * - `denied`: the person has turned back there.
 * - `unavailable`: the provider does not answer, or does not know us.
 * - `refused`: the answer does not hold.
 * - `no_email`: it tells no address, and an account needs one.
 * - `disabled`, `taken`, `other_account`: whom it is about cannot sign in here; is somebody else's; or is not who began.
 */
export type FederationProblem =
  "expired" | "denied" | "unavailable" | "refused" | "no_email" | "disabled" | "taken" | "other_account";

/** Why somebody did not get in by another issuer. The message and cause are for the operator. */
export class FederationError extends Error {
  override readonly name = "FederationError";
  readonly problem: FederationProblem;

  constructor(problem: FederationProblem, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.problem = problem;
  }
}

/** What the request adds where people have to prove anew who they are. Whoever is asked for `login` has to say when they did. */
export function reauthenticationOf({
  reauthentication,
}: Pick<OpenIdProvider, "reauthentication">): Readonly<Record<string, string>> {
  return reauthentication === "select_account" ? { prompt: "select_account" } : { prompt: "login", max_age: "0" };
}

/** Throws `refused` if it was before that: the provider has not asked, though it was to. */
export function requireAnew({ name, reauthentication }: OpenIdProvider, authTime: number | null, since: number): void {
  if (reauthentication === "select_account") return;
  if (authTime !== null && authTime >= since - FOREIGN_CLOCK_MS) return;
  throw new FederationError("refused", `${name} was to ask anew who it is, and does not say that it has.`);
}

/** How long a sign-in may be under way. */
export const TRANSACTION_SECONDS = 600;
