import type { Settings } from "../config-schema.ts";
import { readSecrets } from "../data-dir.ts";
import type { RingDeps } from "../keys/change-ring.ts";
import { keyPolicyOf } from "../keys/key-policy.ts";
import { createKeySafe } from "../keys/key-safe.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { openKeyring } from "../keys/keyring.ts";
import type { Keyring } from "../keys/keyring.ts";

export interface OpenKeys {
  readonly keyring: Keyring;
  /** What it takes to change the ring. */
  readonly ring: RingDeps;
}

export async function openKeys(store: KeyStore, settings: Settings): Promise<OpenKeys> {
  const { clock, random, onError } = settings;
  const safe = createKeySafe(() => readSecrets(settings), random);
  const ring = { store, safe, policy: keyPolicyOf(settings), clock, random };
  return { ring, keyring: await openKeyring({ ...ring, onError }) };
}
