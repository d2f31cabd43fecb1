import { OstiaryError } from "../errors.ts";
import type { Client } from "./client.ts";
import type { ClientStore } from "./client-store.ts";

const LOOK_EVERY_MS = 1000;
const MAX_REMEMBERED = 500;

/** Clients as the store has them and, while it does not answer, as it had them last. */
export interface KnownClients {
  /** Asks the store each time: a client that is deleted is refused from then on, by every server. */
  find(id: string): Promise<Client | null>;
  /** Looks whether those who came are still what they were. Done once a second by itself. */
  lookAgain(): Promise<void>;
  close(): void;
}

/**
 * Remembers who came, for two reasons. A guard that was cut off while the store is down can come back: nothing can be
 * revoked meanwhile, and it is better off following. And what a client has open is to end soon after it was deleted or
 * given another secret, by whichever process: `onGone` is told within a second.
 */
export function createKnownClients(options: {
  store: Pick<ClientStore, "find" | "findAll">;
  onGone: (client: Client) => void;
}): KnownClients {
  const { store, onGone } = options;
  const remembered = new Map<string, Client>();

  function remember(client: Client): void {
    // Taken out first: who came last stands last, and who has not come for longest is forgotten first.
    remembered.delete(client.id);
    remembered.set(client.id, client);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  }

  function compare(before: Client, now: Client | undefined): void {
    if (now !== undefined && isSame(before, now)) return;
    if (now === undefined) remembered.delete(before.id);
    else remembered.set(now.id, now);
    onGone(before);
  }

  async function lookAgain(): Promise<void> {
    if (remembered.size === 0) return;
    const before = [...remembered.values()];
    const now = new Map((await store.findAll(before.map(({ id }) => id))).map((client) => [client.id, client]));
    for (const client of before) {
      // Whoever came meanwhile was looked at anew.
      if (remembered.get(client.id) === client) compare(client, now.get(client.id));
    }
  }

  // While the store is down all stays as it is; the follower of the log tells the operator.
  const timer = setInterval(() => void lookAgain().catch(() => {}), LOOK_EVERY_MS);
  timer.unref();
  return {
    async find(id) {
      try {
        const before = remembered.get(id);
        const client = await store.find(id);
        if (before !== undefined) compare(before, client ?? undefined);
        if (client !== null) remember(client);
        return client;
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

function isSame(one: Client, other: Client): boolean {
  return one.guard === other.guard && Buffer.compare(one.secretHash, other.secretHash) === 0;
}
