import ipaddr from "ipaddr.js";

/** All that is given out on the public internet as yet (RFC 4291 §2.4, IANA's registry of IPv6 addresses). */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Whether an IP address is of the public internet: not of this machine or network, no multicast, nothing reserved, nothing
 * that carries an IPv4 address inside to be sent elsewhere.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address);
  if (parsed === null || parsed.range() !== "unicast") return false;
  return !(parsed instanceof ipaddr.IPv6) || parsed.match(GLOBAL_IPV6);
}

export function isLoopbackAddress(address: string): boolean {
  return parse(address)?.range() === "loopback";
}

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  // An IPv4 address in IPv6's clothes is what it is inside.
  return ipaddr.isValid(address) ? ipaddr.process(address) : null;
}
