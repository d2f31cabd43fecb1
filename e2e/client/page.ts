/** What the test pages run: a client of the issuer that the address names, within reach of the tests. */
import { AuthError, createAuthClient } from "@ostiary/client";
import type { AuthClient, AuthSnapshot } from "@ostiary/client";

declare global {
  interface Window {
    auth: AuthClient;
    /** Every snapshot there has been. */
    seen: AuthSnapshot[];
    /** What an action came to: its result, or the code of its error. */
    outcome: (action: () => Promise<unknown>) => Promise<unknown>;
  }
}

const query = new URLSearchParams(location.search);
window.auth = createAuthClient({ issuer: query.get("issuer") ?? `${location.origin}/auth` });
window.seen = [];
window.outcome = async (action) => {
  try {
    return await action();
  } catch (error) {
    return error instanceof AuthError ? error.code : String(error);
  }
};
window.auth.subscribe(() => {
  window.seen.push(window.auth.snapshot());
  document.title = window.auth.snapshot().status;
});
