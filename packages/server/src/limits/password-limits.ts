import type { Charge, Closing } from "./attempt.ts";
import { MANY_ACCOUNTS } from "./closing-event.ts";
import type { LimitStore } from "./limit-store.ts";
import type { Limits } from "./limits.ts";
import { networkOf } from "./network-of.ts";
import { keyOf } from "./tally.ts";
import type { Tally } from "./tally.ts";

type PasswordLimits = Pick<Limits, "login" | "passwordChange" | "signUpConfirmed" | "forgive">;

export function passwordLimits({ at, atNetwork, enter, clear }: Tally, store: LimitStore): PasswordLimits {
  const accountsTried = store.counter({ name: "login-accounts", tries: 1_000_000_000, windowSeconds: 3600 });

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
  /** Abandoned ones count, or an address that hangs up each time would keep the hashing busy for nothing. */
  const ofWork = (name: "loginAddress" | "signUpLinkAddress", address: string | null): Charge[] =>
    atNetwork(name, address).map((charge) => ({ ...charge, countsAbandoned: true }));

  /** Tells the audit once an hour and address. */
  async function noteAccount(network: string): Promise<Closing[]> {
    const { consumedPoints } = await accountsTried.penalty(keyOf(network));
    return consumedPoints === MANY_ACCOUNTS ? [{ budget: "login-accounts", seconds: 0 }] : [];
  }

  return {
    async login({ emailIdentity: account, address, knownDevice }, signal) {
      const failures = at("loginFailures", account, true);
      if (knownDevice !== null) {
        const attempt = await enter(ofDevice(account, knownDevice), signal);
        // The owner is here: whatever strangers have tried, the row of failures has ended.
        return { ...attempt, succeeded: async () => void (await Promise.all([attempt.succeeded(), clear([failures])])) };
      }
      const ofAccount = [...ofPair(account, networkOf(address)), at("loginAccount", account, true), failures];
      return enter([...ofAccount, ...ofWork("loginAddress", address)], signal);
    },
    passwordChange: ({ userId, sessionId }) =>
      enter([at("password", `${userId} ${sessionId}`, true), at("passwordFailures", userId, true)]),
    signUpConfirmed: ({ link, address }, signal) =>
      enter([at("signUpLink", link, true), ...ofWork("signUpLinkAddress", address)], signal),
    async forgive({ userId, emailIdentity: account, addresses, devices }) {
      const networks = new Set(addresses.map(networkOf));
      await clear([
        at("loginAccount", account, true),
        at("loginFailures", account, true),
        at("passwordFailures", userId, true),
        ...[...networks].flatMap((network) => ofPair(account, network)),
        ...devices.flatMap((device) => ofDevice(account, device)),
      ]);
    },
  };
}
