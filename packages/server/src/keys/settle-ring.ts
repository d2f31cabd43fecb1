import { importSecret } from "@ostiary/jwt";
import type { Algorithm, Key } from "@ostiary/jwt";
import { timingSafeEqual } from "node:crypto";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import type { KeyPolicy } from "./key-policy.ts";
import type { KeySafe } from "./key-safe.ts";
import type { KeyOrigin, KeyPurpose, KeyRing, StoredKey } from "./key-store.ts";
import { makeKey } from "./make-key.ts";
import { planRotation } from "./plan-rotation.ts";
import type { RotationPolicy, RotationStep } from "./plan-rotation.ts";

export interface SettleDeps {
  readonly safe: KeySafe;
  readonly policy: KeyPolicy;
  readonly random: Random;
}

const PURPOSES: readonly KeyPurpose[] = ["access", "refresh", "browser"];
const REFRESH_ALGORITHM = "HS256";
const NO_KEY = "";

/** The keys of the ring once everything that is due has been done; the same objects where nothing has changed. */
export async function settleRing(deps: SettleDeps, ring: KeyRing, now: number): Promise<readonly StoredKey[]> {
  const keys = new Map(ring.keys.map((key) => [key.id, key]));
  for (const purpose of PURPOSES) {
    const policy = rotationPolicyOf(deps, ring, purpose);
    if (policy === null) continue;
    for (const step of planRotation(ofPurpose(ring, purpose), now, policy)) {
      const key =
        step.step === "make" ? await newKey(deps, ring, purpose, policy, step, now) : changed(known(keys, step.id), step, now);
      keys.set(key.id, key);
    }
  }
  return [...keys.values()];
}

/** Whether settling the ring would change it. */
export function isDue(deps: SettleDeps, ring: KeyRing, now: number): boolean {
  return PURPOSES.some((purpose) => {
    const policy = rotationPolicyOf(deps, ring, purpose);
    return policy !== null && planRotation(ofPurpose(ring, purpose), now, policy).length > 0;
  });
}

function ofPurpose(ring: KeyRing, purpose: KeyPurpose): StoredKey[] {
  return ring.keys.filter((key) => key.purpose === purpose);
}

/** How the keys of a purpose follow each other; null if what signs is not in the ring. */
export function rotationPolicyOf({ safe, policy }: SettleDeps, ring: KeyRing, purpose: KeyPurpose): RotationPolicy | null {
  const { rotationSeconds, publishAheadSeconds } = policy;
  const common = { rotationSeconds, publishAheadSeconds };
  switch (purpose) {
    case "access":
      if (policy.accessSecret !== null) return null;
      return { ...common, algorithm: policy.signingAlgorithm, tokenSeconds: policy.accessTokenSeconds };
    case "refresh": {
      const refresh = { ...common, algorithm: REFRESH_ALGORITHM, tokenSeconds: policy.refreshTokenSeconds };
      const { refreshSecret } = policy;
      if (refreshSecret === null) return refresh;
      const configured = ring.keys.find(
        (key) => isHeld(key) && key.origin === "configured" && holds(safe.open(ring, key), refreshSecret),
      );
      return { ...refresh, keyId: configured?.id ?? NO_KEY };
    }
    case "browser": {
      // What it made may be as old as a session, and opens nothing without a session's own row: it stays until taken out.
      const only = ring.keys.find((key) => key.purpose === "browser" && isHeld(key));
      return { ...common, algorithm: REFRESH_ALGORITHM, tokenSeconds: 0, keyId: only?.id ?? NO_KEY };
    }
  }
}

function isHeld({ state }: StoredKey): boolean {
  return state !== "gone";
}

function known(keys: ReadonlyMap<string, StoredKey>, id: string): StoredKey {
  const key = keys.get(id);
  if (key === undefined) throw new Error("A plan for a key that is not in the ring.");
  return key;
}

/** The key as a step leaves it. */
function changed(key: StoredKey, step: Exclude<RotationStep, { step: "make" }>, now: number): StoredKey {
  switch (step.step) {
    case "activate":
      return { ...key, state: "active", activatesAt: null, activatedAt: now };
    case "retire":
      return { ...key, state: "retiring", retiredAt: now, goneAt: step.goneAt };
    case "drop":
      return dropped(key, now);
    case "extend":
      return { ...key, tokenSeconds: step.tokenSeconds };
  }
}

/** The key without what it signed with. */
export function dropped(key: StoredKey, now: number): StoredKey {
  return { ...key, state: "gone", sealed: new Uint8Array(), activatesAt: null, goneAt: now };
}

async function newKey(
  { safe, policy, random }: SettleDeps,
  ring: KeyRing,
  purpose: KeyPurpose,
  { algorithm, keyId }: RotationPolicy,
  step: Extract<RotationStep, { step: "make" }>,
  now: number,
): Promise<StoredKey> {
  const isConfigured = purpose === "refresh" && keyId !== undefined && policy.refreshSecret !== null;
  const key = isConfigured
    ? importSecret(policy.refreshSecret, {
        algorithm: REFRESH_ALGORITHM,
        keyId: randomText(random, 16),
      })
    : await makeKey(algorithm as Algorithm);
  const made = upcomingKey(safe, ring, { purpose, key, origin: isConfigured ? "configured" : "generated", now });
  const state = { ...made, tokenSeconds: step.tokenSeconds };
  return step.state === "active" ? { ...state, state: "active", activatedAt: now } : state;
}

/** A key that enters the ring. */
export function upcomingKey(
  safe: KeySafe,
  ring: KeyRing,
  { purpose, key, origin, now }: { purpose: KeyPurpose; key: Key; origin: KeyOrigin; now: number },
): StoredKey {
  const id = key.keyId;
  if (id === undefined) throw new Error("A key without a key id.");
  // After all that are there, whatever this clock says: what came with the ring itself is known by its time.
  const createdAt = Math.max(now, ...ofPurpose(ring, purpose).map((one) => one.createdAt + 1));
  return {
    id,
    purpose,
    algorithm: key.algorithm,
    origin,
    state: "upcoming",
    sealed: safe.seal(ring, purpose, id, key),
    tokenSeconds: 0,
    createdAt,
    activatesAt: null,
    activatedAt: null,
    retiredAt: null,
    goneAt: null,
    compromised: false,
  };
}

function holds(key: Key, secret: Uint8Array): boolean {
  const bytes = Buffer.from(key.privateJwk().k ?? "", "base64url");
  return bytes.length === secret.length && timingSafeEqual(bytes, secret);
}
