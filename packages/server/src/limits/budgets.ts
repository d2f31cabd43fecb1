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
 * its own in `login-device-failures`. Whoever holds an access token has `password-failures` besides `password-change`.
 */
export function budgetsOf({ loginTries, loginWindow, addressTries, signupTries }: LimitSettings) {
  const login = { tries: loginTries, windowSeconds: loginWindow, firstDelaySeconds: loginWindow };
  const hundred = { tries: 100, windowSeconds: 30 * DAY, firstDelaySeconds: DAY, longestDelaySeconds: 30 * DAY };
  const month = { windowSeconds: 30 * DAY, firstDelaySeconds: 30 * DAY, longestDelaySeconds: 30 * DAY };
  const most = (seconds: number): number => Math.max(loginWindow, seconds);
  return {
    loginPair: { ...login, name: "login-pair", longestDelaySeconds: most(DAY) },
    loginPairMonth: { ...month, name: "login-pair-month", tries: 30 },
    loginAccount: { ...login, name: "login-account", longestDelaySeconds: most(HOUR) },
    loginDevice: { ...login, name: "login-device", longestDelaySeconds: most(HOUR) },
    loginDeviceFailures: { ...hundred, name: "login-device-failures" },
    loginFailures: { ...hundred, name: "login-failures" },
    loginAddress: { ...login, name: "login-address", tries: addressTries, longestDelaySeconds: most(DAY) },
    signup: { name: "signup-address", tries: signupTries, windowSeconds: HOUR, firstDelaySeconds: HOUR, longestDelaySeconds: DAY },
    password: { ...login, name: "password-change", longestDelaySeconds: most(HOUR) },
    passwordFailures: { ...hundred, name: "password-failures" },
    refresh: { ...NOT_GUESSED, name: "refresh-address" },
    client: { ...NOT_GUESSED, name: "client" },
    clientAddress: { ...NOT_GUESSED, name: "client-address" },
  } satisfies Record<string, Budget>;
}
