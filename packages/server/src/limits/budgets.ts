import type { CountedBudget } from "./limit-store.ts";

/** So many tries in so long; then none for a while, and for twice as long each time it comes to that again. */
export interface Budget extends CountedBudget {
  readonly firstDelaySeconds: number;
  readonly longestDelaySeconds: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** For secrets that nobody can guess: no more than what is written down for it is held down. */
const NOT_GUESSED = { tries: 100, windowSeconds: 15 * MINUTE, firstDelaySeconds: 15 * MINUTE, longestDelaySeconds: 15 * MINUTE };

/** What can be set. Windows in seconds. */
export interface LimitSettings {
  /** Wrong passwords for one account. */
  readonly loginTries: number;
  readonly loginWindow: number;
  /** Wrong passwords from one address, whatever the accounts. */
  readonly addressTries: number;
  /** New accounts from one address in an hour. */
  readonly signupTries: number;
}

export const DEFAULT_LIMITS: LimitSettings = { loginTries: 5, loginWindow: 15 * MINUTE, addressTries: 50, signupTries: 100 };

/**
 * Whoever tries to sign in to an account from a browser that has not been signed in to it is counted in five places:
 * - `login-pair`: this account from this address. Delays grow up to a day.
 * - `login-pair-month`: the same in a month, however slowly. One address has less than a third of the hundred below, or
 *   a stranger on it could use them up again and again.
 * - `login-account`: this account from anywhere. Delays grow up to an hour only: a stranger on one address, who waits
 *   for his own much longer ones, leaves the account's owner most of every day.
 * - `login-failures`: NIST's hundred failures in a row (SP 800-63B-4 §3.2.2).
 * - `login-address`: this address, whatever the account.
 * A browser that is known to the account has `login-device` for itself, which nobody else can use up, and a hundred of
 * its own in `login-device-failures`. Whoever holds an access token has `password-failures` besides `password-change`. Second
 * steps are counted like first ones, for who has taken the first: codes of apps by `second-factor` and its like, whatever else by
 * the address alone. Known is a browser there that has taken a second step before: who knew the password before there was a
 * factor could have signed in with any number.
 *
 * Mail that strangers can ask for: `mail-address` is what one address may ask for, whatever the mailbox; `mail-pair`, for one
 * mailbox; `mailbox`, what is sent to one mailbox, whoever asked. What its owner asks for in a known browser has
 * `mailbox-device` for itself; what nobody asks for, notices, each kind by itself, `mailbox-notices`. Wrong passwords for
 * the link of a sign-up: `sign-up-link`, and `sign-up-link-address` from one address, whatever the link.
 */
export function budgetsOf({ loginTries, loginWindow, addressTries, signupTries }: LimitSettings) {
  const login = { tries: loginTries, windowSeconds: loginWindow, firstDelaySeconds: loginWindow };
  const hundred = { tries: 100, windowSeconds: 30 * DAY, firstDelaySeconds: DAY, longestDelaySeconds: 30 * DAY };
  const month = { windowSeconds: 30 * DAY, firstDelaySeconds: 30 * DAY, longestDelaySeconds: 30 * DAY };
  const hourly = { windowSeconds: HOUR, firstDelaySeconds: HOUR, longestDelaySeconds: HOUR };
  const daily = { windowSeconds: HOUR, firstDelaySeconds: HOUR, longestDelaySeconds: DAY };
  const typed = { windowSeconds: 15 * MINUTE, firstDelaySeconds: 15 * MINUTE, longestDelaySeconds: DAY };
  const most = (seconds: number): number => Math.max(loginWindow, seconds);
  return {
    loginPair: { ...login, name: "login-pair", longestDelaySeconds: most(DAY) },
    loginPairMonth: { ...month, name: "login-pair-month", tries: 30 },
    loginAccount: { ...login, name: "login-account", longestDelaySeconds: most(HOUR) },
    loginDevice: { ...login, name: "login-device", longestDelaySeconds: most(HOUR) },
    loginDeviceFailures: { ...hundred, name: "login-device-failures" },
    loginFailures: { ...hundred, name: "login-failures" },
    loginAddress: { ...login, name: "login-address", tries: addressTries, longestDelaySeconds: most(DAY) },
    signup: { ...daily, name: "signup-address", tries: signupTries },
    // Each leaves a row behind for ten minutes; people of a whole office come from one address.
    signInWith: { ...NOT_GUESSED, name: "sign-in-with-address", tries: 300 },
    password: { ...login, name: "password-change", longestDelaySeconds: most(HOUR) },
    passwordFailures: { ...hundred, name: "password-failures" },
    secondFactor: { ...login, name: "second-factor", longestDelaySeconds: most(HOUR) },
    secondFactorFailures: { ...hundred, name: "second-factor-failures" },
    secondFactorDevice: { ...login, name: "second-factor-device", longestDelaySeconds: most(HOUR) },
    secondFactorDeviceFailures: { ...hundred, name: "second-factor-device-failures" },
    secondFactorAddress: { ...login, name: "second-factor-address", tries: addressTries, longestDelaySeconds: most(DAY) },
    // Each leaves a row behind for ten minutes; a sign-in page may ask each time it is shown.
    passkeyAddress: { ...NOT_GUESSED, name: "passkey-address", tries: 600 },
    refresh: { ...NOT_GUESSED, name: "refresh-address" },
    client: { ...NOT_GUESSED, name: "client" },
    clientAddress: { ...NOT_GUESSED, name: "client-address" },
    request: { ...NOT_GUESSED, name: "request-address", tries: 600 },
    userCode: { ...typed, name: "user-code", tries: 10 },
    userCodeAddress: { ...typed, name: "user-code-address", tries: 50 },
    registration: { ...daily, name: "registration-address", tries: 20 },
    clientDocument: { ...NOT_GUESSED, name: "client-document-address" },
    mailAsker: { ...hourly, name: "mail-address", tries: 30 },
    mailPair: { ...hourly, name: "mail-pair", tries: 5 },
    mailbox: { ...hourly, name: "mailbox", tries: 10 },
    mailDevice: { ...hourly, name: "mailbox-device", tries: 5 },
    mailNotices: { ...hourly, name: "mailbox-notices", tries: 20 },
    mailLink: { ...NOT_GUESSED, name: "mail-link-address" },
    // Nobody but who has the mail can use the first one up.
    signUpLink: { ...login, name: "sign-up-link", longestDelaySeconds: most(HOUR) },
    signUpLinkAddress: { ...login, name: "sign-up-link-address", tries: addressTries, longestDelaySeconds: most(DAY) },
  } satisfies Record<string, Budget>;
}
