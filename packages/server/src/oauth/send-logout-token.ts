/** How long a client may take to answer. */
const ANSWER_MS = 5000;

/** Null if the client has taken the token; else what came of it, in words for the operator. */
export type SendLogoutToken = (uri: string, token: string, signal: AbortSignal) => Promise<string | null>;

/**
 * Posts a logout token (OIDC Back-Channel Logout 1.0 §2.5) to the address that the client is registered with, and nowhere
 * else: where it answers with a redirect, nobody follows. What it answers beyond the status, nobody reads.
 */
export const sendLogoutToken: SendLogoutToken = async (uri, token, signal) => {
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
};
