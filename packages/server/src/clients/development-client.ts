import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { Random } from "../random.ts";
import { isSecretOf, newClientSecret } from "./client.ts";
import type { ClientCredentials } from "./client.ts";
import { addClient } from "./create-client.ts";
import type { ClientDeps } from "./create-client.ts";

const NAME = "development";

/** As one line of text, to be kept where only its owner can read it. */
export function newDevelopmentCredentials(random: Random): string {
  const credentials: ClientCredentials = { clientId: random.uuid(), clientSecret: newClientSecret(random) };
  return JSON.stringify(credentials);
}

/**
 * Credentials of a guard for whoever has just started and wants to see it work: the same at each start, and a client
 * like any other, of which the database has a hash. Null if `kept` is no such text, or the client has another secret now.
 */
export async function ensureDevelopmentClient(deps: ClientDeps, kept: string): Promise<ClientCredentials | null> {
  const credentials = parseCredentials(kept);
  if (credentials === null) return null;
  const { clientId, clientSecret } = credentials;
  if ((await addClient(deps, { name: NAME, guard: true }, credentials, LOCAL_ORIGIN)) !== null) return credentials;
  const client = await deps.store.find(clientId);
  return isSecretOf(client, clientSecret) ? credentials : null;
}

/** As `clients create --json` prints them, too; null if the text is nothing of the kind. */
export function parseCredentials(text: string): ClientCredentials | null {
  try {
    const { clientId, clientSecret } = Object(JSON.parse(text)) as Partial<Record<string, unknown>>;
    return typeof clientId === "string" && typeof clientSecret === "string" ? { clientId, clientSecret } : null;
  } catch {
    return null;
  }
}
