/**
 * An issuer's public keys, fetched by discovery and kept fresh (OpenID Connect Discovery §4, RFC 7517 §5).
 * It owns when to fetch: at most one fetch at a time, the last good keys while the issuer is down, and one fetch per
 * cooldown however many tokens name unknown keys. What makes a key usable is the key set's business in `@ostiary/jwt`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createKeySet, type AlgorithmName, type KeySet } from "@ostiary/jwt";
import { LAST_GOOD_KEYS_SECONDS } from "@ostiary/protocol";
import { checkAddress } from "./address.ts";
import { unavailable } from "./challenge.ts";
import { fetchJson, type Fetch, type FetchedJson } from "./fetch-json.ts";
import type { KeyFile } from "./key-file.ts";
import type { KeySource } from "./key-source.ts";

export interface KeyCacheOptions {
  readonly issuer: string;
  /** Where the issuer may describe itself; the first that answers. */
  readonly metadataUrls: readonly string[];
  /** Where its keys are, if that need not be asked. */
  readonly jwksUri?: string | undefined;
  readonly algorithms: readonly AlgorithmName[];
  /** Keeps the last good keys over a restart. */
  readonly keyFile?: KeyFile | undefined;
  readonly cooldownSeconds: number;
  readonly fetchTimeoutSeconds: number;
  readonly fetch: Fetch;
  readonly clock: () => number;
  readonly onWarning: (message: string) => void;
  /** Waits between the tries of `ready`. */
  readonly delay?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** How long keys count as fresh when the issuer does not say, and at most. */
const DEFAULT_FRESH_SECONDS = 300;
const MAX_FRESH_SECONDS = 3600;

/** How far saved keys may seem to come from the future. */
const MAX_CLOCK_STEP_SECONDS = 300;

/** Between tries while there are no keys yet. */
const RETRY_SECONDS = 1;

/** How often an idle guard looks whether a refresh is due, so that a removed key is forgotten without traffic too. */
const IDLE_CHECK_MS = 10_000;

export function createKeyCache(options: KeyCacheOptions): KeySource {
  const { issuer, algorithms, clock, onWarning } = options;
  const delay = options.delay ?? ((milliseconds, signal) => sleep(milliseconds, undefined, { signal }));
  const retrySeconds = Math.min(RETRY_SECONDS, options.cooldownSeconds);
  const none = createKeySet([]);
  const closing = new AbortController();
  const { signal } = closing;

  let keys = none;
  let published = "";
  let jwksUri: string | undefined;
  let fetchedAt: number | undefined;
  let lastError: string | undefined;
  let warned: string | undefined;
  /** When a fetch was last made because of an unknown key. */
  let askedAt = -Infinity;
  let freshUntil = Infinity;
  let inFlight: Promise<void> | undefined;
  let idleCheck: NodeJS.Timeout | undefined;
  let readiness: Promise<void> | undefined;

  /** Never rejects: how it went is in `keys` and `lastError`. */
  function refresh(): Promise<void> {
    inFlight ??= load().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  }

  async function load(): Promise<void> {
    try {
      jwksUri ??= options.jwksUri ?? (await discover());
      const { document, maxAgeSeconds } = await get(jwksUri);
      accept(document, clock());
      await options.keyFile?.write({ fetchedAt: clock(), document });
      const freshSeconds = Math.min(maxAgeSeconds ?? DEFAULT_FRESH_SECONDS, MAX_FRESH_SECONDS);
      freshUntil = clock() + Math.max(freshSeconds, options.cooldownSeconds) * 1000;
      lastError = undefined;
      warned = undefined;
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
      if (fetchedAt === undefined) await recall();
    }
  }

  /** A guard that was started while the issuer is down goes on with what it knew before. */
  async function recall(): Promise<void> {
    const saved = await options.keyFile?.read();
    if (saved === undefined || signal.aborted) return;
    const age = clock() - saved.fetchedAt;
    // From the future: a clock was set, and the true age is unknown.
    if (age < -MAX_CLOCK_STEP_SECONDS * 1000 || age > LAST_GOOD_KEYS_SECONDS * 1000) return;
    try {
      accept(saved.document, saved.fetchedAt);
    } catch {
      // Of another version, or for other algorithms: as if there were none.
      return;
    }
    freshUntil = clock() + options.cooldownSeconds * 1000;
    onWarning(`The keys of ${issuer} are those saved at ${new Date(saved.fetchedAt).toISOString()}, until it answers`);
  }

  async function discover(): Promise<string> {
    const { document } = await firstAnswer(options.metadataUrls);
    const metadata = Object(document) as { issuer?: unknown; jwks_uri?: unknown };
    if (metadata.issuer !== issuer) throw new Error(`its discovery document is of another issuer: ${JSON.stringify(metadata.issuer)}`);
    const url = checkAddress("its jwks_uri", metadata.jwks_uri as string);
    if (url.protocol !== "https:" && issuer.startsWith("https:")) throw new Error("its jwks_uri must be https");
    return url.href;
  }

  /** Of several that fail the first says why: it is the usual place. */
  async function firstAnswer([url = "", ...others]: readonly string[]): Promise<FetchedJson> {
    try {
      return await get(url);
    } catch (error) {
      if (others.length === 0) throw error;
      return firstAnswer(others).catch(() => {
        throw error;
      });
    }
  }

  function get(url: string): Promise<FetchedJson> {
    return fetchJson(url, { fetch: options.fetch, timeoutSeconds: options.fetchTimeoutSeconds, signal });
  }

  function accept(document: unknown, at: number): void {
    const text = JSON.stringify(document);
    // The same document keeps the same Key objects, and so everything that is cached under them.
    if (text !== published) {
      // A bare list would be taken for keys of ours.
      if (Array.isArray(document)) throw new Error("its key set is not a JWK Set");
      const next = createKeySet(document as object, { algorithms });
      if (next.size === 0 && keys.size === 0) throw new Error("publishes no key that can be used here");
      warnOfIgnored(next, document as { keys: unknown[] });
      keys = next;
      published = text;
    }
    fetchedAt = at;
    idleCheck ??= setInterval(refreshIfDue, IDLE_CHECK_MS).unref();
  }

  function warnOfIgnored({ ignored }: KeySet, document: { readonly keys: readonly unknown[] }): void {
    // Keys for encryption are no mistake: they are just not for us.
    const mistakes = ignored.filter(({ index }) => (Object(document.keys[index]) as { use?: unknown }).use !== "enc");
    const [first] = mistakes;
    if (first === undefined) return;
    onWarning(`${mistakes.length} of the keys that ${issuer} publishes are left out, the first because ${first.reason}`);
  }

  function fail(error: Error): void {
    if (signal.aborted) return;
    // The other side may have put anything of any length into it.
    lastError = error.message.slice(0, 300);
    // The keys may have moved: ask discovery again.
    jwksUri = undefined;
    if (fetchedAt === undefined) freshUntil = Infinity;
    else {
      freshUntil = clock() + options.cooldownSeconds * 1000;
      if (clock() - fetchedAt > LAST_GOOD_KEYS_SECONDS * 1000) forget();
    }
    if (warned === lastError) return;
    warned = lastError;
    onWarning(`The keys of ${issuer} could not be fetched: ${lastError}`);
  }

  function forget(): void {
    keys = none;
    published = "";
    fetchedAt = undefined;
    freshUntil = Infinity;
  }

  function refreshIfDue(): void {
    if (clock() >= freshUntil && !signal.aborted) void refresh();
  }

  async function untilReady(): Promise<void> {
    while (keys.size === 0) {
      signal.throwIfAborted();
      await refresh();
      if (keys.size === 0) await delay(retrySeconds * 1000, signal).catch(() => {});
    }
  }

  return {
    current() {
      refreshIfDue();
      return keys;
    },

    async lookFurther() {
      const before = keys;
      if (inFlight !== undefined) await inFlight;
      else if (!signal.aborted) {
        const sinceAsked = clock() - askedAt;
        // A clock that was set back must not stretch the cooldown.
        const pause = keys.size === 0 ? retrySeconds : options.cooldownSeconds;
        if (sinceAsked < 0 || sinceAsked >= pause * 1000) {
          askedAt = clock();
          await refresh();
        }
      }
      if (keys.size === 0) throw unavailable(retrySeconds, lastError);
      // The first keys are no answer to an unknown one: a rotation just after the start is noticed at once as well.
      if (before.size === 0) askedAt = -Infinity;
      return keys !== before;
    },

    ready() {
      readiness ??= untilReady();
      return readiness;
    },

    status: () => ({
      count: keys.size,
      fetchedAt: fetchedAt === undefined ? null : new Date(fetchedAt).toISOString(),
      lastError: lastError ?? null,
    }),

    close() {
      closing.abort(new Error("The guard is closed"));
      clearInterval(idleCheck);
    },
  };
}
