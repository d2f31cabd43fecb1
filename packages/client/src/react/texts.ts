import { AuthError } from "../auth-error.ts";

/** Every text the components show. Give your own to translate them; what is missing stays English. */
export interface AuthTexts {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly remember: string;
  readonly logIn: string;
  readonly signUp: string;
  readonly signInByPasskey: string;
  readonly secondStep: string;
  readonly code: string;
  readonly recoveryCode: string;
  readonly useRecoveryCode: string;
  readonly useCode: string;
  readonly usePasskey: string;
  readonly startAgain: string;
  readonly invalidCode: string;
  readonly signInExpired: string;
  readonly noPasskey: string;
  readonly passkeyFailed: string;
  readonly thisDevice: string;
  readonly lastUsed: (when: string) => string;
  readonly signOutDevice: string;
  readonly loading: string;
  /** After a sign-up where accounts are concealed. */
  readonly mailSent: string;
  readonly invalidCredentials: string;
  readonly emailTaken: string;
  readonly invalidEmail: string;
  readonly invalidPassword: string;
  readonly tooManyAttempts: string;
  readonly unreachable: string;
  readonly failed: string;
}

export const ENGLISH: AuthTexts = {
  email: "E-mail",
  password: "Password",
  name: "Name",
  remember: "Stay signed in",
  logIn: "Sign in",
  signUp: "Create account",
  signInByPasskey: "Sign in with a passkey",
  secondStep: "One more step: show that it is you.",
  code: "Code from your authenticator app",
  recoveryCode: "Recovery code",
  useRecoveryCode: "Use a recovery code",
  useCode: "Use a code from your app",
  usePasskey: "Use a passkey",
  startAgain: "Start again",
  invalidCode: "This code is wrong, or was used before.",
  signInExpired: "That took too long, or too many codes were wrong. Start again.",
  noPasskey: "No passkey was given. Try again, or take another way.",
  passkeyFailed: "This browser cannot use your passkeys here. Take another way.",
  thisDevice: "This device",
  lastUsed: (when) => `Last used ${when}`,
  signOutDevice: "Sign out",
  loading: "Loading…",
  mailSent: "Look into your mail. Follow the link in it, and then sign in.",
  invalidCredentials: "The e-mail or the password is wrong.",
  emailTaken: "There is an account with this e-mail already. Sign in instead.",
  invalidEmail: "Enter a valid e-mail address.",
  invalidPassword: "This password is too short or too easy to guess.",
  tooManyAttempts: "Too many attempts. Try again later.",
  unreachable: "The server cannot be reached. Check your connection and try again.",
  failed: "Something went wrong. Try again.",
};

/** For people: what went wrong, and which field to mend. */
export function explain(error: unknown, texts: AuthTexts): { readonly text: string; readonly field: string | null } {
  if (!(error instanceof AuthError)) return { text: texts.failed, field: null };
  switch (error.code) {
    case "invalid_credentials":
      return { text: texts.invalidCredentials, field: "password" };
    case "email_taken":
      return { text: texts.emailTaken, field: "email" };
    case "sign_in_expired":
      return { text: texts.signInExpired, field: null };
    case "passkey_cancelled":
      return { text: texts.noPasskey, field: null };
    case "passkey_failed":
    case "passkeys_unsupported":
      return { text: texts.passkeyFailed, field: null };
    case "too_many_attempts":
      return { text: texts.tooManyAttempts, field: null };
    case "offline":
    case "unavailable":
    case "unexpected_answer":
      return { text: texts.unreachable, field: null };
    default:
      if (error.field === "email") return { text: texts.invalidEmail, field: "email" };
      if (error.field?.toLowerCase().endsWith("password")) return { text: texts.invalidPassword, field: "password" };
      return { text: texts.failed, field: error.field ?? null };
  }
}
