/**
 * Requests of devices that have no browser (RFC 8628): a device asks, a person decides elsewhere, and the device, which
 * keeps asking, gets what they have allowed. What was allowed is kept as an authorization code is: the device code takes the
 * place of the code, and is exchanged like one.
 */
import type { Clock } from "../clock.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import { hashOf } from "../sessions/hash-of.ts";
import type { DeviceRequest, OAuthStore } from "./oauth-store.ts";
import { newUserCode } from "./user-code.ts";

/** How long a person has to decide. */
export const DEVICE_SECONDS = 600;
/** How often a device asks at first (RFC 8628 §3.2), how much slower it is told to, and the slowest that is held against it. */
export const POLL_SECONDS = 5;
const SLOWER_SECONDS = 5;
const SLOWEST_SECONDS = 60;
/** So much earlier is not too soon: what a device measures from answer to request, we see from request to request. */
const EARLY_MS = 1000;
const CODE_BYTES = 32;
/** Of some 25,000,000,000 there are, another is not free either only in tests. */
const TRIES = 5;

export interface DeviceDeps {
  readonly store: Pick<OAuthStore, "devices">;
  readonly clock: Clock;
  readonly random: Random;
}

/** Keeps a request of a device. Its device code, which nobody but the device has, is told this once. */
export async function createDeviceRequest(
  { store, clock, random }: DeviceDeps,
  asked: Pick<DeviceRequest, "clientId" | "scopes" | "resources" | "ip" | "userAgent">,
): Promise<{ deviceCode: string; userCode: string }> {
  const deviceCode = randomText(random, CODE_BYTES);
  const now = clock();
  for (let tries = 0; tries < TRIES; tries++) {
    const userCode = newUserCode(random);
    const times = { createdAt: now, expiresAt: now + DEVICE_SECONDS * 1000, intervalSeconds: POLL_SECONDS, polledAt: null };
    const isKept = await store.devices.keep({ ...asked, ...times, hash: hashOf(deviceCode), userCode, decision: null });
    if (isKept) return { deviceCode, userCode };
  }
  throw new Error("Random user codes that were all there already.");
}

/** Whether the device asks again sooner than it was told to (RFC 8628 §3.5). */
export function isTooSoon({ polledAt, intervalSeconds }: DeviceRequest, now: number): boolean {
  return polledAt !== null && now < polledAt + intervalSeconds * 1000 - EARLY_MS;
}

/** How long it is to wait from now on: whoever asks too soon is slowed down for good. */
export function nextInterval(request: DeviceRequest, now: number): number {
  const { intervalSeconds } = request;
  return isTooSoon(request, now) ? Math.min(intervalSeconds + SLOWER_SECONDS, SLOWEST_SECONDS) : intervalSeconds;
}
