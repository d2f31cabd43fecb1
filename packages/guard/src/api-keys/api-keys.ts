/**
 * API keys: what each stands for is asked once, and relied on for as long as the answer says, with an eye on what is
 * revoked. Nothing is asked that cannot be a key, and not much about keys that nobody knows.
 */
import { createHash } from "node:crypto";
import { createBoundedMemory } from "../bounded-memory.ts";
import { invalidToken, tooManyKeys } from "../challenge.ts";
import type { RevocationSet, RevocationSubject } from "../revocation-set.ts";
import { isWellFormed } from "./api-key.ts";

export type KeyClaims = Readonly<Record<string, unknown>>;

/** What a key stands for; null for what is no key, or none any more. What it throws is thrown to the caller. */
export type AskForKey = (key: string) => Promise<KeyClaims | null>;

export interface KeyReading<Who> {
  readonly identity: Who;
  readonly revocable: RevocationSubject;
  /** In seconds since the epoch: how long this may be relied on. */
  readonly exp: number;
}

export interface KnownKey<Who> extends KeyReading<Who> {
  /** Of the monotonic clock: when the question was asked that this answers. */
  readonly askedAt: number;
}

export interface ApiKeys<Who> {
  /** Throws a `GuardError`: 401 for what is no good key, 503 when that cannot be told. */
  find(key: string): Promise<KnownKey<Who>>;
  /** What the key stands for now, or did up to a second ago: for who cannot hear what changes. Throws as `find` does. */
  renew(key: string, known: KnownKey<Who>): Promise<KnownKey<Who>>;
}

export interface ApiKeysOptions<Who> {
  readonly ask: AskForKey;
  /** Throws a `GuardError` unless the claims are those of a token that is good here. */
  readonly read: (claims: KeyClaims) => KeyReading<Who>;
  readonly revocations: RevocationSet | undefined;
  /** How many keys are remembered; 0: every key is asked about each time. */
  readonly maxKeys: number;
  readonly clock: () => number;
  readonly monotonic: () => number;
}

/** In milliseconds: how long a key that was refused is refused without asking again; shorter where it may be good in a moment. */
const REFUSED_FOR = 5000;
const STALE_FOR = 1000;
/** In milliseconds: how old an answer may be where nothing else tells of changes. */
const MAX_AGE = 1000;
const MAX_REFUSED = 10_000;
const MAX_ASKED_AT_ONCE = 1000;
/** So many keys that were never good may be asked about at once, and so many each second if they turn out to be none. */
const STRANGERS = { burst: 200, perSecond: 100 };
/** Keys that were good once, of about 100 bytes each, whatever is remembered of them beside. */
const MAX_ACQUAINTANCES = 50_000;

export function createApiKeys<Who>(options: ApiKeysOptions<Who>): ApiKeys<Who> {
  const { ask, read, revocations, clock, monotonic } = options;
  // By hash: a key is worth more than a token that has an end, and a memory may be dumped.
  const known = createBoundedMemory<KnownKey<Who>>(options.maxKeys);
  const refused = createBoundedMemory<{ readonly refusal: unknown; readonly until: number }>(MAX_REFUSED);
  const asked = new Map<string, Promise<KnownKey<Who> | null>>();
  const acquaintances = createBoundedMemory<true>(MAX_ACQUAINTANCES);
  const strangers = createBudget(STRANGERS, monotonic);

  /** Gives the refusal, and remembers it. */
  function refuse(name: string, refusal: unknown, milliseconds = REFUSED_FOR): unknown {
    refused.set(name, { refusal, until: monotonic() + milliseconds });
    return refusal;
  }

  async function learn(key: string, name: string): Promise<KnownKey<Who> | null> {
    const askedAt = monotonic();
    const claims = await ask(key);
    if (claims === null) {
      known.delete(name);
      refuse(name, invalidToken("token_revoked"));
      return null;
    }
    try {
      const entry = { ...read(claims), askedAt };
      known.set(name, entry);
      acquaintances.set(name, true);
      return entry;
    } catch (error) {
      known.delete(name);
      throw refuse(name, error);
    }
  }

  async function learnOfStranger(key: string, name: string): Promise<KnownKey<Who> | null> {
    strangers.take();
    let isStrange = false;
    try {
      const entry = await learn(key, name);
      isStrange = entry === null;
      return entry;
    } finally {
      if (!isStrange) strangers.giveBack();
    }
  }

  /** One question for all who wait for its answer. */
  function askOnce(key: string, name: string): Promise<KnownKey<Who> | null> {
    const underWay = asked.get(name);
    if (underWay !== undefined) return underWay;
    const isStranger = acquaintances.get(name) === undefined;
    // Whose key was good before does not wait for those who make keys up.
    if (asked.size >= MAX_ASKED_AT_ONCE || (isStranger && !strangers.hasRoom())) throw tooManyKeys();
    const answer = (isStranger ? learnOfStranger : learn)(key, name).finally(() => asked.delete(name));
    asked.set(name, answer);
    return answer;
  }

  async function learnAnew(key: string, name: string): Promise<KnownKey<Who>> {
    const fresh = await askOnce(key, name);
    if (fresh === null) throw invalidToken("token_revoked");
    const reason = revocations?.check(fresh.revocable);
    if (reason !== undefined) throw refuse(name, invalidToken(reason), STALE_FOR);
    return fresh;
  }

  return {
    async find(key) {
      if (!isWellFormed(key)) throw invalidToken("token_malformed");
      const name = nameOf(key);
      const entry = known.get(name);
      if (entry !== undefined && entry.exp * 1000 > clock()) {
        const reason = revocations?.check(entry.revocable);
        if (reason === undefined) return entry;
        if (reason === "session_revoked") throw invalidToken(reason);
        // Of its owner something has changed: the key itself may well be as good as before, and say something else.
      }
      const before = refused.get(name);
      if (before !== undefined && before.until > monotonic()) throw before.refusal;
      return learnAnew(key, name);
    },

    async renew(key, entry) {
      const name = nameOf(key);
      const since = monotonic() - MAX_AGE;
      let fresh = entry;
      // Twice at the most: what is under way may have been asked too long ago.
      while (fresh.askedAt <= since) fresh = await learnAnew(key, name);
      const reason = revocations?.check(fresh.revocable);
      if (reason !== undefined) throw invalidToken(reason);
      return fresh;
    },
  };
}

function nameOf(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}

function createBudget({ burst, perSecond }: { burst: number; perSecond: number }, monotonic: () => number) {
  let taken = 0;
  let at = monotonic();
  function settle(): void {
    const now = monotonic();
    taken = Math.max(0, taken - ((now - at) / 1000) * perSecond);
    at = now;
  }
  return {
    hasRoom() {
      settle();
      return taken <= burst - 1;
    },
    take: () => void taken++,
    giveBack: () => void (taken = Math.max(0, taken - 1)),
  };
}
