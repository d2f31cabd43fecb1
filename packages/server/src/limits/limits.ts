/**
 * Limits: how often something may be tried.
 * Owns the budgets, whom a try is counted for, and the delays; rate-limiter-flexible does the counting, in the store.
 * Knows neither passwords nor requests. Keys are hashed: the counts tell nobody's e-mail.
 */
import type { Attempt, Closing } from "./attempt.ts";

/** Each throws `too_many_attempts` before a try is made that is one too many, and `unavailable` if nobody can count. */
export interface Limits {
  /** `signal`: aborted when nobody waits for it any more. */
  login(attempt: LoginAttempt, signal?: AbortSignal): Promise<Attempt>;
  /** Whoever is signed in and tells the current password. */
  passwordChange(who: { userId: string; sessionId: string }): Promise<Attempt>;
  /** Every account counts, made or not. */
  signup(address: string | null): Promise<void>;
  /** A request that is kept for a client that proves nothing, or has registered itself: anybody can make them. */
  request(address: string | null): Promise<void>;
  /** Whoever is signed in and types the code of a device: a wrong one counts for them and where they are. */
  userCode(who: { userId: string; address: string | null }): Promise<Attempt>;
  /**
   * Whoever has taken the first step of signing in, or sets up a factor: a wrong second step counts for where they are and, if it
   * is `guessable`, for them. What is not must not: who has the password would shut the owner out of recovery codes and passkeys,
   * too. `knownDevice`: what names the browser, if it has been signed in to the account with a second factor before.
   */
  secondFactor(who: { userId: string; address: string | null; knownDevice: string | null; guessable: boolean }): Promise<Attempt>;
  /** Everybody who is asked for a passkey and has not said who they are. */
  passkeyAsked(address: string | null): Promise<void>;
  /**
   * Opens what wrong second steps of a user have closed, in those browsers, too, that are told. No link in a mail does: the
   * second factor is what is left then.
   */
  forgiveSecondFactor(who: Pick<Forgiven, "userId" | "devices">): Promise<void>;
  /** Everybody who is sent to another issuer. */
  signInWith(address: string | null): Promise<void>;
  /** After a refresh token that was never ours. Good ones are not counted, nor held up. */
  wrongToken(address: string | null): Promise<void>;
  /** After wrong credentials of a program. Right ones are not counted, nor held up: nobody can guess those. */
  wrongClient(clientId: string, address: string | null): Promise<Closing[]>;
  /** Every client that is registered by itself counts, every change of one, and every wish to. */
  registration(address: string | null): Promise<void>;
  /** Every document, and all keys, that strangers have us fetch count; what is remembered does not. */
  clientDocument(address: string | null): Promise<void>;
  /**
   * Somebody asks for a mail. False, and nothing is to be sent, after too many for this mailbox from this address: who asks
   * is not told.
   */
  mailAsked(who: { mailbox: string; address: string | null }): Promise<boolean>;
  /** Whether there is room for one more mail to a mailbox. */
  mailTo(mail: { mailbox: string; kind: string; knownDevice: string | null }): Promise<boolean>;
  /** After a link that is not one of ours, or no longer. */
  wrongLink(address: string | null): Promise<void>;
  /** Whoever has the link of a sign-up and tells the password that was chosen at it. */
  signUpConfirmed(who: { link: string; address: string | null }, signal?: AbortSignal): Promise<Attempt>;
  /** Opens what wrong passwords for an account have closed; for those addresses and browsers, too, that are told. */
  forgive(account: Forgiven): Promise<void>;
}

export interface LoginAttempt {
  /** Of an account or not: nobody is to learn which. */
  readonly emailIdentity: string;
  readonly address: string | null;
  /** What names the browser, if it has been signed in to the account before; else null. */
  readonly knownDevice: string | null;
}

export interface Forgiven {
  readonly userId: string;
  readonly emailIdentity: string;
  readonly addresses: readonly (string | null)[];
  /** Hashes of what names the browsers. */
  readonly devices: readonly string[];
}
