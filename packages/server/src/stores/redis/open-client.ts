import { createClient, createCluster, defineScript, ErrorReply } from "redis";
import type { CommandParser } from "redis";
import { inTime } from "../../in-time.ts";
import { inGroups } from "../sql/in-groups.ts";

/** What the store asks of Redis, one server or a cluster. */
export interface RedisClient {
  get(key: string): Promise<string | null>;
  /** Stores `next` for `ttlMs` if `expected` is what is stored, byte by byte; null is nothing. False if it is not. */
  swap(key: string, expected: string | null, next: string, ttlMs: number): Promise<boolean>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** On one key, in one transaction. */
  multi(steps: readonly MultiStep[]): Promise<unknown>;
  del(key: string): Promise<number>;
  destroy(): void;
}

export type MultiStep = readonly [command: "get" | "set" | "pTTL", args: readonly unknown[]];

interface Swap {
  readonly key: string;
  readonly expected: string | null;
  readonly next: string;
  readonly ttlMs: number;
}

/** Makes a connected client, or fails after `connectMs`. `onLost` is called when a connection of it breaks. */
export type OpenClient = (connectMs: number, onLost: () => void) => Promise<RedisClient>;

/** No value is empty. All of the keys have to be in one place: in a cluster, it is given one. */
const SWAP = `
local swapped = {}
for i, key in ipairs(KEYS) do
  local expected, next, ttl = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
  local stored = redis.call("GET", key) or ""
  swapped[i] = stored == expected and 1 or 0
  if stored == expected then redis.call("SET", key, next, "PX", ttl) end
end
return swapped`;

const scripts = {
  swapAll: defineScript({
    SCRIPT: SWAP,
    parseCommand(parser: CommandParser, swaps: readonly Swap[]) {
      parser.pushKeysLength(swaps.map(({ key }) => key));
      for (const { expected, next, ttlMs } of swaps) parser.push(expected ?? "", next, String(ttlMs));
    },
    transformReply: (reply: unknown): boolean[] => (reply as number[]).map((swapped) => swapped === 1),
  }),
};

/** Nothing is queued for a server that is not there, and nothing is reconnected behind our back: see connection.ts. */
const OPTIONS = {
  disableOfflineQueue: true,
  maintNotifications: "disabled",
  // Timed by us, from the outside: the library's limit ends once a command is written.
  commandOptions: { timeout: 0 },
} as const;

function socketOptions(connectMs: number) {
  return { connectTimeout: connectMs, reconnectStrategy: false } as const;
}

export function openClient(urls: string): OpenClient {
  const configured = urls.split(",");
  /** Of the cluster, as last seen: it is found again when the ones that were configured are gone. */
  let learned: string[] = [];
  let isCluster: boolean | null = null;

  async function openSingle(url: string, connectMs: number, onLost: () => void) {
    const client = createClient({ ...OPTIONS, url, socket: socketOptions(connectMs), scripts });
    client.on("error", onLost);
    await connected(client, connectMs);
    return client;
  }

  /** Whichever of several answers first: one that is down does not keep us from a cluster that is there. */
  async function openAny(connectMs: number) {
    const attempts = configured.map((url) => openSingle(url, connectMs, () => {}));
    const first = await Promise.any(attempts).catch((failure: unknown) => {
      throw failure instanceof AggregateError ? failure.errors[0] : failure;
    });
    for (const attempt of attempts) attempt.then((other) => other === first || other.destroy(), () => {});
    return first;
  }

  async function openCluster(connectMs: number, onLost: () => void) {
    const first = new URL(configured[0] ?? "");
    const secure = first.protocol === "rediss:";
    const cluster = createCluster({
      rootNodes: [...new Set([...configured, ...learned])].map((url) => ({ url })),
      defaults: {
        ...OPTIONS,
        ...(first.username === "" ? {} : { username: decodeURIComponent(first.username) }),
        ...(first.password === "" ? {} : { password: decodeURIComponent(first.password) }),
        socket: secure ? { ...socketOptions(connectMs), tls: true } : socketOptions(connectMs),
      },
      // Connects to a node when it is first asked something: one that is down is in nobody else's way.
      minimizeConnections: true,
      scripts,
    });
    cluster.on("error", () => {});
    cluster.on("node-error", onLost);
    await connected(cluster, connectMs);
    learned = cluster.masters.map(({ host, port }) => {
      const node = new URL(first);
      node.host = `${host.includes(":") ? `[${host}]` : host}:${port}`;
      return node.href;
    });
    return cluster;
  }

  return async (connectMs, onLost) => {
    if (isCluster === true) return eachByItself(await openCluster(connectMs, onLost));
    const [only = "", ...others] = configured;
    const client = others.length === 0 ? await openSingle(only, connectMs, onLost) : await openAny(connectMs);
    isCluster ??= await isPartOfCluster(client);
    if (!isCluster && others.length === 0) return together(client);
    client.destroy();
    if (!isCluster) throw new Error("several servers are named, and they are no cluster");
    return eachByItself(await openCluster(connectMs, onLost));
  };
}

interface Swapping {
  eval: RedisClient["eval"];
  del: RedisClient["del"];
  multi(): object;
  get(key: string): Promise<string | null>;
  swapAll(swaps: readonly Swap[]): Promise<boolean[]>;
  destroy(): void;
}

/** In a cluster, keys are in different places, of which one may be gone. */
function eachByItself(client: Swapping): RedisClient {
  return {
    get: (key) => client.get(key),
    swap: async (key, expected, next, ttlMs) => (await client.swapAll([{ key, expected, next, ttlMs }]))[0] === true,
    eval: (script, options) => client.eval(script, options),
    multi(steps) {
      const multi = client.multi() as Record<MultiStep[0], (...args: readonly unknown[]) => void> & { exec(): Promise<unknown> };
      for (const [command, args] of steps) multi[command](...args);
      return multi.exec();
    },
    del: (key) => client.del(key),
    destroy: () => client.destroy(),
  };
}

/** What is asked in one turn of the event loop is one command. */
function together(client: Swapping & { mGet(keys: string[]): Promise<(string | null)[]> }): RedisClient {
  const get = inGroups<string, string | null>(
    async (keys) => {
      const different = [...new Set(keys)];
      const values = await client.mGet(different);
      const byKey = new Map(different.map((key, i) => [key, values[i] ?? null]));
      return (key) => byKey.get(key) ?? null;
    },
    { atOnce: Infinity },
  );
  const swap = inGroups<Swap, boolean>(
    async (swaps) => {
      const swapped = await client.swapAll(swaps);
      const done = new Set(swaps.filter((_, i) => swapped[i]));
      return (one) => done.has(one);
    },
    { atOnce: Infinity },
  );
  return { ...eachByItself(client), get, swap: (key, expected, next, ttlMs) => swap({ key, expected, next, ttlMs }) };
}

/** Connects, the greetings included, which the library waits for without end. */
async function connected(client: { connect(): Promise<unknown>; destroy(): void }, connectMs: number): Promise<void> {
  try {
    await inTime(connectMs, "Redis", client.connect());
  } catch (error) {
    client.destroy();
    throw error;
  }
}

async function isPartOfCluster(client: { info(section: string): Promise<string> }): Promise<boolean> {
  try {
    return /^cluster_enabled:1/m.test(await client.info("cluster"));
  } catch (error) {
    // Some accounts may not ask; then it is taken for what the URL says.
    if (error instanceof ErrorReply) return false;
    throw error;
  }
}
