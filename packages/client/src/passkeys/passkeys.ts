import type { User } from "@ostiary/protocol";
import { AuthError } from "../auth-error.ts";
import type { PasskeyErrorCode } from "../auth-error.ts";
import type { AuthClient } from "../client.ts";
import { systemEnvironment } from "../environment.ts";
import { createIssuerApi } from "../issuer-api.ts";
import type { IssuerApi } from "../issuer-api.ts";

export interface PasskeyOptions {
  /** Of the error `mfa_required`: the passkey is the second step. Without it, it stands in place of the password. */
  readonly mfaToken?: string | undefined;
  /** Whether the session lasts longer; the first step says so where there was one. Default false. */
  readonly remember?: boolean | undefined;
  /**
   * Offers passkeys where the browser fills in forms (`autocomplete="username webauthn"`), rather than ask at once; for as
   * long as the page is open.
   */
  readonly autofill?: boolean | undefined;
  /** Ends the asking: the promise rejects with `passkey_cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

export interface AddedPasskey {
  readonly passkey: { readonly id: string; readonly name: string; readonly createdAt: string };
  /** Where it is the account's first second factor: codes for the day it is lost, shown this once. Else null. */
  readonly recoveryCodes: readonly string[] | null;
}

interface PasskeyQuestion {
  readonly options: PublicKeyCredentialRequestOptionsJSON;
  readonly passkeyToken: string;
  readonly expiresIn: number;
}

/** Before the server has forgotten what it asked: for whoever is choosing just then. */
const MARGIN_SECONDS = 60;

/** Whether this browser can be asked for a passkey. False on a server. */
export function supportsPasskeys(): boolean {
  return "parseRequestOptionsFromJSON" in (globalThis.PublicKeyCredential ?? {});
}

/**
 * Signs in by a passkey. Rejects with an `AuthError`: `passkeys_unsupported`, `passkey_cancelled` if none was given,
 * `passkey_failed` if the browser could not (its error is the `cause`), and what the server refuses.
 */
export async function signInWithPasskey(
  auth: AuthClient,
  { mfaToken, remember, autofill = false, signal }: PasskeyOptions = {},
): Promise<User> {
  requireSupport();
  const api = apiOf(auth);
  if (mfaToken !== undefined) {
    const { options } = await api<{ options: PublicKeyCredentialRequestOptionsJSON }>("/login/second-factor/passkey", {
      body: { mfaToken },
    });
    return auth.login({ mfaToken, passkey: await ask(options, autofill, signal) });
  }
  for (;;) {
    const { options, passkeyToken, expiresIn } = await api<PasskeyQuestion>("/login/passkey/options", { body: {} });
    // Who is asked at once answers, or the browser ends it. What is merely offered waits for hours: it is asked anew in time.
    const passkey = await (autofill ? offer(options, expiresIn - MARGIN_SECONDS, signal) : ask(options, false, signal));
    if (passkey !== null) return auth.login({ passkeyToken, passkey, ...(remember === undefined ? {} : { remember }) });
  }
}

/**
 * Adds a passkey of this device to the account that is signed in. Rejects as above, with `passkey_exists` if this device holds
 * one of the account already, and with `insufficient_user_authentication` if its user did not sign in just now.
 */
export async function addPasskey(
  auth: AuthClient,
  { name, signal }: { readonly name?: string; readonly signal?: AbortSignal } = {},
): Promise<AddedPasskey> {
  requireSupport();
  const api = apiOf(auth);
  const { options, passkeyToken } = await api<{ options: PublicKeyCredentialCreationOptionsJSON; passkeyToken: string }>(
    "/second-factors/passkeys/options",
    { body: {} },
  );
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const passkey = await given(navigator.credentials.create({ publicKey, ...(signal && { signal }) }), signal);
  return api<AddedPasskey>("/second-factors/passkeys", {
    body: { passkeyToken, passkey, ...(name === undefined ? {} : { name }) },
  });
}

/** The client's own fetch brings the token, where there is one. */
function apiOf({ fetch, issuer }: AuthClient): IssuerApi {
  return createIssuerApi({ ...systemEnvironment({ issuer }), fetch }, { issuer, credentials: "omit" });
}

/** Null if nobody took it up in that time. */
async function offer(
  options: PublicKeyCredentialRequestOptionsJSON,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<object | null> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), seconds * 1000);
  try {
    return await ask(options, true, signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    if (limit.signal.aborted && signal?.aborted !== true) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function ask(
  options: PublicKeyCredentialRequestOptionsJSON,
  autofill: boolean,
  signal: AbortSignal | undefined,
): Promise<object> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return given(
    navigator.credentials.get({ publicKey, ...(autofill && { mediation: "conditional" }), ...(signal && { signal }) }),
    signal,
  );
}

async function given(asked: Promise<Credential | null>, signal: AbortSignal | undefined): Promise<object> {
  try {
    const credential = (await asked) as PublicKeyCredential | null;
    if (credential !== null) return credential.toJSON();
  } catch (cause) {
    throw new AuthError(signal?.aborted === true ? "passkey_cancelled" : codeOf(cause), "No passkey was given.", { cause });
  }
  throw new AuthError("passkey_cancelled", "No passkey was given.");
}

function codeOf(cause: unknown): PasskeyErrorCode {
  const { name } = cause as DOMException;
  // Browsers do not tell a person who declines from one who has no passkey.
  if (name === "NotAllowedError" || name === "AbortError") return "passkey_cancelled";
  // The one of `excludeCredentials` (WebAuthn §5.1.3). Anything else is for whoever made the page, as SecurityError:
  // another host.
  return name === "InvalidStateError" ? "passkey_exists" : "passkey_failed";
}

function requireSupport(): void {
  if (!supportsPasskeys()) throw new AuthError("passkeys_unsupported", "This browser has no passkeys.");
}
