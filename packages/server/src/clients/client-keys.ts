import type { Clock } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import type { FetchPublic } from "../fetching/fetch-public.ts";
import { createRemembered, keptFor } from "../fetching/remembered.ts";
import type { Kept } from "../fetching/remembered.ts";
import type { Limits } from "../limits/limits.ts";
import type { Client } from "./client.ts";

type Jwk = Readonly<Record<string, unknown>>;

const MAX_BYTES = 64 * 1024;
const MAX_KEYS = 20;
const MINUTE = 60_000;
const KEPT = { min: MINUTE, max: 60 * MINUTE, usual: 5 * MINUTE };
/** A key that is not among them makes us look again, no more often than so. */
const LOOK_AGAIN_MS = 10_000;

export interface ClientKeys {
  /**
   * Public keys of the client's, its own or those at its address; those of before, if that does not answer. Null if it has none.
   * `address` is who has us look: throws `too_many_attempts` after many that strangers had fetched, and `unavailable` if too
   * many are being fetched already.
   */
  of(client: Client, keyId: string | undefined, address: string | null): Promise<readonly Jwk[] | null>;
}

export interface ClientKeysDeps {
  readonly fetch: FetchPublic;
  readonly limits: Pick<Limits, "clientDocument">;
  readonly clock: Clock;
}

interface Found {
  readonly keys: readonly Jwk[];
  readonly at: number;
}

/** Where clients have their keys at an address (`jwks_uri`), they can change them by themselves. */
export function createClientKeys(deps: ClientKeysDeps): ClientKeys {
  // Whoever came by themselves cannot keep the operator's clients from being looked up.
  const [own, strangers] = [keysAtAddresses(deps), keysAtAddresses(deps)];
  return {
    async of({ registration, selfRegistered }, keyId, address) {
      if (registration?.jwks) return registration.jwks.keys;
      const uri = registration?.jwksUri;
      if (typeof uri !== "string") return null;
      if (selfRegistered === undefined) return own(uri, keyId, async () => {});
      return strangers(uri, keyId, () => deps.limits.clientDocument(address));
    },
  };
}

/** `charge` is asked before anything is fetched. */
type KeysAt = (uri: string, keyId: string | undefined, charge: () => Promise<void>) => Promise<readonly Jwk[]>;

function keysAtAddresses({ fetch, clock }: Pick<ClientKeysDeps, "fetch" | "clock">): KeysAt {
  const remembered = createRemembered<Found>({ clock, maxEntries: 1000, maxAtOnce: 16 });
  const lastGood = createRemembered<Found>({ clock, maxEntries: 1000, maxAtOnce: 16 });

  async function read(uri: string): Promise<Kept<Found>> {
    const now = clock();
    try {
      const { status, headers, body } = await fetch(uri, { maxBytes: MAX_BYTES });
      const keys = status === 200 ? keysIn(body) : null;
      if (keys === null) throw new Error("No keys.");
      const kept = { value: { keys, at: now }, until: now + keptFor(headers["cache-control"], KEPT) };
      lastGood.keep(uri, { ...kept, until: now + KEPT.max });
      return kept;
    } catch {
      const last = lastGood.peek(uri);
      return { value: { keys: last?.keys ?? [], at: now }, until: now + LOOK_AGAIN_MS, isRefusal: last === undefined };
    }
  }

  return async (uri, keyId, charge) => {
    const known = remembered.peek(uri);
    const isThere = known?.keys.some(({ kid }) => keyId === undefined || kid === keyId) === true;
    if (known !== undefined && (isThere || clock() - known.at < LOOK_AGAIN_MS)) return known.keys;
    await charge();
    // Who shows a key that there is not takes from nobody what is known.
    const found = (await remembered.renew(uri, () => read(uri))) ?? known ?? lastGood.peek(uri);
    if (found !== undefined) return found.keys;
    throw new OstiaryError("unavailable", "Too many keys of clients are being fetched. Try again shortly.", {
      reason: "overloaded",
      retryAfterSeconds: 1,
    });
  };
}

function keysIn(body: Buffer): Jwk[] | null {
  try {
    const { keys } = Object(JSON.parse(body.toString())) as { keys?: unknown };
    if (!Array.isArray(keys) || keys.length > MAX_KEYS) return null;
    return keys.every((key) => typeof key === "object" && key !== null) ? (keys as Jwk[]) : null;
  } catch {
    return null;
  }
}
