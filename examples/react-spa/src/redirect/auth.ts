import { createDpop } from "@ostiary/client/dpop";
import { createRedirectClient } from "@ostiary/client/redirect";

const env = import.meta.env as { readonly VITE_ISSUER?: string; readonly VITE_CLIENT_ID?: string };

/** Signs in on the auth server's pages; this page is the one that users come back to. */
export const auth = createRedirectClient({
  issuer: env.VITE_ISSUER ?? "http://localhost:4000/auth",
  clientId: env.VITE_CLIENT_ID ?? "",
  redirectUri: `${location.origin}/redirect.html`,
  scope: "openid profile email offline_access",
  dpop: createDpop(),
});
