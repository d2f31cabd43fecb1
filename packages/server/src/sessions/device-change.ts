import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { Device, RevokedReason } from "./session.ts";

/** What a session can be bound to: a refresh from elsewhere ends it. */
export type SessionBinding = "none" | "user-agent" | "network";

/** What is not as it was when the session was last refreshed; for the audit. */
export interface DeviceChange {
  readonly userAgent?: Change;
  readonly network?: Change;
}

interface Change {
  readonly from: string | null;
  readonly to: string | null;
}

/** How many leading bits two addresses share if they count as one network: a household, an office, a carrier's cell. */
const PREFIX_BITS = { ipv4: 24, ipv6: 64 };

/** Null if the refresh comes from where the last one came from. An update of the browser is told, too. */
export function deviceChange(before: Device, now: Device): DeviceChange | null {
  const sameUserAgent = before.userAgent === now.userAgent;
  const sameNetwork = isSameNetwork(before.ip, now.ip);
  if (sameUserAgent && sameNetwork) return null;
  return {
    ...(sameUserAgent ? {} : { userAgent: { from: before.userAgent, to: now.userAgent } }),
    ...(sameNetwork ? {} : { network: { from: before.ip, to: now.ip } }),
  };
}

/** Why the change ends a session that is bound; null if it may go on. */
export function brokenBinding(change: DeviceChange | null, binding: SessionBinding): RevokedReason | null {
  switch (binding) {
    case "none":
      return null;
    case "user-agent":
      return change?.userAgent && !isUpdate(change.userAgent) ? "user_agent_changed" : null;
    case "network":
      return change?.network ? "network_changed" : null;
  }
}

/** An address that is not known is in no known network. */
function isSameNetwork(one: string | null, other: string | null): boolean {
  if (one === other) return true;
  if (one === null || other === null) return false;
  if (isIPv4(one) && isIPv4(other)) return shareBits(one, other, "ipv4");
  return isIPv6(one) && isIPv6(other) && shareBits(withoutZone(one), withoutZone(other), "ipv6");
}

function shareBits(one: string, other: string, family: "ipv4" | "ipv6"): boolean {
  const network = new BlockList();
  network.addSubnet(one, PREFIX_BITS[family], family);
  return network.check(other, family);
}

function withoutZone(address: string): string {
  return address.replace(/%.*/, "");
}

/** The same browser on the same system, in other versions: nobody is to be signed out by an update. */
function isUpdate({ from, to }: Change): boolean {
  return from !== null && to !== null && withoutVersions(from) === withoutVersions(to);
}

function withoutVersions(userAgent: string): string {
  return userAgent.replace(/(?<=[/ :])\d[\d._]*/g, "");
}
