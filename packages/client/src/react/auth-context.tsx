import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { AuthClient } from "../client.ts";
import { RESTORING } from "../session.ts";
import type { AuthSnapshot } from "../session.ts";

const ClientContext = createContext<AuthClient | null>(null);

/** Lets everything below use this client. Make the client once, outside of components. */
export function AuthProvider({ client, children }: { client: AuthClient; children?: ReactNode }): ReactNode {
  return <ClientContext value={client}>{children}</ClientContext>;
}

/** What there is to show, and what can be done. */
export type Auth = AuthSnapshot & Omit<AuthClient, "snapshot" | "subscribe">;

/**
 * Who is signed in, renewed with each change, together with the client's methods. On a server, and for the first moment
 * in the browser, the status is `restoring`. Throws outside of an `AuthProvider`.
 */
export function useAuth(): Auth {
  const client = useAuthClient();
  const snapshot = useSyncExternalStore(client.subscribe, client.snapshot, serverSnapshot);
  return useMemo(() => ({ ...client, ...snapshot }), [client, snapshot]);
}

export function useAuthClient(): AuthClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("There is no <AuthProvider> around this component.");
  return client;
}

function serverSnapshot(): AuthSnapshot {
  return RESTORING;
}
