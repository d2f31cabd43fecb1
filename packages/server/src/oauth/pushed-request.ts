/**
 * Requests that a client has pushed ahead of its user (RFC 9126): kept here, while the browser carries no more than their
 * name. A request is good for one answer, and for whom it was pushed by.
 */
import type { Client } from "../clients/client.ts";
import type { Clock } from "../clock.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import { hashOf } from "../sessions/hash-of.ts";
import type { OAuthStore, PushedRequest } from "./oauth-store.ts";

/** How long after it was pushed the user must come with it (RFC 9126 §2.2). */
export const PUSHED_SECONDS = 60;
/** And how long they have to sign in, and to decide, once they have come. */
const OPEN_MS = 30 * 60_000;
const NAME_BYTES = 32;
/** Of all that our server has given out, and of nothing else (RFC 9126 §2.2). */
const PREFIX = "urn:ietf:params:oauth:request_uri:";

export interface PushDeps {
  readonly store: Pick<OAuthStore, "pushed">;
  readonly clock: Clock;
  readonly random: Random;
}

/** Keeps a request, which is in order, and gives it a name that nobody can guess. */
export async function pushRequest({ store, clock, random }: PushDeps, client: Client, parameters: string): Promise<string> {
  const requestUri = PREFIX + randomText(random, NAME_BYTES);
  const expiresAt = clock() + PUSHED_SECONDS * 1000;
  await store.pushed.keep({ hash: hashOf(requestUri), clientId: client.id, parameters, expiresAt });
  return requestUri;
}

/** Whether it names a request that was pushed here, or is made to look so. */
export function isPushedName(requestUri: string): boolean {
  return requestUri.startsWith(PREFIX);
}

/** The request of that name, which is used up by `store.pushed.use`. Null if there is none, or none any more, of this client. */
export function openRequest(
  { store, clock }: Pick<PushDeps, "store" | "clock">,
  requestUri: string,
  clientId: string,
): Promise<PushedRequest | null> {
  return store.pushed.open(hashOf(requestUri), clientId, clock(), clock() + OPEN_MS);
}
