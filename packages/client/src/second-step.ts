/** What else `login` takes than an e-mail and a password. */

/** What a second step of signing in can be: a code of an authenticator app, a passkey, a recovery code. */
export type SecondFactor = "otp" | "passkey" | "recovery";

/** The second step after `mfa_required`, with the `mfaToken` of that error. A passkey is `signInWithPasskey`'s affair. */
export type SecondStep = { readonly mfaToken: string } & (
  | { readonly code: string }
  | { readonly recoveryCode: string }
  | { readonly passkey: object }
);

/** A passkey in place of a password. */
export interface PasskeyStep {
  readonly passkeyToken: string;
  readonly passkey: object;
  /** Whether the session lasts longer. Default false. */
  readonly remember?: boolean | undefined;
}
