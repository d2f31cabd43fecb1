import { NotFetched } from "../fetching/not-fetched.ts";
import type { FetchPublic } from "../fetching/fetch-public.ts";

/** How long a client may take to answer. */
const ANSWER_MS = 5000;

const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * Null if the client has taken the token; else what came of it, in words for the operator. A stranger is told only on the
 * public internet: nobody else has said that it lives there.
 */
export type SendLogoutToken = (uri: string, token: string, signal: AbortSignal, isStranger: boolean) => Promise<string | null>;

/**
 * Posts a logout token (OIDC Back-Channel Logout 1.0 §2.5) to the address that the client is registered with, and nowhere
 * else: where it answers with a redirect, nobody follows. What it answers beyond the status, nobody reads.
 */
export function createSendLogoutToken(fetchPublic: FetchPublic): SendLogoutToken {
  return (uri, token, signal, isStranger) =>
    isStranger ? sendToStranger(fetchPublic, uri, token, signal) : sendLogoutToken(uri, token, signal);
}

async function sendToStranger(fetchPublic: FetchPublic, uri: string, token: string, signal: AbortSignal): Promise<string | null> {
  try {
    const form = new URLSearchParams({ logout_token: token });
    const { status } = await fetchPublic(uri, { maxBytes: MAX_ANSWER_BYTES, form, signal });
    return status === 200 || status === 204 ? null : `it answered ${status}`;
  } catch (error) {
    if (error instanceof NotFetched) return error.message;
    throw error;
  }
}

async function sendLogoutToken(uri: string, token: string, signal: AbortSignal): Promise<string | null> {
  try {
    const answer = await fetch(uri, {
      method: "POST",
      body: new URLSearchParams({ logout_token: token }),
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    void answer.body?.cancel().catch(() => {});
    return answer.status === 200 || answer.status === 204 ? null : `it answered ${answer.status}`;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return "it did not answer in time";
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `it could not be reached (${cause instanceof Error ? cause.message || cause.name : String(cause)})`;
  }
}
