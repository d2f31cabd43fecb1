/** A browser of one origin: its tabs share a cookie jar, notes, locks and a channel. */
import { createAuthClientIn } from "../src/client.ts";
import type { AuthClient, AuthClientOptions } from "../src/client.ts";
import type { Channel, Environment, Locks, Page } from "../src/environment.ts";
import { createFakeClock, settle } from "./fake-clock.ts";
import type { FakeClock } from "./fake-clock.ts";
import { createFakeIssuer, ISSUER } from "./fake-issuer.ts";
import type { FakeIssuer, Jar } from "./fake-issuer.ts";

/** A page, and what a client needs of it. */
export interface Place {
  readonly environment: Environment;
  isVisible: boolean;
  /** The page is shown, or the network is back. */
  readonly wake: () => void;
}

export interface Tab extends Place {
  readonly auth: AuthClient;
}

export interface FakeBrowser {
  readonly clock: FakeClock;
  readonly issuer: FakeIssuer;
  readonly jar: Jar;
  readonly notes: Map<string, string>;
  readonly openPlace: (fetch: typeof globalThis.fetch) => Place;
  readonly openTab: (options?: Partial<AuthClientOptions>) => Tab;
}

let browsers = 0;

export interface BrowserOptions {
  /** Where the pages are from. The default is of the issuer's host, whose cookies they can read. */
  readonly origin?: string;
  /** False for a browser without Web Locks. */
  readonly hasLocks?: boolean;
  readonly hasChannels?: boolean;
}

export function createFakeBrowser(options: BrowserOptions = {}): FakeBrowser {
  const { origin = "https://id.example.com", hasLocks = true, hasChannels = true } = options;
  const clock = createFakeClock();
  const issuer = createFakeIssuer();
  const jar: Jar = { session: null };
  const notes = new Map<string, string>();
  const own = `browser ${++browsers}`;
  // Real ones, of Node; under a name of this browser's own.
  const locks: Locks = {
    request: (name, lockOptions, work) => navigator.locks.request(`${own} ${name}`, lockOptions, work),
  };
  const channels = new Set<EventTarget>();
  const { protocol, hostname } = URL.parse(origin) ?? { protocol: "file:", hostname: "" };

  function openPlace(fetch: typeof globalThis.fetch): Place {
    const wakers = new Set<() => void>();
    const place: Place = { isVisible: true, wake: () => wakers.forEach((waker) => waker()), environment: environmentOf() };
    return place;

    function environmentOf(): Environment {
      const page: Page = {
        location: { origin, protocol, hostname },
        baseUrl: () => (protocol === "file:" ? "file:///app/" : `${origin}/app/`),
        isVisible: () => place.isVisible,
        cookies: () => (jar.session === null ? "other=1" : `other=1; __Secure-ostiary_csrf=${jar.session.csrfToken}`),
        onWake(listener) {
          wakers.add(listener);
          return () => void wakers.delete(listener);
        },
        locks: hasLocks ? locks : null,
        openChannel: hasChannels ? openChannel : null,
        notes: {
          read: (name) => notes.get(name) ?? null,
          write(name, value) {
            if (value === null) notes.delete(name);
            else notes.set(name, value);
          },
        },
      };
      return {
        fetch,
        now: () => clock.now,
        random: () => 0.5,
        newKey: () => globalThis.crypto.randomUUID().replaceAll("-", ""),
        after: clock.after,
        // A tenth of a second is over when everything has come to rest; tests move the clock for longer times.
        pause: (ms) => (ms <= 100 ? settle() : new Promise((resolve) => clock.after(ms, resolve))),
        page,
      };
    }
  }

  function openTab(clientOptions: Partial<AuthClientOptions> = {}): Tab {
    const place = openPlace(clientOptions.fetch ?? issuer.fetchFor(jar));
    return Object.assign(place, { auth: createAuthClientIn(place.environment, { issuer: ISSUER, ...clientOptions }) });
  }

  function openChannel(): Channel {
    const channel = new EventTarget();
    channels.add(channel);
    const methods = {
      postMessage(data: unknown): void {
        const copy: unknown = structuredClone(data);
        for (const other of channels) {
          if (other !== channel) setImmediate(() => other.dispatchEvent(new MessageEvent("message", { data: copy })));
        }
      },
      close: () => void channels.delete(channel),
    };
    return Object.assign(channel, methods) as unknown as Channel;
  }

  return { clock, issuer, jar, notes, openPlace, openTab };
}
