/**
 * What the client needs of the place it runs in: the only file of the core that looks at globals.
 * A place without `document` (Node, React Native, workers, a server that renders pages) has no page.
 */
import type { SessionOptions } from "./session-client.ts";

export interface Environment {
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds since the epoch. The wall clock: it goes on while a laptop sleeps. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Unguessable text. */
  readonly newKey: () => string;
  /** Runs something later, keeping no process alive for it; returns what calls it off. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly pause: (ms: number) => Promise<void>;
  readonly page: Page | null;
}

/** What only browser tabs have. */
export interface Page {
  /** Where it was loaded from. */
  readonly location: { readonly origin: string; readonly protocol: string; readonly hostname: string };
  /** What relative addresses are relative to: a page can say so itself. */
  readonly baseUrl: () => string;
  readonly isVisible: () => boolean;
  readonly cookies: () => string;
  /** Calls back when the page is shown, comes out of the back-forward cache, gets the focus or the network back. */
  readonly onWake: (listener: () => void) => () => void;
  /** Null where browsers have no Web Locks, or keep them from plain http. */
  readonly locks: Locks | null;
  readonly openChannel: ((name: string) => Channel) | null;
  /** Outlives the page where the browser allows it. Never holds a credential. */
  readonly notes: Notes;
}

// As much of the browsers' own as is used: where there is no DOM, its types are missing too.

export interface Locks {
  request(name: string, options: LockOptions, work: () => Promise<unknown>): Promise<unknown>;
}

export interface LockOptions {
  readonly signal?: AbortSignal;
  readonly steal?: boolean;
}

export interface Channel {
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
  close(): void;
}

export interface Notes {
  read(name: string): string | null;
  /** Null removes it. */
  write(name: string, value: string | null): void;
}

/** Node's keep a process alive unless they are told not to; browsers' are numbers. */
type Timer = { unref?(): void };

export function systemEnvironment({ issuer, fetch: plain = globalThis.fetch, dpop }: SessionOptions): Environment {
  const fetch = dpop?.over(plain, issuer) ?? plain;
  return {
    // Called as a plain function: browsers refuse to run it as a method of something else.
    fetch: (...args) => fetch(...args),
    now: () => Date.now(),
    random: () => Math.random(),
    newKey,
    after(ms, run) {
      const timer = setTimeout(run, ms);
      (timer as Timer).unref?.();
      return () => clearTimeout(timer);
    },
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    page: typeof document === "undefined" ? null : browserPage(),
  };
}

function browserPage(): Page {
  const channels = typeof BroadcastChannel === "function";
  return {
    location,
    baseUrl: () => document.baseURI,
    isVisible: () => document.visibilityState === "visible",
    cookies: readCookies,
    onWake(listener) {
      const wake = (): void => {
        if (document.visibilityState === "visible") listener();
      };
      const listening = new AbortController();
      // The first is the document's, and reaches the window too.
      for (const event of ["visibilitychange", "pageshow", "focus", "online"]) addEventListener(event, wake, listening);
      return () => listening.abort();
    },
    locks: (navigator as { locks?: Locks }).locks ?? null,
    openChannel: channels ? (name) => new BroadcastChannel(name) : null,
    notes: keepNotes(),
  };
}

function readCookies(): string {
  try {
    return document.cookie;
  } catch {
    return ""; // A sandboxed frame has none.
  }
}

/** In localStorage; in memory where that is forbidden, as in some private windows and sandboxed frames. */
function keepNotes(): Notes {
  const memory = new Map<string, string | null>();
  return {
    read(name) {
      try {
        return localStorage.getItem(name);
      } catch {
        return memory.get(name) ?? null;
      }
    },
    write(name, value) {
      memory.set(name, value);
      try {
        if (value === null) localStorage.removeItem(name);
        else localStorage.setItem(name, value);
      } catch {}
    },
  };
}

/** `crypto.randomUUID` is kept from plain http, and React Native has no `crypto` of its own. */
function newKey(): string {
  const { crypto } = globalThis as { crypto?: Crypto };
  const bytes = new Uint8Array(16).map(() => Math.random() * 256);
  crypto?.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
