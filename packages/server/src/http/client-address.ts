import { isIP } from "node:net";
import proxyaddr from "proxy-addr";
import type { RequestInfo } from "./http-context.ts";

/** How many proxies stand before the server, or which: addresses, networks, `loopback`, `linklocal`, `uniquelocal`. */
export type TrustedProxies = number | readonly string[];

/** What comes of leaving it to the default where there may be a proxy after all. */
export const UNSAID_PROXIES = {
  message:
    "Nobody has said whether a proxy stands before the server: behind one all clients look like one address, and share " +
    "its limits.",
  mend: "set OSTIARY_TRUST_PROXY to the number of proxies, or to 0 if there is none",
};

/** A list that proxy-addr can read. */
export function isProxyList(list: readonly string[]): boolean {
  try {
    proxyaddr.compile([...list]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Puts the client's address in the place of the peer's where the peer is a trusted proxy, as X-Forwarded-For tells it:
 * read from the right, up to the first that is not trusted. What anyone further left claims is not looked at, and what
 * a peer claims that is not trusted neither.
 */
export function createClientInfo(trusted: TrustedProxies): (request: Request, info: RequestInfo) => RequestInfo {
  if (trusted === 0 || (typeof trusted === "object" && trusted.length === 0)) {
    return (_, info) => ({ ...info, remoteAddress: plain(info.remoteAddress) });
  }
  const trust = typeof trusted === "number" ? (_: string, hop: number) => hop < trusted : proxyaddr.compile([...trusted]);
  return (request, info) => {
    const peer = info.remoteAddress;
    const forwarded = request.headers.get("x-forwarded-for");
    if (forwarded === null) return { ...info, remoteAddress: plain(peer) };
    // All that proxy-addr reads of a Node request.
    const seen = {
      headers: { "x-forwarded-for": forwarded },
      connection: { remoteAddress: peer },
      socket: { remoteAddress: peer },
    };
    const address = withoutPort(proxyaddr(seen as unknown as Parameters<typeof proxyaddr>[0], trust));
    return { ...info, remoteAddress: plain(isIP(address) === 0 ? peer : address) };
  };
}

/** IPv4 addresses that reach an IPv6 socket are told in their own form. */
function plain(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, "");
}

/** Some proxies tell the port as well. */
function withoutPort(address: string | undefined): string {
  return /^\[(.+)\](?::\d+)?$/.exec(address ?? "")?.[1] ?? /^([\d.]+):\d+$/.exec(address ?? "")?.[1] ?? address ?? "";
}
