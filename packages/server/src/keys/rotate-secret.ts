import { LOCAL_ORIGIN, auditEvent } from "../audit/audit-event.ts";
import { storeUnavailable } from "../errors.ts";
import type { RingDeps } from "./change-ring.ts";

const MAX_TRIES = 20;

/**
 * Encrypts every key anew under the secret in force, in one transaction: whenever it is cut off, all are under the one
 * secret or all under the other. Tells how many there were, or null if they were under it already.
 * Throws a StartError if they are under a secret that is not known.
 */
export async function resealRing({ store, safe, clock }: RingDeps): Promise<number | null> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const ring = await store.read();
    const { secretId, keys, dataKey } = safe.reseal(ring);
    if (ring.secretId === secretId) return null;
    const audit = [auditEvent("secret_rotated", clock(), LOCAL_ORIGIN, {}, { keys: keys.length })];
    const written = await store.write({
      revision: ring.revision,
      secretId,
      keys,
      ...(dataKey === undefined ? {} : { dataKey }),
      revocations: [],
      audit,
    });
    if (written !== null) return keys.length;
  }
  throw storeUnavailable(new Error("The key ring was changed by others each time it was to be encrypted anew."));
}
