import type { StoredKey } from "./key-store.ts";

/** How the keys of one purpose follow each other. Times in seconds. */
export interface RotationPolicy {
  readonly algorithm: string;
  /** The one key that is to sign, where the settings name it. */
  readonly keyId?: string | undefined;
  /** How long a key signs. */
  readonly rotationSeconds: number;
  /** How long a key is published at the least before it signs. */
  readonly publishAheadSeconds: number;
  /** The longest life of a token signed from now on. */
  readonly tokenSeconds: number;
}

/** What is due. */
export type RotationStep =
  | { readonly step: "make"; readonly state: "active" | "upcoming"; readonly tokenSeconds: number }
  | { readonly step: "activate"; readonly id: string }
  | { readonly step: "retire"; readonly id: string; readonly goneAt: number }
  | { readonly step: "drop"; readonly id: string }
  | { readonly step: "extend"; readonly id: string; readonly tokenSeconds: number };

/** What a plan looks at. */
export type KeyFacts = Pick<
  StoredKey,
  "id" | "algorithm" | "origin" | "state" | "tokenSeconds" | "createdAt" | "activatesAt" | "activatedAt" | "goneAt"
>;

/**
 * A key verifies for so long after the last token it signed has expired: guards forgive up to a minute, clocks differ,
 * and a replica learns a second late that it is no longer to sign.
 */
export const RETIREMENT_MARGIN_SECONDS = 120;

/**
 * What is due among the keys of one purpose; nothing, once it is done. Pure: every replica plans alike, and whoever comes
 * first does it.
 */
export function planRotation(keys: readonly KeyFacts[], now: number, policy: RotationPolicy): RotationStep[] {
  const steps: RotationStep[] = keys
    .filter(({ state, goneAt }) => state === "retiring" && goneAt !== null && goneAt <= now)
    .map(({ id }) => ({ step: "drop", id }));
  const active = keys.find(({ state }) => state === "active");
  const waiting = waitingKeys(keys, policy);
  const next = nextKey(keys, waiting, active, now, policy);

  if (next !== undefined) {
    if (active !== undefined) steps.push({ step: "retire", id: active.id, goneAt: goneAtOf(active, now, policy) });
    steps.push({ step: "activate", id: next.id });
    // Keys of an algorithm, or secret, that is no longer wanted have signed nothing.
    const unwanted = keys.filter((key) => key.state === "upcoming" && !fits(key, policy));
    for (const { id } of unwanted) steps.push({ step: "drop", id });
  } else if (active === undefined) {
    steps.push({ step: "make", state: "active", tokenSeconds: policy.tokenSeconds });
  }

  const isWaitedFor = waiting.some((key) => key !== next);
  if (!isWaitedFor && wantsNext(next ?? active, policy)) {
    steps.push({ step: "make", state: "upcoming", tokenSeconds: longestLife(keys, policy) });
  }
  for (const { id, state, tokenSeconds } of keys) {
    const signs = state === "active" || state === "upcoming";
    const staysInRing = !steps.some((step) => step.step !== "make" && step.step !== "activate" && step.id === id);
    if (signs && staysInRing && tokenSeconds < policy.tokenSeconds) {
      steps.push({ step: "extend", id, tokenSeconds: policy.tokenSeconds });
    }
  }
  return steps;
}

/**
 * From when on nobody who verifies can be without the key, in milliseconds: once it has been published long enough, or,
 * for those that came with the ring itself, from the beginning.
 */
export function ripeAt(key: KeyFacts, keys: readonly KeyFacts[], policy: RotationPolicy): number {
  const isFirst = keys.every(({ createdAt }) => key.createdAt <= createdAt);
  return isFirst ? key.createdAt : key.createdAt + policy.publishAheadSeconds * 1000;
}

/** The keys that could sign next, those that somebody has asked for first. */
export function waitingKeys<K extends KeyFacts>(keys: readonly K[], policy: RotationPolicy): K[] {
  const wish = ({ activatesAt }: KeyFacts): number => activatesAt ?? Infinity;
  return keys
    .filter((key) => key.state === "upcoming" && fits(key, policy))
    .toSorted((a, b) => (wish(a) === wish(b) ? a.createdAt - b.createdAt : wish(a) - wish(b)));
}

/** When a key that retires now is to be dropped, in milliseconds since the epoch. */
export function goneAtOf(key: KeyFacts, now: number, policy: RotationPolicy): number {
  return now + (Math.max(key.tokenSeconds, policy.tokenSeconds) + RETIREMENT_MARGIN_SECONDS) * 1000;
}

/** When the active key's time is over, if nobody asks earlier; null if the settings name the key. */
export function dueAt({ activatedAt }: KeyFacts, policy: RotationPolicy): number | null {
  return policy.keyId === undefined ? (activatedAt ?? 0) + policy.rotationSeconds * 1000 : null;
}

/** The key that is to sign from now on; undefined if everything stays as it is. */
function nextKey(
  keys: readonly KeyFacts[],
  waiting: readonly KeyFacts[],
  active: KeyFacts | undefined,
  now: number,
  policy: RotationPolicy,
): KeyFacts | undefined {
  // Better a key that some do not know yet than none.
  if (active === undefined) return waiting[0];
  const due = dueAt(active, policy);
  const isOver = !fits(active, policy) || (due !== null && due <= now);
  return waiting.find((key) => {
    if (key.activatesAt !== null) return key.activatesAt <= now;
    return isOver && ripeAt(key, keys, policy) <= now;
  });
}

function fits(key: KeyFacts, { algorithm, keyId }: RotationPolicy): boolean {
  if (keyId !== undefined) return key.id === keyId;
  return key.algorithm === algorithm && key.origin !== "configured";
}

/** Whether a key is to wait beside the one that signs: always, but where the settings name that one. */
function wantsNext(signing: KeyFacts | undefined, policy: RotationPolicy): boolean {
  return policy.keyId === undefined || (signing !== undefined && !fits(signing, policy));
}

/** Sessions of before may keep their longer lives under the new key. */
function longestLife(keys: readonly KeyFacts[], { tokenSeconds }: RotationPolicy): number {
  return Math.max(tokenSeconds, ...keys.filter(({ state }) => state !== "gone").map((key) => key.tokenSeconds));
}
