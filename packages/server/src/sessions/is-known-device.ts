import { networkOf } from "../limits/network-of.ts";
import { hashOf } from "./hash-of.ts";
import type { SessionStore } from "./session-store.ts";
import type { Device, Session } from "./session.ts";

/**
 * Whether somebody signs in where they have been signed in lately. A browser is known by its device cookie. What has none is
 * known by its name and network: else whoever has a stolen password would only have to leave the cookie out.
 */
export async function isKnownDevice(
  store: Pick<SessionStore, "knowsDevice" | "listKept">,
  userId: string,
  device: Device,
  delivery: "cookie" | "body",
  cookie: string | null,
): Promise<boolean> {
  if (delivery === "cookie") return cookie !== null && store.knowsDevice(userId, hashOf(cookie));
  return (await store.listKept(userId)).some((session) => endedWell(session) && isLike(session.device, device));
}

function endedWell({ revokedReason }: Session): boolean {
  return revokedReason === null || revokedReason === "logout";
}

function isLike(one: Device, other: Device): boolean {
  const network = networkOf(one.ip);
  return one.label === other.label && network !== null && network === networkOf(other.ip);
}
