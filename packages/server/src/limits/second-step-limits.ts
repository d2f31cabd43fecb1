import type { Charge } from "./attempt.ts";
import type { Limits } from "./limits.ts";
import type { Tally } from "./tally.ts";

type SecondStepLimits = Pick<Limits, "secondFactor" | "passkeyAsked" | "forgiveSecondFactor">;

export function secondStepLimits({ at, atNetwork, enter, spend, clear }: Tally): SecondStepLimits {
  const ofUser = (userId: string): Charge[] => [at("secondFactor", userId, true), at("secondFactorFailures", userId, true)];
  const ofDevice = (userId: string, device: string): Charge[] => {
    const browser = `${userId} ${device}`;
    return [at("secondFactorDevice", browser, true), at("secondFactorDeviceFailures", browser, true)];
  };
  return {
    async secondFactor({ userId, address, knownDevice, guessable }) {
      // Neither who has stolen the password nor a neighbour shuts the owner's own browser out, or uses up its tries.
      if (guessable && knownDevice !== null) return enter(ofDevice(userId, knownDevice));
      return enter([...(guessable ? ofUser(userId) : []), ...atNetwork("secondFactorAddress", address)]);
    },
    passkeyAsked: (address) => spend("passkeyAddress", address),
    async forgiveSecondFactor({ userId, devices }) {
      await clear([...ofUser(userId), ...devices.flatMap((device) => ofDevice(userId, device))]);
    },
  };
}
