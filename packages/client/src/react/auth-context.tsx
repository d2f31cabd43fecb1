import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { AuthClient } from "../client.ts";
import type { RedirectClient } from "../redirect/redirect-client.ts";
import { RESTORING } from "../session.ts";
import type { AuthSnapshot } from "../session.ts";

type AnyClient = AuthClient | RedirectClient;

const ClientContext = createContext<AnyClient | null>(null);

/** Lets everything below use this client, of either kind. Make the client once, outside of components. */
export function AuthProvider({ client, children }: { client: AnyClient; children?: ReactNode }): ReactNode {
  return <ClientContext value={client}>{children}</ClientContext>;
}

/** What there is to show, and what can be done. */
export type Auth<Client extends AnyClient = AuthClient> = ReturnType<Client["snapshot"]> & Omit<Client, "snapshot" | "subscribe">;

/**
 * Who is signed in, renewed with each change, together with the client's methods. On a server, and for the first moment
 * in the browser, the status is `restoring`. Below a redirect client, say so: `useAuth<RedirectClient>()`. Throws outside of
 * an `AuthProvider`.
 */
export function useAuth<Client extends AnyClient = AuthClient>(): Auth<Client> {
  const client = useClient();
  const snapshot = useSyncExternalStore<AnySnapshot>(client.subscribe, client.snapshot, serverSnapshot);
  return useMemo(() => ({ ...client, ...snapshot }) as unknown as Auth<Client>, [client, snapshot]);
}

/** For what only the server's own sign-in can do. Throws below a redirect client, whose users sign in on the server's pages. */
export function useAuthClient(): AuthClient {
  const client = useClient();
  if ("login" in client) return client;
  throw new Error("This component needs a client of createAuthClient: with a redirect client call signIn() instead.");
}

function useClient(): AnyClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("There is no <AuthProvider> around this component.");
  return client;
}

type AnySnapshot = ReturnType<AnyClient["snapshot"]>;

function serverSnapshot(): AuthSnapshot<never> {
  return RESTORING;
}
