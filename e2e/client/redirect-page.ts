/** What an app on another site runs: a redirect client of the issuer and the client that its first address named. */
import { AuthError, createAuthClient } from "@ostiary/client";
import { createDpop } from "@ostiary/client/dpop";
import type { Dpop } from "@ostiary/client/dpop";
import { createRedirectClient } from "@ostiary/client/redirect";
import type { RedirectClient } from "@ostiary/client/redirect";

declare global {
  interface Window {
    app: RedirectClient;
    dpop: Dpop;
    /** What became of the address this page was loaded with. */
    arrival: Promise<unknown>;
  }
}

// The tests' own notes: the address that users come back to names neither.
const first = new URLSearchParams(location.search);
if (first.has("issuer")) sessionStorage.setItem("asked", location.search);
const query = new URLSearchParams(sessionStorage.getItem("asked") ?? "");

window.outcome = async (action) => {
  try {
    return await action();
  } catch (error) {
    return error instanceof AuthError ? error.code : String(error);
  }
};
window.dpop = createDpop();
window.app = createRedirectClient({
  issuer: query.get("issuer") ?? "",
  clientId: query.get("client") ?? "",
  redirectUri: `${location.origin}/callback`,
  scope: query.get("scope") ?? "openid profile email offline_access",
  dpop: query.has("dpop") ? window.dpop : undefined,
});
window.seen = [];
// Or, where it is asked for, a client that signs in with the password itself.
const byPassword = query.has("password") ? createAuthClient({ issuer: query.get("issuer") ?? "", dpop: window.dpop }) : null;
Object.assign(window, { auth: byPassword ?? window.app });
window.arrival = byPassword === null ? window.outcome(window.app.handleRedirect) : Promise.resolve(null);
window.auth.subscribe(() => {
  window.seen.push(window.auth.snapshot());
  document.title = window.auth.snapshot().status;
});
