import { FOREIGN_CLOCK_MS } from "../clock.ts";
import { isApiScope } from "../tokens/scope-names.ts";
import { MFA_ACR } from "../sessions/authentication.ts";
import type { Acr } from "../sessions/authentication.ts";
import type { AuthorizationErrorCode, AuthorizationRequest } from "./authorization-request.ts";

/** A sign-in that was asked for counts for what asked for it only so long: whoever comes back later is asked again. */
const FRESH_MS = 5 * 60_000;

/** What is known beside the request. Times in milliseconds. */
export interface AuthorizationState {
  /**
   * Who is signed in with this browser, since when, when they proved it, null if another issuer has, and does not tell, and
   * how.
   */
  readonly signOn: {
    readonly userId: string;
    readonly since: number;
    readonly authTime: number | null;
    readonly acr: Acr | null;
  } | null;
  /** Whom the client means, by an ID token of ours that it showed. */
  readonly hintedUserId: string | null;
  /** When this request last sent the person to sign in, if it did. */
  readonly askedAt: number | null;
  /** What they answered on the consent page to this request. */
  readonly answer: "allow" | "deny" | null;
  /** What they allowed the client before. */
  readonly allowedScopes: readonly string[];
  readonly now: number;
}

export type AuthorizationDecision =
  | { readonly kind: "sign_in" }
  | { readonly kind: "ask" }
  | { readonly kind: "refuse"; readonly code: AuthorizationErrorCode; readonly description: string }
  | { readonly kind: "issue" };

/** What comes next of a request that is in order. It never asks for the same thing twice without an end. */
export function decideAuthorization(request: AuthorizationRequest, state: AuthorizationState): AuthorizationDecision {
  if (state.answer === "deny") return refuse("access_denied", "The user did not allow it.");
  const isSilent = request.prompts.has("none");
  const { signOn, hintedUserId } = state;
  const isMeant = signOn !== null && (hintedUserId === null || hintedUserId === signOn.userId);
  if (!isMeant && hasJustSignedIn(state)) {
    return refuse("login_required", "Another user than the one of id_token_hint is signed in.");
  }
  if (!isMeant || mustSignInAgain(request, state, signOn)) {
    return isSilent ? refuse("login_required", "The user has to sign in.") : { kind: "sign_in" };
  }
  // With max_age the client is told when it was (OIDC Core §3.1.2.1): to ask the same issuer again would go round for ever.
  if (request.maxAgeSeconds !== null && signOn.authTime === null) {
    return refuse("login_required", "Nobody here knows when the user last proved who they are.");
  }
  if (mustAsk(request, state)) return isSilent ? refuse("consent_required", "The user has to be asked.") : { kind: "ask" };
  return { kind: "issue" };
}

/** Because we asked for it: what asked for it is satisfied, and would not be if it were asked once more. */
function hasJustSignedIn({ signOn, askedAt, now }: AuthorizationState): boolean {
  if (signOn === null || askedAt === null) return false;
  const { since, authTime } = signOn;
  return since >= askedAt && now - since <= FRESH_MS && (authTime === null || authTime >= askedAt - FOREIGN_CLOCK_MS);
}

function mustSignInAgain(
  { prompts, maxAgeSeconds, wishedAcr }: AuthorizationRequest,
  state: AuthorizationState,
  { authTime, acr }: NonNullable<AuthorizationState["signOn"]>,
): boolean {
  const isTooOld =
    maxAgeSeconds !== null && (maxAgeSeconds === 0 || authTime === null || state.now - authTime > maxAgeSeconds * 1000);
  // Two factors answer for a password; of another issuer's word nothing is known. Whoever has been asked, and came back with
  // less, goes on with what there is: it is a wish (OIDC Core §3.1.2.1).
  const isLess = wishedAcr !== null && acr !== wishedAcr && acr !== MFA_ACR;
  return (isTooOld || isLess || prompts.has("login") || prompts.has("select_account")) && !hasJustSignedIn(state);
}

/**
 * Once for the same client and scopes; each time of one that came by itself, and where nothing proves that it is this client
 * who gets the answer: any program on a device can listen where another did (RFC 8252 §8.6).
 */
function mustAsk(
  { replyTo, scopes, resources, prompts }: AuthorizationRequest,
  { answer, allowedScopes }: AuthorizationState,
): boolean {
  const isAllowed = scopes.every((scope) => allowedScopes.includes(scope));
  // Only as long as it stands: whoever takes it back, and comes by the same address again, is asked again.
  if (answer === "allow" && isAllowed) return false;
  if (prompts.has("consent")) return true;
  if (replyTo.client.registration.firstParty) return false;
  // What is remembered are scopes: of an API that the client gets into by its name alone nothing was told before.
  if (resources.length > 0 && !scopes.some(isApiScope)) return true;
  return isAskedEachTime(replyTo) || allowedScopes.length === 0 || !isAllowed;
}

/** Whether the answer to this client is never remembered. */
export function isAskedEachTime({
  client: { registration, selfRegistered },
  redirectUri,
}: AuthorizationRequest["replyTo"]): boolean {
  // Of a client that came by itself nobody knows who it is.
  if (selfRegistered !== undefined) return true;
  return !registration.firstParty && registration.tokenEndpointAuthMethod === "none" && !redirectUri.startsWith("https://");
}

function refuse(code: AuthorizationErrorCode, description: string): AuthorizationDecision {
  return { kind: "refuse", code, description };
}
