/**
 * Keeps one session: wires its state, its refreshing and its tabs together, and adds its access token to requests. What
 * every client stands on, however its session begins and whichever of the server's doors renews it.
 */
import { createAuthenticatedFetch } from "./authenticated-fetch.ts";
import type { Credential } from "./credential.ts";
import type { Environment } from "./environment.ts";
import { keepFresh } from "./keep-fresh.ts";
import type { KeepFresh } from "./keep-fresh.ts";
import { createRefresh, endSession } from "./refresh.ts";
import type { Door, RefreshDeps } from "./refresh.ts";
import type { SessionClient, SessionOptions } from "./session-client.ts";
import type { Change, Session } from "./session.ts";
import { openTabChannel } from "./tab-channel.ts";
import type { TabLock } from "./tab-lock.ts";

export interface KeeperOptions<Person> extends SessionOptions {
  readonly environment: Environment;
  /** Of the tabs' channel: the same for all that keep the same session, and for no others. */
  readonly name: string;
  readonly lock: TabLock;
  readonly door: Door<Person>;
  readonly credential: Credential;
  readonly session: Session<Person>;
  /** What to make of a change in another tab; null where tabs have nothing to tell each other. */
  readonly hear: ((change: Change<Person>) => void) | null;
}

export interface Keeper<Person> {
  readonly methods: SessionClient<Person>;
  /** Applies a change and tells the other tabs. */
  readonly change: (change: Change<Person>) => void;
  /** Begins to refresh and to listen, once: a client that is only made does nothing. */
  readonly start: () => KeepFresh;
}

export function createKeeper<Person>(options: KeeperOptions<Person>): Keeper<Person> {
  const { environment, issuer, name, lock, session, hear } = options;
  const { page, now } = environment;

  const channel = hear && openTabChannel(environment, name, hear);
  const change = (made: Change<Person>): void => {
    if (session.apply(made)) channel?.tell(made);
  };
  const deps: RefreshDeps<Person> = { ...options, change };
  let running: KeepFresh | null = null;

  function start(): KeepFresh {
    if (running === null) {
      running = keepFresh({ ...deps, refresh: createRefresh(deps) });
      if (session.snapshot().status === "restoring") running.now().catch(() => {});
    }
    return running;
  }

  /** The token a request can be sent with now. */
  async function getAccessToken(): Promise<string | null> {
    const fresh = start();
    const tokens = session.tokens();
    if (tokens === null && session.snapshot().status === "signed_out") return null;
    if (tokens !== null && now() < tokens.refreshAt) return tokens.accessToken;
    const renewed = fresh.now();
    if (tokens !== null && now() < tokens.urgentAt) {
      renewed.catch(() => {});
      return tokens.accessToken;
    }
    try {
      await renewed;
    } catch (error) {
      if (tokens === null || now() >= tokens.expiresAt) throw error;
    }
    return session.tokens()?.accessToken ?? null;
  }

  /** A better one than the one that was just refused, or null. The server is asked, whatever the refusal said. */
  async function nextToken(refused: string): Promise<string | null> {
    if (session.tokens()?.accessToken === refused) await start().now().catch(() => {});
    const token = session.tokens()?.accessToken ?? null;
    return token === refused ? null : token;
  }

  return {
    change,
    start,
    methods: {
      issuer,
      async logout() {
        const fresh = start();
        try {
          await lock.run(() => endSession(deps));
        } catch (error) {
          fresh.failed(error);
          throw error;
        }
      },
      fetch: createAuthenticatedFetch({
        fetch: environment.fetch,
        scheme: options.dpop ? "DPoP" : "Bearer",
        baseUrl: () => page?.baseUrl(),
        origins: originsOf([issuer, page?.location.origin, ...(options.apiOrigins ?? [])]),
        accessToken: getAccessToken,
        nextToken,
      }),
      getAccessToken,
      async refresh() {
        await start().now();
        return session.snapshot();
      },
      async ready() {
        const fresh = start();
        if (session.snapshot().status === "restoring") await fresh.now().catch(() => {});
        return session.snapshot();
      },
      snapshot: session.snapshot,
      subscribe(listener) {
        start();
        return session.subscribe(listener);
      },
      close() {
        running?.stop();
        channel?.close();
      },
    },
  };
}

/** The origin of files and sandboxed frames is `null`, which is nobody's. */
function originsOf(urls: readonly (string | undefined)[]): ReadonlySet<string> {
  const known = urls.filter((url) => url !== undefined && url !== "null");
  return new Set(known.map((url) => new URL(url as string).origin));
}
