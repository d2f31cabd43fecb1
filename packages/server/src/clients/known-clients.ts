import { isDeepStrictEqual } from "node:util";
import { OstiaryError } from "../errors.ts";
import type { Client } from "./client.ts";
import type { ClientStore } from "./client-store.ts";
import type { ClientDocuments } from "./self-registered/client-documents.ts";

const LOOK_EVERY_MS = 1000;
const MAX_REMEMBERED = 500;

/** Clients as the store has them and, while it does not answer, as it had them last. */
export interface KnownClients {
  /**
   * Asks the store each time: a client that is deleted is refused from then on, by every server. Of an id that is an address
   * its document is asked for; `address` is then who has us look.
   */
  find(id: string, address?: string | null): Promise<Client | null>;
  /** Looks whether those who came are still what they were. Done once a second by itself. */
  lookAgain(): Promise<void>;
  close(): void;
}

/** What clients hold open longer than for one answer. */
export interface HeldByClients {
  clients(): Iterable<Client>;
  cutWhere(isGone: (client: Client) => boolean): void;
}

/**
 * What a client holds open ends within a second after it was deleted or given another secret, by whichever process.
 * And a guard that was cut off while the store is down can come back: nothing can be revoked meanwhile, and it is better
 * off following. So those who came last are remembered.
 */
export function createKnownClients(options: {
  store: Pick<ClientStore, "find" | "findAll">;
  held: HeldByClients;
  documents?: Pick<ClientDocuments, "isId" | "find"> | null;
}): KnownClients {
  const { store, held, documents = null } = options;
  const remembered = new Map<string, Client>();

  function remember(client: Client): void {
    // Taken out first: who came last stands last, and who has not come for longest is forgotten first.
    remembered.delete(client.id);
    remembered.set(client.id, client);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  }

  async function lookAgain(): Promise<void> {
    const before = new Set([...remembered.values(), ...held.clients()]);
    if (before.size === 0) return;
    const ids = [...new Set(Array.from(before, ({ id }) => id))];
    const found = new Map((await store.findAll(ids)).map((client) => [client.id, client]));
    // Whoever came while the store was asked was known to it better than we know now.
    const isGone = (client: Client): boolean => before.has(client) && !isSame(client, found.get(client.id));
    for (const client of [...remembered.values()].filter(isGone)) remembered.delete(client.id);
    held.cutWhere(isGone);
  }

  // While the store is down all stays as it is; the operator is told by whoever reads the log.
  const timer = setInterval(() => void lookAgain().catch(() => {}), LOOK_EVERY_MS);
  timer.unref();
  return {
    async find(id, address = null) {
      if (documents?.isId(id) === true) return documents.find(id, address);
      try {
        const client = await store.find(id);
        // One that was let in as long as ids could be addresses.
        const isLet = client?.selfRegistered?.way !== "document";
        if (client === null || !isLet) remembered.delete(id);
        else remember(client);
        return isLet ? client : null;
      } catch (error) {
        const client = remembered.get(id);
        if (client !== undefined && error instanceof OstiaryError && error.reason === "store_unavailable") return client;
        throw error;
      }
    },
    lookAgain,
    close: () => clearInterval(timer),
  };
}

function isSame(one: Client, other: Client | undefined): boolean {
  if (other === undefined || one.guard !== other.guard || !isSameHash(one.secretHash, other.secretHash)) return false;
  return isDeepStrictEqual(one.registration, other.registration);
}

function isSameHash(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : Buffer.compare(one, other) === 0;
}
