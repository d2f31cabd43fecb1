/** The auth server inside a Next app: its App Router calls handlers that take web requests, which is all there is to it. */
import type { FetchHandler } from "../http/node-handler.ts";

/** What the adapter needs of an Ostiary. */
interface Mountable {
  readonly fetch: FetchHandler;
}

type RouteHandler = (request: Request) => Promise<Response>;

export type NextHandlers = Readonly<Record<"GET" | "HEAD" | "POST" | "PATCH" | "DELETE" | "OPTIONS", RouteHandler>>;

/**
 * Route handlers for everything below the issuer's path: in `app/auth/[...path]/route.ts`,
 * `export const { GET, POST, PATCH, DELETE } = toNext(ostiary)`. A function is called at the first request, so that
 * `next build`, which loads every route, starts no server. `OPTIONS` is for apps of other origins.
 *
 * Next tells no peer's address: the client's is known only by `trustProxy`, as a number. Warns once in production if none is.
 */
export function toNext(ostiary: Mountable | (() => Mountable | Promise<Mountable>)): NextHandlers {
  const handle: RouteHandler = async (request) => {
    const mounted = typeof ostiary === "function" ? await ostiary() : ostiary;
    return mounted.fetch(request, { onUnknownAddress: () => warnOnce(mounted) });
  };
  return { GET: handle, HEAD: handle, POST: handle, PATCH: handle, DELETE: handle, OPTIONS: handle };
}

const warned = new WeakSet<Mountable>();

function warnOnce(mounted: Mountable): void {
  if (warned.has(mounted)) return;
  warned.add(mounted);
  process.emitWarning(
    "No addresses are known: limits do not count by them, and the audit has none. Behind a proxy that sets " +
      "X-Forwarded-For, set OSTIARY_TRUST_PROXY to the number of proxies.",
    "OstiaryWarning",
  );
}

const kept = globalThis as { [key: symbol]: unknown };

/**
 * One Ostiary for the whole process, made when it is first asked for: Next loads the module it is made in once for
 * `proxy.ts` and once for pages, and in development after each change. `name` tells several apart. A failure is not kept.
 */
export function keepOstiary<Kept extends Mountable>(create: () => Promise<Kept>, name = "default"): () => Promise<Kept> {
  const key = Symbol.for(`ostiary.${name}`);
  return () => {
    const made = (kept[key] ??= create().catch((error: unknown) => {
      delete kept[key];
      throw error;
    }));
    return made as Promise<Kept>;
  };
}
