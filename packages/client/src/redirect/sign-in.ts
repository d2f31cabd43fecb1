/**
 * The way to the auth server's sign-in and back (OAuth 2.1 §4.1): what is asked, what is noted in this tab meanwhile, and
 * whether what comes back is the answer to it. Exchanges nothing.
 */
import { AuthError } from "../auth-error.ts";
import type { AuthErrorCode } from "../auth-error.ts";
import { hashOf } from "../base64url.ts";
import type { Tab } from "./tab.ts";

/** As it was registered, character by character, and where answers are waited for. */
export interface App {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

export interface SignInOptions {
  /** Where in the app to go on afterwards. Default: here. An address of another origin counts for nothing. */
  readonly returnTo?: string | undefined;
  /**
   * `none`: only if nobody need be asked, else the answer is an error such as `login_required`. `login`: with the password,
   * whoever is signed in there. `consent`: ask again what the app may do.
   */
  readonly prompt?: "none" | "login" | "consent" | undefined;
  /** The e-mail to begin with. */
  readonly loginHint?: string | undefined;
}

/** What only this tab knows of a sign-in that is under way. */
interface Transaction {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
}

/** A code that can be exchanged, and what goes with it. */
export interface Arrival extends Omit<Transaction, "state"> {
  readonly code: string;
}

const ANSWER = ["code", "state", "iss", "error", "error_description", "error_uri"] as const;
const REFUSALS: readonly string[] = [
  "access_denied",
  "login_required",
  "consent_required",
  "invalid_request",
  "invalid_scope",
  "invalid_target",
  "unauthorized_client",
] satisfies AuthErrorCode[];

const noteOf = ({ issuer, clientId }: App): string => `ostiary ${issuer} ${clientId} sign-in`;

/** Notes the transaction and returns where to go. `more`: the parameters that are the app's affair. */
export async function beginSignIn(
  tab: Tab,
  app: App,
  newKey: () => string,
  { returnTo, prompt, loginHint }: SignInOptions,
  more: readonly (readonly [string, string])[],
): Promise<string> {
  const transaction: Transaction = {
    state: newKey(),
    nonce: newKey(),
    // 64 characters of the 43 to 128 that RFC 7636 §4.1 takes.
    verifier: newKey() + newKey(),
    returnTo: pathWithin(tab, returnTo ?? wayBackTo(tab, app)),
  };
  const url = new URL(`${app.issuer}/oauth/authorize`);
  const asked: (readonly [string, string | undefined])[] = [
    ["response_type", "code"],
    ["client_id", app.clientId],
    ["redirect_uri", app.redirectUri],
    ["state", transaction.state],
    ["nonce", transaction.nonce],
    ["code_challenge", await hashOf(transaction.verifier)],
    ["code_challenge_method", "S256"],
    ["prompt", prompt],
    ["login_hint", loginHint],
    ...more,
  ];
  for (const [name, value] of asked) if (value !== undefined) url.searchParams.append(name, value);
  // One at a time: a tab shows one page.
  tab.notes.write(noteOf(app), JSON.stringify(transaction));
  return url.href;
}

/**
 * Takes the answer out of the address, with what was noted of the question: nobody finds either a second time. Null if the
 * address is no answer for this app. Throws an `AuthError` with what the server refused, or `foreign_answer`.
 */
export function takeArrival(tab: Tab, app: App): Arrival | null {
  const address = new URL(tab.address());
  const { origin, pathname } = new URL(app.redirectUri);
  const answer = new URLSearchParams(address.search);
  const isAnswer = answer.has("state") && (answer.has("code") || answer.has("error"));
  if (!isAnswer || address.origin !== origin || address.pathname !== pathname) return null;

  for (const name of ANSWER) address.searchParams.delete(name);
  tab.rewrite(address.href);
  const noted = tab.notes.read(noteOf(app));
  tab.notes.write(noteOf(app), null);

  const { state, ...transaction } = parse(noted) ?? {};
  // Of this tab's own asking (RFC 9700 §4.7), and from whom it was asked (RFC 9207 §2.4).
  if (state === undefined || answer.get("state") !== state || answer.get("iss") !== app.issuer) {
    const message = "This is no answer to a sign-in that this tab has begun, or not to the last one.";
    throw new AuthError("foreign_answer", message);
  }
  const code = answer.get("code");
  if (code === null) throw refusalOf(answer);
  return { ...(transaction as Omit<Transaction, "state">), code };
}

function refusalOf(answer: URLSearchParams): AuthError {
  const error = answer.get("error") ?? "";
  const code = REFUSALS.includes(error) ? (error as AuthErrorCode) : "unexpected_answer";
  return new AuthError(code, answer.get("error_description") ?? error);
}

/** Here; but not to where answers are taken, which is a page for nobody to stay on. */
function wayBackTo(tab: Tab, { redirectUri }: App): string {
  const here = new URL(tab.address());
  return here.pathname === new URL(redirectUri).pathname ? "/" : here.href;
}

/** As routers take it, from the slash on. Two slashes at the start would name another host. */
function pathWithin(tab: Tab, returnTo: string): string {
  const here = tab.address();
  const { origin, pathname, search, hash } = URL.canParse(returnTo, here) ? new URL(returnTo, here) : new URL("/", here);
  return origin === new URL(here).origin ? pathname.replace(/^\/+/, "/") + search + hash : "/";
}

function parse(noted: string | null): Partial<Transaction> | null {
  try {
    return JSON.parse(noted ?? "null") as Partial<Transaction> | null;
  } catch {
    return null;
  }
}
