import { LOCAL_ORIGIN, auditEvent } from "../audit/audit-event.ts";
import type { AuditEvent, Origin } from "../audit/audit-event.ts";
import type { Clock } from "../clock.ts";
import { storeUnavailable } from "../errors.ts";
import type { RevocationDraft } from "../revocation/revocation-store.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { KeyRing, KeyStore, StoredKey } from "./key-store.ts";
import { settleRing } from "./settle-ring.ts";
import type { SettleDeps } from "./settle-ring.ts";

export interface RingDeps extends SettleDeps {
  readonly store: KeyStore;
  readonly clock: Clock;
  /** Told of what an edit revokes; what is merely due revokes nothing. */
  readonly revocations?: RevocationPublisher;
  /** Who makes the edits, for the audit. Default: the application. */
  readonly origin?: Origin;
}

/** What somebody makes of the ring; what is due because of it follows. */
export interface Edit {
  readonly keys: readonly StoredKey[];
  readonly revocations?: readonly RevocationDraft[];
}

/** Others may be quicker now and then, but not for ever. */
const MAX_TRIES = 20;

/**
 * Does what is due, before and after `edit` if there is one, as one compare-and-swap; starts again where another replica
 * was quicker. Returns the ring as it is then. `edit` may be asked again, and changes nothing by throwing.
 */
export async function changeRing(deps: RingDeps, edit?: (ring: KeyRing, now: number) => Edit): Promise<KeyRing> {
  const { store, safe, clock, origin = LOCAL_ORIGIN } = deps;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const ring = await store.read();
    const now = clock();
    const settled = { ...ring, keys: await settleRing(deps, ring, now) };
    const { keys: edited, revocations = [] }: Edit = edit?.(settled, now) ?? settled;
    const keys = edited === settled.keys ? edited : await settleRing(deps, { ...ring, keys: edited }, now);
    const changed = keys.filter((key) => !ring.keys.includes(key));
    if (changed.length === 0) return ring;

    const secretId = safe.secretIdOf(ring);
    const audit = changed.flatMap((key) => auditOf(ring.keys.find(({ id }) => id === key.id), key, now, origin));
    const entries = await store.write({ revision: ring.revision, secretId, keys: changed, revocations, audit });
    if (entries === null) continue;
    for (const entry of entries) deps.revocations?.publish(entry);
    return { ...ring, revision: ring.revision + 1, secretId, keys };
  }
  throw storeUnavailable(new Error("The key ring was changed by others each time it was to be changed."));
}

function auditOf(before: StoredKey | undefined, after: StoredKey, now: number, origin: Origin): AuditEvent[] {
  const { id, purpose, algorithm, state, compromised, activatesAt } = after;
  if (before?.state === "upcoming" && state === "upcoming" && before.activatesAt !== activatesAt) {
    return [auditEvent("key_rotation_planned", now, origin, {}, { kid: id, purpose, algorithm, activatesAt })];
  }
  // A key of our own making is worth telling of once it does something.
  const isMade = before === undefined && after.origin === "generated";
  if (isMade || before?.state === after.state) return [];
  const detail = { kid: id, purpose, algorithm, from: before?.state ?? null, to: state, ...(compromised ? { compromised } : {}) };
  return [auditEvent("key_state_changed", now, origin, {}, detail)];
}
