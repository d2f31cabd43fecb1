import { join } from "node:path";
import type { GuardStatus } from "@ostiary/guard";
import { get } from "../../call.ts";
import { freePort, launch, REPOSITORY } from "../../launch.ts";
import type { Launched } from "../../launch.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { startFeedProxy } from "./feed-proxy.ts";
import type { FeedProxy, FeedProxyState } from "./feed-proxy.ts";

export interface GuardCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An API in a process of its own, whose guard reaches the auth server through a proxy of its own. */
export interface WatchedApi {
  readonly name: string;
  readonly proxy: FeedProxy;
  /** Asks as someone with that access token. */
  ask(accessToken: string): Promise<Verdict>;
  status(): Promise<GuardStatus>;
  close(): Promise<void>;
}

/** What an API said, and when it was asked. */
export interface Verdict {
  readonly askedAt: number;
  readonly status: number;
  readonly reason: string | undefined;
}

export async function startWatchedApi(options: {
  readonly name: string;
  readonly issuer: string;
  /** Where a server of that issuer answers. */
  readonly address: string;
  readonly credentials: GuardCredentials;
  readonly maxStalenessSeconds: number;
  readonly random: SeededRandom;
  readonly state: FeedProxyState;
}): Promise<WatchedApi> {
  const { name, issuer, credentials, maxStalenessSeconds } = options;
  const proxy = await startFeedProxy(options.address, options.random);
  proxy.state = options.state;
  const port = await freePort();
  const process = launch(globalThis.process.execPath, [join(REPOSITORY, "e2e/guarded-api.ts")], {
    env: {
      ISSUER: issuer,
      ISSUER_AT: proxy.issuer,
      CLIENT_ID: credentials.clientId,
      CLIENT_SECRET: credentials.clientSecret,
      MAX_STALENESS: String(maxStalenessSeconds),
      PORT: String(port),
    },
  });
  await process.says(/Listening/);
  const url = `http://localhost:${port}`;
  return {
    name,
    proxy,
    async ask(accessToken) {
      const askedAt = Date.now();
      const { status, body } = await get(`${url}/hello`, accessToken);
      return { askedAt, status, reason: body.reason };
    },
    status: async () => (await get<GuardStatus>(`${url}/guard`)).body,
    async close() {
      await endOf(process);
      await proxy.close();
    },
  };
}

async function endOf(process: Launched): Promise<void> {
  process.signal("SIGKILL");
  await process.ended;
}
