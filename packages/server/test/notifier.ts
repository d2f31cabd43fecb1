import { expect, onTestFinished } from "vitest";
import type { Client } from "../src/clients/client.ts";
import { createFetchPublic } from "../src/fetching/fetch-public.ts";
import { notifyClients } from "../src/oauth/notify-clients.ts";
import type { Notifier } from "../src/oauth/notify-clients.ts";
import type { LogoutNotice } from "../src/oauth/oauth-store.ts";
import { createSendLogoutToken } from "../src/oauth/send-logout-token.ts";
import type { SendLogoutToken } from "../src/oauth/send-logout-token.ts";
import { openSqlite } from "../src/stores/sqlite/open-sqlite.ts";
import type { Store } from "../src/stores/store.ts";
import { startReceiver } from "./oauth-client.ts";

/** When sign-ons of tests expire. */
export const FAR = Date.parse("2030-01-01T00:00:00Z");

const HEADER = Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString("base64url");

let made = 0;

export function deletion() {
  return { at: 0, type: "client_deleted", userId: null, sessionId: null, ip: null, userAgent: null, detail: {} } as const;
}

/** The end of a session of which nothing is left but who is to be told. */
export async function endASession(store: Store, client: Pick<Client, "id">, worker?: Pick<Notifier, "apply">): Promise<string> {
  const signOnId = `session-${made++}`;
  await store.oauth.signOns.note({ signOnId, clientId: client.id, userId: "ada", expiresAt: FAR });
  worker?.apply({ seq: made, kind: "session", value: signOnId, effect: "revoked", reason: "logout", expiresAt: 0 });
  return signOnId;
}

/** The worker without a server, and a client that answers like this. */
export async function onItsOwn(
  answer?: Parameters<typeof startReceiver>[0],
  send: SendLogoutToken = createSendLogoutToken(createFetchPublic()),
) {
  const store = await openSqlite(":memory:");
  const receiver = await startReceiver(answer);
  const time = { now: Date.parse("2026-01-01T00:00:00Z") };
  const outage = { now: false };
  const reported: unknown[] = [];
  const settledAt: (number | null)[] = [];
  const { signOns } = store.oauth;

  function start() {
    const notifier = notifyClients({
      signOns: {
        async markEnded(of, at) {
          if (outage.now) throw new Error("down");
          return signOns.markEnded(of, at);
        },
        takeDue: (...query) => signOns.takeDue(...query),
        async settle(notice: LogoutNotice, retryAt) {
          await signOns.settle(notice, retryAt);
          settledAt.push(retryAt);
        },
      },
      clients: store.clients,
      audit: store.audit,
      tokens: { issue: ({ signOnId }) => `${HEADER}.${signOnId}.${made++}` },
      send,
      clock: () => time.now,
      onError: (error) => reported.push(error),
    });
    onTestFinished(() => notifier.close());
    return notifier;
  }
  /** Waits until so many were settled in all. */
  async function settledAre(count: number): Promise<void> {
    await expect.poll(() => settledAt.length, { timeout: 30_000, interval: 5 }).toBeGreaterThanOrEqual(count);
  }
  async function register(backchannelLogoutUri: string, more: Partial<Client> = {}): Promise<Client> {
    const registration = {
      redirectUris: ["https://shop.example/callback"],
      postLogoutRedirectUris: [],
      grantTypes: ["authorization_code"],
      tokenEndpointAuthMethod: "client_secret_basic",
      scopes: ["openid"],
      roles: [],
      firstParty: false,
      jwks: null,
      backchannelLogoutUri,
      dpopBoundAccessTokens: false,
      requirePushedAuthorizationRequests: false,
    } as const;
    const client: Client = {
      id: `client-${made++}`,
      name: "Shop",
      guard: false,
      secretHash: new Uint8Array(32),
      createdAt: 0,
      tokenVersion: 1,
      registration,
      ...more,
    };
    await store.clients.create(client, deletion());
    return client;
  }
  const app = await register(receiver.uri);
  const worker = start();
  onTestFinished(() => store.close());
  return {
    store,
    receiver,
    app,
    time,
    outage,
    reported,
    worker,
    another: start,
    register,
    settledAre,
    settled: () => [...settledAt],
  };
}
