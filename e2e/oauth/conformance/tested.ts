import { afterAll, beforeAll, vi } from "vitest";
import { discover } from "./relying-party.ts";
import type { RelyingParty } from "./relying-party.ts";
import { startForeign, startOurs } from "./provider.ts";
import type { TestedClient, TestedProvider } from "./provider.ts";

/** Ours, and a certified one: a module that the latter does not pass asks too much, or the wrong thing. */
export const PROVIDERS = [
  { name: "Ostiary", start: startOurs },
  { name: "node-oidc-provider, to check the port", start: startForeign },
];

export interface Tested {
  readonly provider: () => TestedProvider;
  readonly relyingParty: (client?: TestedClient) => Promise<RelyingParty>;
}

/** A provider for the tests of a `describe`, in a time that stands still unless it is moved. */
export function tested(start: () => Promise<TestedProvider>): Tested {
  let running: TestedProvider | undefined;
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    running = await start();
  });
  afterAll(async () => {
    vi.useRealTimers();
    await running?.close();
  });
  return { provider: () => running!, relyingParty: (client) => discover(running!, client) };
}

/** Lets so much time go by, for everyone. */
export function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}
