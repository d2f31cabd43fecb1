/**
 * Limits: how often something may be tried.
 * Owns the budgets, whom a try is counted for, and the delays; rate-limiter-flexible does the counting, in the store.
 * Knows neither passwords nor requests. Keys are hashed: the counts tell nobody's e-mail.
 */
import { hash } from "node:crypto";
import { enter } from "./attempt.ts";
import type { Attempt, Charge, Closing } from "./attempt.ts";
import { OstiaryError } from "../errors.ts";
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
  /** Opens what wrong second steps of a user have closed, in those browsers, too, that are told. No link in a mail does: the second factor is what is left then. */
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
  /** Somebody asks for a mail. False, and nothing is to be sent, after too many for this mailbox from this address: who asks is not told. */
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

  const ofSecondStep = (userId: string): Charge[] => [at("secondFactor", userId, true), at("secondFactorFailures", userId, true)];
  const ofSecondStepIn = (userId: string, device: string): Charge[] => {
    const browser = `${userId} ${device}`;
    return [at("secondFactorDevice", browser, true), at("secondFactorDeviceFailures", browser, true)];
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
    request: (address) => spend("request", address),
    // Right ones clear nothing: whoever has a device of their own has as many right ones as they like.
    async userCode({ userId, address }) {
      const network = networkOf(address);
      return enter([at("userCode", userId, false), ...(network === null ? [] : [at("userCodeAddress", network, false)])], line);
    },
    async secondFactor({ userId, address, knownDevice, guessable }) {
      // Neither who has stolen the password nor a neighbour shuts the owner's own browser out, or uses up its tries.
      if (guessable && knownDevice !== null) return enter(ofSecondStepIn(userId, knownDevice), line);
      const places = guessable ? ofSecondStep(userId) : [];
      const network = networkOf(address);
      // Not cleared: who has an account of their own could try others for ever.
      return enter([...places, ...(network === null ? [] : [at("secondFactorAddress", network, false)])], line);
    },
    passkeyAsked: (address) => spend("passkeyAddress", address),
    async forgiveSecondFactor({ userId, devices }) {
      await clearAll([...ofSecondStep(userId), ...devices.flatMap((device) => ofSecondStepIn(userId, device))]);
    },
    signInWith: (address) => spend("signInWith", address),
    wrongToken: (address) => spend("refresh", address),
    registration: (address) => spend("registration", address),
    clientDocument: (address) => spend("clientDocument", address),
    async wrongClient(clientId, address) {
      const network = networkOf(address);
      const places = [at("client", clientId, false), ...(network === null ? [] : [at("clientAddress", network, false)])];
      return (await enter(places, line)).failed();
    },
    async mailAsked({ mailbox, address }) {
      const network = networkOf(address);
      if (network === null) return true;
      await spend("mailAsker", address);
      return hasRoom(at("mailPair", `${mailbox} ${network}`, false));
    },
    mailTo({ mailbox, kind, knownDevice }) {
      if (!ASKED_FOR.has(kind)) return hasRoom(at("mailNotices", `${mailbox} ${kind}`, false));
      return hasRoom(knownDevice === null ? at("mailbox", mailbox, false) : at("mailDevice", `${mailbox} ${knownDevice}`, false));
    },
    wrongLink: (address) => spend("mailLink", address),
    async signUpConfirmed({ link, address }, signal) {
      const network = networkOf(address);
      // That of the address is not cleared: who has links of their own could try others for ever. Abandoned ones make work, too.
      const byAddress = network === null ? [] : [{ ...at("signUpLinkAddress", network, false), countsAbandoned: true }];
      return enter([at("signUpLink", link, true), ...byAddress], line, signal);
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
      await clearAll(places);
    },
  };

  async function clearAll(places: readonly Charge[]): Promise<void> {
    await Promise.all(places.map(({ bucket: opened, key }) => opened.clear(key)));
  }

  /** Takes it, if there is any; nobody is told if there is none. */
  async function hasRoom(charge: Charge): Promise<boolean> {
    try {
      await (await enter([charge], line)).failed();
      return true;
    } catch (error) {
      if (error instanceof OstiaryError && error.code === "too_many_attempts") return false;
      throw error;
    }
  }

  async function spend(
    name: "signup" | "signInWith" | "passkeyAddress" | "refresh" | "request" | "registration" | "clientDocument" | "mailAsker" | "mailLink",
    address: string | null,
  ): Promise<void> {
    const network = networkOf(address);
    if (network !== null) await (await enter([at(name, network, false)], line)).failed();
  }
}

/** Mails that anybody can have sent, to any mailbox. The others tell their owner of what has happened. */
const ASKED_FOR: ReadonlySet<string> = new Set(["reset_password", "verify_email", "confirm_sign_up", "confirm_email", "account_exists"]);

/** For `limits: "off"`. */
export const NO_LIMITS: Limits = {
  login: async () => UNCOUNTED,
  passwordChange: async () => UNCOUNTED,
  signup: async () => {},
  request: async () => {},
  userCode: async () => UNCOUNTED,
  secondFactor: async () => UNCOUNTED,
  passkeyAsked: async () => {},
  forgiveSecondFactor: async () => {},
  signInWith: async () => {},
  wrongToken: async () => {},
  wrongClient: async () => [],
  registration: async () => {},
  clientDocument: async () => {},
  mailAsked: async () => true,
  mailTo: async () => true,
  wrongLink: async () => {},
  signUpConfirmed: async () => UNCOUNTED,
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
