import { lookup, Resolver } from "node:dns/promises";
import type { LookupAddress } from "node:dns";
import { networkInterfaces } from "node:os";

/** Every address that a name has, those first that this machine can reach. */
export type ResolveName = (host: string, signal: AbortSignal) => Promise<readonly LookupAddress[]>;

const TRY_MS = 2000;
const MAX_AT_ONCE = 64;

export class NotResolved extends Error {
  override readonly name = "NotResolved";
}

/**
 * Asks the name servers itself, on sockets: the system's own lookup (`getaddrinfo`) holds one of the few threads that also
 * read files and hash passwords, for as long as a stranger's name server cares to be silent. What stands in the machine's
 * `hosts` file is not seen; with `allowLoopback`, for tests, `localhost` is.
 */
export function createResolveName({
  allowLoopback = false,
  servers,
}: { allowLoopback?: boolean; servers?: readonly string[] } = {}): ResolveName {
  let underWay = 0;

  async function ask(host: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
    const resolver = new Resolver({ timeout: TRY_MS, tries: 1 });
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = (): void => resolver.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      if (four.status === "rejected" && six.status === "rejected") throw four.reason;
      const [fours, sixes] = [addressesOf(four, 4), addressesOf(six, 6)];
      return reachesIpv4() ? [...fours, ...sixes] : [...sixes, ...fours];
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  return async (host, signal) => {
    if (allowLoopback && host === "localhost") return lookup(host, { all: true });
    if (signal.aborted || underWay >= MAX_AT_ONCE) throw new NotResolved("Too many names are being looked up.");
    underWay++;
    return ask(host, signal).finally(() => underWay--);
  };
}

function addressesOf(answer: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return answer.status === "rejected" ? [] : answer.value.map((address) => ({ address, family }));
}

function reachesIpv4(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ family, internal }) => family === "IPv4" && !internal),
  );
}
