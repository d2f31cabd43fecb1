/**
 * Limits: how often something may be tried.
 * Owns the budgets, whom a try is counted for, and the delays; rate-limiter-flexible does the counting, in the store.
 * Knows neither passwords nor requests. Keys are hashed: the counts tell nobody's e-mail.
 */
import { hash } from "node:crypto";
import { enter } from "./attempt.ts";
import type { Attempt, Charge, Closing } from "./attempt.ts";
import { createBucket } from "./bucket.ts";
import type { Bucket } from "./bucket.ts";
import { budgetsOf } from "./budgets.ts";
import type { LimitSettings } from "./budgets.ts";
import type { LimitStore } from "./limit-store.ts";
import { MANY_ACCOUNTS } from "./closing-event.ts";
import { createLine } from "./line.ts";
import { networkOf } from "./network-of.ts";

/** Each throws `too_many_attempts` before a try is made that is one too many, and `unavailable` if nobody can count. */
export interface Limits {
  /** `signal`: aborted when nobody waits for it any more. */
  login(attempt: LoginAttempt, signal?: AbortSignal): Promise<Attempt>;
  /** Whoever is signed in and tells the current password. */
  passwordChange(who: { userId: string; sessionId: string }): Promise<Attempt>;
  /** Every account counts, made or not. */
  signup(address: string | null): Promise<void>;
  /** After a refresh token that was never ours. Good ones are not counted, nor held up. */
  wrongToken(address: string | null): Promise<void>;
  /** After wrong credentials of a program. Right ones are not counted, nor held up: nobody can guess those. */
  wrongClient(clientId: string, address: string | null): Promise<Closing[]>;
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

export function createLimits(store: LimitStore, settings: LimitSettings): Limits {
  const budgets = budgetsOf(settings);
  const bucket = Object.fromEntries(
    Object.entries(budgets).map(([name, budget]) => [name, createBucket(store, budget)]),
  ) as Record<keyof typeof budgets, Bucket>;
  const line = createLine();
  const accountsTried = store.counter({ name: "login-accounts", tries: 1_000_000_000, windowSeconds: 3600 });

  const at = (name: keyof typeof budgets, key: string, clearedBySuccess: boolean): Charge => ({
    name: budgets[name].name,
    bucket: bucket[name],
    key: keyOf(key),
    clearedBySuccess,
  });

  /** None where the address is not known: one for all the world would shut the owner out for what strangers do. */
  const ofPair = (account: string, network: string | null): Charge[] => {
    if (network === null) return [];
    const pair = `${account} ${network}`;
    const once = { ...at("loginPair", pair, true), onFirstFailure: () => noteAccount(network) };
    return [once, at("loginPairMonth", pair, true)];
  };
  const ofDevice = (account: string, device: string): Charge[] => {
    const browser = `${account} ${device}`;
    return [at("loginDevice", browser, true), at("loginDeviceFailures", browser, true)];
  };

  /** Tells the audit once an hour and address. */
  async function noteAccount(network: string): Promise<Closing[]> {
    const { consumedPoints } = await accountsTried.penalty(keyOf(network));
    return consumedPoints === MANY_ACCOUNTS ? [{ budget: "login-accounts", seconds: 0 }] : [];
  }

  return {
    async login({ emailIdentity: account, address, knownDevice }, signal) {
      const failures = at("loginFailures", account, true);
      if (knownDevice !== null) {
        const attempt = await enter(ofDevice(account, knownDevice), line, signal);
        // The owner is here: whatever strangers have tried, the row of failures has ended.
        return { ...attempt, succeeded: async () => void (await Promise.all([attempt.succeeded(), failures.bucket.clear(failures.key)])) };
      }
      const network = networkOf(address);
      const places = [
        ...ofPair(account, network),
        at("loginAccount", account, true),
        failures,
        // Not cleared: who may sign in to one account could try others for ever. Abandoned ones count, or an address that
        // hangs up each time would keep the hashing busy for nothing.
        ...(network === null ? [] : [{ ...at("loginAddress", network, false), countsAbandoned: true }]),
      ];
      return enter(places, line, signal);
    },
    passwordChange: ({ userId, sessionId }) => 
      enter([at("password", `${userId} ${sessionId}`, true), at("passwordFailures", userId, true)], line),
    signup: (address) => spend("signup", address),
    wrongToken: (address) => spend("refresh", address),
    async wrongClient(clientId, address) {
      const network = networkOf(address);
      const places = [at("client", clientId, false), ...(network === null ? [] : [at("clientAddress", network, false)])];
      return (await enter(places, line)).failed();
    },
    async forgive({ userId, emailIdentity: account, addresses, devices }) {
      const networks = new Set(addresses.map(networkOf));
      const places = [
        at("loginAccount", account, true),
        at("loginFailures", account, true),
        at("passwordFailures", userId, true),
        ...[...networks].flatMap((network) => ofPair(account, network)),
        ...devices.flatMap((device) => ofDevice(account, device)),
      ];
      await Promise.all(places.map(({ bucket: opened, key }) => opened.clear(key)));
    },
  };

  async function spend(name: "signup" | "refresh", address: string | null): Promise<void> {
    const network = networkOf(address);
    if (network !== null) await (await enter([at(name, network, false)], line)).failed();
  }
}

/** For `limits: "off"`. */
export const NO_LIMITS: Limits = {
  login: async () => UNCOUNTED,
  passwordChange: async () => UNCOUNTED,
  signup: async () => {},
  wrongToken: async () => {},
  wrongClient: async () => [],
  forgive: async () => {},
};

const UNCOUNTED: Attempt = {
  succeeded: async () => {},
  failed: async () => [],
  withdrawn: async () => {},
  abandoned: async () => {},
};

function keyOf(text: string): string {
  return hash("sha256", text, "base64url");
}
