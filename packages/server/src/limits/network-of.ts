import ipaddr from "ipaddr.js";

/** Of an IPv6 address whoever has one has at least this many bits' worth: a household, a rented machine. */
const IPV6_PREFIX = 64;

/** What tries are counted by: an IPv4 address, or the /64 of an IPv6 address. Null for what is no address. */
export function networkOf(address: string | null): string | null {
  if (address === null || !ipaddr.isValid(address)) return null;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  const { parts } = parsed as ipaddr.IPv6;
  return `${parts.slice(0, IPV6_PREFIX / 16).map((part) => part.toString(16)).join(":")}::/${IPV6_PREFIX}`;
}
