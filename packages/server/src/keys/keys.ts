/**
 * What people and programs may do with the key ring: look at it, rotate, take out, put in. Each is one edit of the ring;
 * what is due because of it, and by itself, is `settle-ring`'s, and that nobody else's edit is lost `change-ring`'s.
 */
import type { Key } from "@ostiary/jwt";
import { OstiaryError } from "../errors.ts";
import { changeRing } from "./change-ring.ts";
import type { Edit, RingDeps } from "./change-ring.ts";
import { checkImport, comesFromSettings } from "./check-import.ts";
import type { KeyRing, StoredKey } from "./key-store.ts";
import { dueAt, ripeAt, waitingKeys } from "./plan-rotation.ts";
import { dropped, rotationPolicyOf, upcomingKey } from "./settle-ring.ts";

/** The key ring, for the application that embeds the server, and for the CLI. Replicas follow within a second. */
export interface Keys {
  /** Every key that is not gone, oldest first; with `gone` also those that are. */
  list(query?: { gone?: boolean }): Promise<KeySummary[]>;
  /**
   * Lets the next key sign in place of the present one: at once if it has been published long enough or with `now`, else
   * as soon as it has been. Gives the next key, whose `activatesAt` says when. Default purpose: `access`.
   */
  rotate(options?: { purpose?: RotatedPurpose; now?: boolean }): Promise<KeySummary>;
  /**
   * Takes keys out at once because somebody else may have them: they sign and verify nothing any more, and guards are
   * told to refuse what they signed. `signing`: the access key that signs; `all`: every access key; else by its id.
   * Gives the keys that were taken out. Throws `not_found`, and `invalid_request` for a secret that the settings still
   * have: change it there first.
   */
  withdraw(which: "signing" | "all" | { id: string }): Promise<KeySummary[]>;
  /**
   * Takes one key out in good order: the signing key by a rotation, an upcoming one at once, for it has signed nothing.
   * A retiring one goes by itself. Throws `not_found`, and `invalid_request` for a secret that the settings have.
   */
  retire(id: string): Promise<KeySummary>;
  /**
   * Puts a private key for access tokens into the ring. It is published, and signs once it has been long enough; with
   * `now` at once. Throws `invalid_request` if it is not one for the signing algorithm or is there already.
   */
  import(key: Key, options?: { now?: boolean }): Promise<KeySummary>;
}

export type RotatedPurpose = "access" | "refresh";

/** A key as people see it. An upcoming one has `activatesAt` as things stand. */
export type KeySummary = Omit<StoredKey, "sealed" | "tokenSeconds">;

/** What becomes of the ring, and which keys are to be told of. */
type Wish = Edit & { readonly ids: readonly string[] };

/** `changed` is called after each change that this process makes. */
export function createKeys(deps: RingDeps, changed: () => Promise<void> = async () => {}): Keys {
  async function change(wish: (ring: KeyRing, now: number) => Wish): Promise<KeySummary[]> {
    let ids: readonly string[] = [];
    const ring = await changeRing(deps, (before, now) => {
      const edit = wish(before, now);
      ids = edit.ids;
      return edit;
    });
    await changed();
    return summaries(deps, ring).filter(({ id }) => ids.includes(id));
  }

  async function changeOne(wish: (ring: KeyRing, now: number) => Wish): Promise<KeySummary> {
    const [summary] = await change(wish);
    if (summary === undefined) throw new Error("A key that was changed is not in the ring.");
    return summary;
  }

  return {
    async list({ gone = false } = {}) {
      const all = summaries(deps, await deps.store.read());
      return gone ? all : all.filter(({ state }) => state !== "gone");
    },

    rotate: ({ purpose = "access", now: atOnce = false } = {}) =>
      changeOne((ring, now) => {
        const next = nextKey(deps, ring, purpose);
        return { ...activatedFrom(ring, next.key, atOnce ? now : Math.max(now, next.ripeAt)), ids: [next.key.id] };
      }),

    withdraw: (which) =>
      change((ring, now) => {
        const keys = ring.keys.filter((key) => key.state !== "gone" && isMeant(key, which));
        if (keys.length === 0) throw notFound(which);
        refuseFromSettings(deps, ring, keys);
        return {
          keys: ring.keys.map((key) => (keys.includes(key) ? { ...dropped(key, now), compromised: true } : key)),
          revocations: keys
            .filter(({ purpose }) => purpose === "access")
            .map(({ id }) => ({ kind: "key", value: id, effect: "stale", reason: "key_compromised", at: now })),
          ids: keys.map(({ id }) => id),
        };
      }),

    retire: (id) =>
      changeOne((ring, now) => {
        const key = find(ring, id);
        refuseFromSettings(deps, ring, [key]);
        if (key.state === "upcoming") return { keys: withKey(ring, dropped(key, now)), ids: [id] };
        if (key.state !== "active") return { keys: ring.keys, ids: [id] };
        const next = nextKey(deps, ring, key.purpose === "refresh" ? "refresh" : "access");
        return { ...activatedFrom(ring, next.key, Math.max(now, next.ripeAt)), ids: [id] };
      }),

    import: (key, { now: atOnce = false } = {}) =>
      changeOne((ring, now) => {
        const { safe, policy } = deps;
        checkImport(deps, ring, key);
        const made = upcomingKey(safe, ring, { purpose: "access", key, origin: "imported", now });
        const activatesAt = atOnce ? now : made.createdAt + policy.publishAheadSeconds * 1000;
        return { keys: [...ring.keys, { ...made, activatesAt }], ids: [made.id] };
      }),
  };
}

function activatedFrom(ring: KeyRing, key: StoredKey, activatesAt: number): Edit {
  return { keys: withKey(ring, { ...key, activatesAt }) };
}

function summaries(deps: RingDeps, ring: KeyRing): KeySummary[] {
  return ring.keys.map((key) => {
    const { sealed: _sealed, tokenSeconds: _tokenSeconds, ...shown } = key;
    return { ...shown, activatesAt: plannedActivation(deps, ring, key) };
  });
}

/** When an upcoming key is to sign, as things stand. */
function plannedActivation(deps: RingDeps, ring: KeyRing, key: StoredKey): number | null {
  const policy = key.state === "upcoming" ? rotationPolicyOf(deps, ring, key.purpose) : null;
  if (policy === null) return null;
  const own = ring.keys.filter(({ purpose }) => purpose === key.purpose);
  const active = own.find(({ state }) => state === "active");
  if (key.activatesAt !== null || active === undefined || waitingKeys(own, policy)[0] !== key) return key.activatesAt;
  const isWanted = active.algorithm === policy.algorithm;
  const due = isWanted ? dueAt(active, policy) : 0;
  return due === null ? null : Math.max(due, ripeAt(key, own, policy));
}

function nextKey(deps: RingDeps, ring: KeyRing, purpose: RotatedPurpose): { key: StoredKey; ripeAt: number } {
  const policy = rotationPolicyOf(deps, ring, purpose);
  const own = ring.keys.filter((key) => key.purpose === purpose);
  const key = policy === null ? undefined : waitingKeys(own, policy)[0];
  if (policy === null || key === undefined) throw comesFromSettings(purpose);
  return { key, ripeAt: ripeAt(key, own, policy) };
}

/** In place of what the settings name, the ring would have to make another key of the same secret. */
function refuseFromSettings(deps: RingDeps, ring: KeyRing, keys: readonly StoredKey[]): void {
  const named = rotationPolicyOf(deps, ring, "refresh")?.keyId;
  if (keys.some(({ id }) => id === named)) throw comesFromSettings("refresh");
}

function isMeant(key: StoredKey, which: "signing" | "all" | { id: string }): boolean {
  if (typeof which === "object") return key.id === which.id;
  return key.purpose === "access" && (which === "all" || key.state === "active");
}

function withKey(ring: KeyRing, key: StoredKey): StoredKey[] {
  return ring.keys.map((one) => (one.id === key.id ? key : one));
}

function find(ring: KeyRing, id: string): StoredKey {
  const key = ring.keys.find((one) => one.id === id && one.state !== "gone" && one.purpose !== "browser");
  if (key === undefined) throw notFound({ id });
  return key;
}

function notFound(which: string | { id: string }): OstiaryError {
  return new OstiaryError(
    "not_found",
    typeof which === "object" ? `There is no key ${which.id} that could be taken out.` : "There is no such key.",
  );
}
