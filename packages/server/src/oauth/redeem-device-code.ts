import { OstiaryError } from "../errors.ts";
import type { ProofOfKey } from "../sessions/bound-session.ts";
import { hashOf } from "../sessions/hash-of.ts";
import type { Device } from "../sessions/session.ts";
import { isTooSoon, nextInterval } from "./device-request.ts";
import { invalidGrant } from "./granted-tokens.ts";
import type { GrantDeps, GrantedTokens, OAuthClient } from "./granted-tokens.ts";
import { isOfDevice } from "./issue-code.ts";
import { redeemKept } from "./redeem-code.ts";

export interface DeviceRedemption {
  readonly deviceCode: string;
  /** Fewer than were granted; empty: all of them. */
  readonly resources: readonly string[];
  readonly proof: ProofOfKey | null;
  readonly device: Device;
}

/**
 * What a device gets that asks whether its person has decided (RFC 8628 §3.4): tokens, once, as for an authorization code.
 * Throws `authorization_pending` and `slow_down` as long as nobody has, `access_denied`, `expired_token`, and `invalid_grant`
 * for a device code that is no good, or another client's.
 */
export async function redeemDeviceCode(
  deps: GrantDeps,
  client: OAuthClient,
  redemption: DeviceRedemption,
): Promise<GrantedTokens> {
  const { store } = deps.oauth;
  const hash = hashOf(redemption.deviceCode);
  const request = await store.devices.find(hash);
  if (request !== null && request.clientId === client.id && request.decision !== "allow") {
    if (request.decision === "deny") throw denied();
    const now = deps.sessions.clock();
    if (now >= request.expiresAt) throw expired();
    const before = await store.devices.poll(hash, now, (current) => nextInterval(current, now));
    if (before !== null && isTooSoon(before, now)) {
      throw new OstiaryError("slow_down", "Wait for five seconds more between two questions.");
    }
    throw new OstiaryError("authorization_pending", "The user has not decided yet.");
  }
  // An authorization code would be taken without its verifier here.
  const code = await store.codes.find(hash);
  if (code !== null && isOfDevice(code) && code.clientId === client.id) {
    if (code.redeemedAt === null && deps.sessions.clock() >= code.expiresAt) throw expired();
    return redeemKept(deps, client, code, redemption);
  }
  // It was taken back before the device came for it.
  if (request?.clientId === client.id) throw denied();
  throw invalidGrant("The device code is not good, or not for this client.");
}

function denied(): OstiaryError {
  return new OstiaryError("access_denied", "The user did not allow it.");
}

function expired(): OstiaryError {
  return new OstiaryError("expired_token", "The device code is too old: ask for another one.");
}
