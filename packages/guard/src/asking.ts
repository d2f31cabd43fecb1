/**
 * The WWW-Authenticate header of refusals (RFC 9110 §11.6.1): how a guard asks for tokens. A refusal may be made where no
 * guard is known; the guard that it passes on its way out puts its own challenge on it.
 */
import type { ErrorName } from "@ostiary/protocol";
import { DPOP_ALGORITHMS } from "./dpop/dpop-proof.ts";
import { GuardError, type GuardErrorDetail } from "./guard-error.ts";

export type Scheme = "Bearer" | "DPoP";

/** What a guard's challenges say beside what is wrong. */
export interface Asking {
  /** Where the API describes itself (RFC 9728 §5.1). */
  readonly resourceMetadata: string | undefined;
  /** The ways a token may come: those are named to callers who bring none. */
  readonly schemes: readonly Scheme[];
}

/** How an identity came to be let in. */
export interface Admission {
  readonly asking: Asking;
  readonly scheme: Scheme;
  /** The guard's own: milliseconds since the epoch. */
  readonly clock: () => number;
  /** Whether an Ostiary has named it. */
  readonly isOurs: boolean;
}

/** For guards that know no more of their API, and as long as no guard is known. */
export const PLAINLY: Asking = { resourceMetadata: undefined, schemes: ["Bearer"] };

const ALGS = `algs="${DPOP_ALGORITHMS.join(" ")}"`;

interface Challenge {
  readonly parameters: Readonly<Record<string, string>>;
  /** The scheme to come back by, if it is not the one that was come by. */
  readonly scheme: Scheme | undefined;
}

const challenges = new WeakMap<GuardError, Challenge>();
const admissions = new WeakMap<object, Admission>();

/** Remembers who let this identity in, and how it came, for what is refused later on the way. */
export function noteAdmission(identity: object, admission: Admission): void {
  admissions.set(identity, admission);
}

/** Undefined for what no guard of this module has let in. */
export function admissionOf(identity: object): Admission | undefined {
  return admissions.get(identity);
}

/** The refusal of what somebody may not do who was let in. */
export function forAdmitted(refusal: GuardError, identity: object | undefined): GuardError {
  const admission = identity && admissions.get(identity);
  return admission === undefined ? refusal : askedBy(refusal, admission.asking, admission.scheme);
}

/** The same refusal, challenging as this guard does; what has no challenge stays as it is. */
export function askedBy<Thrown>(refusal: Thrown, asking: Asking, scheme: Scheme): Thrown | GuardError {
  if (!(refusal instanceof GuardError)) return refusal;
  const challenge = challenges.get(refusal);
  if (challenge === undefined) return refusal;
  const { error, message, reason, cause, headers } = refusal;
  const header = challengeHeader(challenge, asking, scheme);
  const asked = new GuardError(error, { message, reason, cause, headers: { ...headers, "WWW-Authenticate": header } });
  challenges.set(asked, challenge);
  return asked;
}

/** A refusal with a challenge. `parameters`: none, and it names no error; `scheme`: the one to come back by. */
export function challenged(
  error: ErrorName,
  { headers, ...detail }: Omit<GuardErrorDetail, "headers"> & Partial<Pick<GuardErrorDetail, "headers">>,
  parameters: Readonly<Record<string, string>>,
  scheme?: Scheme,
): GuardError {
  const challenge = { parameters, scheme };
  const header = challengeHeader(challenge, PLAINLY, "Bearer");
  const refusal = new GuardError(error, { ...detail, headers: { ...refusalHeaders(header), ...headers } });
  challenges.set(refusal, challenge);
  return refusal;
}

/** RFC 9110 §11.6.1: one challenge for each scheme there is to choose from, and one alone where something is wrong. */
function challengeHeader({ parameters, scheme }: Challenge, asking: Asking, cameBy: Scheme): string {
  const schemes = Object.keys(parameters).length === 0 ? asking.schemes : [scheme ?? cameBy];
  const said = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
  if (asking.resourceMetadata !== undefined) said.push(`resource_metadata="${asking.resourceMetadata}"`);
  return schemes.map((each) => [each, [...said, ...(each === "DPoP" ? [ALGS] : [])].join(", ")].join(" ").trimEnd()).join(", ");
}

export function refusalHeaders(challenge?: string): Record<string, string> {
  return { "Cache-Control": "no-store", ...(challenge === undefined ? {} : { "WWW-Authenticate": challenge }) };
}
