/**
 * Revocations as a guard far from its auth server has them: by the feed, and by what was chosen for the time when the
 * feed cannot be had. The following itself is `revocation-follower`'s business.
 */
import type { RevocationReason } from "@ostiary/protocol";
import { feedStale, invalidToken } from "./challenge.ts";
import { checkNames, checkNumber } from "./check-options.ts";
import type { FeedTrouble } from "./feed-connection.ts";
import type { Fetch } from "./fetch-json.ts";
import { createIntrospector } from "./introspector.ts";
import type { Introspector } from "./introspector.ts";
import { openStream, openWith } from "./open-stream.ts";
import { createRevocationSet } from "./revocation-set.ts";
import { followRevocations } from "./revocation-follower.ts";
import { UNSEEN } from "./revocation-source.ts";
import type { RevocationSource } from "./revocation-source.ts";
import { createStaleAlarm, type WhenStale } from "./stale-alarm.ts";

export interface RevocationOptions {
  /**
   * False where no connection can be held open, as in most serverless platforms: then the server is asked about each token
   * instead, at most once a second, and `whenStale` has to be `introspect`. Default true.
   */
  readonly feed?: boolean;
  /** The guard's credentials at the auth server: `ostiary clients create <name> --guard` makes a pair. */
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * In seconds, 1 to 300: how old the knowledge of revocations may be. Default 5. The server says each second that there
   * is nothing new, so that less than 2 leaves no room for a heartbeat that is a little late.
   */
  readonly maxStalenessSeconds?: number;
  /**
   * What becomes of good tokens when it is older: `reject` answers 503 with Retry-After; `introspect` asks the server
   * about each token (RFC 7662), at most once a second; `accept` lets them pass and warns. Default `reject`.
   */
  readonly whenStale?: WhenStale;
}

export interface FollowedRevocationsOptions extends Required<RevocationOptions> {
  readonly issuer: string;
  readonly timeoutSeconds: number;
  /** The caller's own; undefined for the platform's. */
  readonly fetch: Fetch | undefined;
  readonly clock: () => number;
  readonly monotonic: () => number;
  readonly onWarning: (message: string) => void;
}

/** Fills in the defaults. Throws a TypeError for what is missing, unknown or out of range, and never with a secret in it. */
export function checkRevocation(options: RevocationOptions): Required<RevocationOptions> {
  checkNames("revocation", options, ["clientId", "clientSecret", "feed", "maxStalenessSeconds", "whenStale"]);
  const { clientId, clientSecret, feed = true, maxStalenessSeconds = 5, whenStale = "reject" } = options;
  for (const [name, value] of Object.entries({ clientId, clientSecret })) {
    if (typeof value !== "string" || value === "") throw new TypeError(`revocation.${name} must be a text`);
  }
  checkNumber("revocation.maxStalenessSeconds", maxStalenessSeconds, { min: 1, max: 300 });
  if (!["reject", "introspect", "accept"].includes(whenStale)) {
    throw new TypeError('revocation.whenStale must be "reject", "introspect" or "accept"');
  }
  if (typeof feed !== "boolean") throw new TypeError("revocation.feed must be true or false");
  if (!feed && whenStale !== "introspect") throw new TypeError('revocation.feed can be false only with whenStale: "introspect"');
  return { clientId, clientSecret, feed, maxStalenessSeconds, whenStale };
}

/** For guards that can hold no connection open: the server is asked about each good token. */
export function askedRevocations(options: FollowedRevocationsOptions): RevocationSource {
  const introspector = introspectorOf(options);
  return {
    set: createRevocationSet({ clock: options.clock }),
    isFresh: () => false,
    whenStale: (token, askOtherwise) => (askOtherwise === undefined ? ask(introspector, token) : askOtherwise()),
    ready: () => Promise.resolve(),
    status: () => UNSEEN,
    close: () => introspector.close(),
  };
}

export function followedRevocations(options: FollowedRevocationsOptions): RevocationSource {
  const { issuer, timeoutSeconds, monotonic, onWarning, whenStale } = options;
  const set = createRevocationSet({ clock: options.clock });
  const alarm = createStaleAlarm({ issuer, whenStale, onWarning });
  const introspector = introspectorOf(options);
  let lastTrouble: FeedTrouble | undefined;
  let staleCheck: NodeJS.Timeout | undefined;

  const follower = followRevocations({
    issuer,
    authorization: basicCredentials(options),
    maxStalenessSeconds: options.maxStalenessSeconds,
    timeoutSeconds,
    set,
    openStream: options.fetch === undefined ? openStream : openWith(options.fetch),
    monotonic,
    random: Math.random,
    onFresh() {
      lastTrouble = undefined;
      alarm.lower();
      staleCheck ??= setTimeout(lookForStaleness, options.maxStalenessSeconds * 1000).unref();
    },
    onTrouble(trouble) {
      const news = lastTrouble?.message !== trouble.message;
      lastTrouble = trouble;
      // What is lost for a moment has not become stale, but what has never been there is missed at once.
      const told = follower.staleAt() === -Infinity && alarm.raise(`its feed ${trouble.message}`);
      if (trouble.refused && news && !told) onWarning(`The revocation feed of ${issuer} ${trouble.message}`);
    },
  });

  /** One timer that is late by itself, instead of one to set anew with each heartbeat. */
  function lookForStaleness(): void {
    const left = follower.staleAt() - monotonic();
    staleCheck = left > 0 ? setTimeout(lookForStaleness, left).unref() : undefined;
    if (left <= 0) alarm.raise(lastTrouble === undefined ? "its feed is late" : `its feed ${lastTrouble.message}`);
  }

  return {
    set,
    isFresh: follower.isFresh,

    async whenStale(token, askOtherwise) {
      // The first requests of a guard that has just been made wait until it has tried once.
      if (follower.staleAt() === -Infinity) await keepingAlive(follower.tried);
      if (follower.isFresh() || whenStale === "accept") return;
      if (whenStale !== "introspect") throw feedStale(lastTrouble);
      await (askOtherwise === undefined ? ask(introspector, token) : askOtherwise());
    },

    ready: () => keepingAlive(follower.ready()),

    status: () => ({
      connected: follower.isConnected(),
      seq: follower.seq(),
      staleness: follower.staleness(),
      entries: set.size,
      lastError: lastTrouble?.message ?? null,
    }),

    close() {
      follower.close();
      introspector.close();
      alarm.close();
      clearTimeout(staleCheck);
    },
  };
}

/** Asks the server by the guard's credentials. */
export function introspectorOf(options: Omit<FollowedRevocationsOptions, "clock" | "onWarning">): Introspector {
  const { issuer, timeoutSeconds, monotonic, fetch = globalThis.fetch } = options;
  return createIntrospector({ issuer, authorization: basicCredentials(options), timeoutSeconds, fetch, monotonic });
}

/** Throws a `GuardError`: 401 for a token that is revoked, 503 without an answer. */
async function ask(introspector: Introspector, token: string): Promise<void> {
  let reason: RevocationReason | undefined;
  try {
    reason = await introspector.refusalOf(token);
  } catch (error) {
    throw feedStale(error);
  }
  if (reason !== undefined) throw invalidToken(reason);
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basicCredentials({ clientId, clientSecret }: Pick<RevocationOptions, "clientId" | "clientSecret">): string {
  const encode = (text: string) => new URLSearchParams({ "": text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString("base64")}`;
}

/** The feed itself lets a process end; somebody who waits for it does not want that. */
async function keepingAlive<Value>(awaited: Promise<Value>): Promise<Value> {
  const hold = setInterval(() => {}, 2 ** 30);
  try {
    return await awaited;
  } finally {
    clearInterval(hold);
  }
}
