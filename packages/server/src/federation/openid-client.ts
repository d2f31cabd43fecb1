import type * as openid from "openid-client";
import { FederationError } from "./provider-client.ts";
import { isInsecure } from "./provider.ts";
import type { SignInProvider } from "./provider.ts";

type OpenIdClient = typeof openid;

let loaded: Promise<OpenIdClient> | undefined;

/** Loaded when somebody signs in with another issuer for the first time: most starts need none of it. */
export function openIdClient(): Promise<OpenIdClient> {
  return (loaded ??= import("openid-client"));
}

/** What every configuration is given: http is for this machine alone, which the settings have made sure of. */
export function transportOf(address: string, client: OpenIdClient): ((configuration: openid.Configuration) => void)[] {
  // oxlint-disable-next-line typescript/no-deprecated -- to make it stand out, as it says, and not to go
  return isInsecure(address) ? [client.allowInsecureRequests] : [];
}

/** What a provider has to answer in. */
export const PATIENCE_SECONDS = 5;

/** What the person and the operator have to know of a failure. */
export function failureOf(
  error: unknown,
  { AuthorizationResponseError, ResponseBodyError }: OpenIdClient,
  { name }: SignInProvider,
): FederationError {
  if (error instanceof FederationError) return error;
  if (error instanceof AuthorizationResponseError) {
    const isTheirs = error.error === "access_denied";
    return new FederationError(isTheirs ? "denied" : "refused", `${name} answered ${clipped(error.error)}.`, error);
  }
  // A code that is none is somebody's try; whatever else it refuses is the registration's fault.
  if (error instanceof ResponseBodyError) {
    const problem = error.error === "invalid_grant" ? "refused" : "unavailable";
    return new FederationError(problem, `${name} refused our request: ${clipped(error.error)}.`, error);
  }
  const { code } = error as { code?: unknown };
  const isSilent = UNREACHED.has(String(code)) || (error instanceof TypeError && /fetch/i.test(error.message));
  const problem = isSilent ? "unavailable" : "refused";
  const why = isSilent ? "does not answer" : "gave an answer that does not hold";
  return new FederationError(problem, `${name} ${why}${typeof code === "string" ? ` (${code})` : ""}.`, error);
}

/** It was not reached, or not in time, or answered with something that is of no specification. */
const UNREACHED = new Set(["OAUTH_TIMEOUT", "OAUTH_ABORT", "OAUTH_RESPONSE_IS_NOT_CONFORM", "OAUTH_RESPONSE_IS_NOT_JSON"]);

function clipped(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 80);
}
