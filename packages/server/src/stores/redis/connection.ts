import { ErrorReply } from "redis";
import { storeUnavailable } from "../../errors.ts";
import { inTime } from "../../in-time.ts";
import type { OpenClient, RedisClient } from "./open-client.ts";

/** Runs commands on a client that is opened when it is needed, and thrown away once it cannot be trusted any more. */
export interface Connection {
  /** Answers or fails in bounded time, whatever Redis or the network does. Throws `unavailable`. */
  run<Result>(command: (client: RedisClient) => Promise<Result>, limits?: Limits): Promise<Result>;
  close(): Promise<void>;
}

/** How long is waited, in milliseconds. */
interface Limits {
  readonly connectMs: number;
  /** The connecting included. */
  readonly commandMs: number;
}

/** Two commands are below a second. */
const LIMITS: Limits = { connectMs: 300, commandMs: 400 };
/** For the first command of a process that has all the rest to do at the same time. */
export const START_LIMITS: Limits = { connectMs: 4000, commandMs: 5000 };
/** After a failure, and for so young a client, nothing is opened anew: an outage does not become a storm. */
const RETRY_MS = 100;
/** Callers that wait at once; more are refused at once. */
const MAX_WAITING = 5000;

interface Opened {
  readonly client: Promise<RedisClient>;
  readonly at: number;
}

export function createConnection(open: OpenClient): Connection {
  let current: Opened | null = null;
  let failed: { readonly at: number; readonly error: unknown } | null = null;
  let closed = false;
  let waiting = 0;
  const all = new Set<RedisClient>();

  function opened({ connectMs }: Limits): Opened {
    if (current !== null) return current;
    if (closed) throw new Error("The connection to Redis is closed.");
    if (failed !== null && performance.now() - failed.at < RETRY_MS) throw failed.error;
    const attempt: Opened = { at: performance.now(), client: open(connectMs, () => discard(attempt)).then(keep) };
    attempt.client.catch((error: unknown) => {
      failed = { at: performance.now(), error };
      if (current === attempt) current = null;
    });
    current = attempt;
    return attempt;
  }

  function keep(client: RedisClient): RedisClient {
    all.add(client);
    if (closed) destroy(client);
    return client;
  }

  /** What is under way on it may still be answered: it is let go of once nobody waits any more. */
  function discard(broken: Opened): void {
    if (current !== broken || performance.now() - broken.at < RETRY_MS) return;
    current = null;
    const letGo = (): void => void broken.client.then(destroy, () => {});
    setTimeout(letGo, LIMITS.commandMs).unref();
  }

  function destroy(client: RedisClient): void {
    if (all.delete(client)) client.destroy();
  }

  return {
    async run(command, limits = LIMITS) {
      if (waiting >= MAX_WAITING) throw storeUnavailable(new Error("Too many callers wait for Redis."));
      waiting++;
      let used: Opened | null = null;
      try {
        used = opened(limits);
        return await inTime(limits.commandMs, "Redis", used.client.then(command));
      } catch (error) {
        if (isOurFault(error)) throw error;
        // One that did not answer in time is never asked again: its answers may come, late, to other questions.
        if (used !== null && !(error instanceof ErrorReply && !isDemoted(error))) discard(used);
        throw storeUnavailable(error);
      } finally {
        waiting--;
      }
    },

    async close() {
      closed = true;
      current = null;
      for (const client of all) destroy(client);
    },
  };
}

/** Faulty commands are ours to mend; everything else is a store that cannot do it now. */
function isOurFault(error: unknown): boolean {
  return error instanceof ErrorReply && /^(?:ERR|WRONGTYPE) /.test(error.message);
}

/** Somebody else has taken its place: connecting anew may lead there. */
function isDemoted(error: ErrorReply): boolean {
  return /^(?:READONLY|LOADING|MASTERDOWN) /.test(error.message);
}
