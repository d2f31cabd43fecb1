import { authenticateClient, wrongCredentials } from "../clients/authenticate-client.ts";
import type { Client, ClientCredentials } from "../clients/client.ts";
import { OstiaryError } from "../errors.ts";
import { deviceOf } from "./device.ts";
import { percentDecoded } from "./form.ts";
import type { Form } from "./form.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

/** How clients may prove who they are, by the names discovery has for it (RFC 8414 §2). */
export const CLIENT_AUTHENTICATION_METHODS = ["client_secret_basic", "client_secret_post"];

/** Longer than any credentials of ours; nothing beyond it is even decoded. */
const MAX_CREDENTIALS = 2048;

/**
 * The guard whose credentials the request carries (RFC 6749 §2.3.1): by HTTP Basic, or in the form where there is one.
 * Throws `invalid_client` if they are missing or wrong, `invalid_request` if they come in both ways,
 * `unauthorized_client` if the client is no guard.
 */
export async function requireGuard(c: HttpContext, deps: HttpDeps, form: Form | null = null): Promise<Client> {
  const client = await authenticated(c, deps, form);
  if (client.guard) return client;
  throw new OstiaryError("unauthorized_client", "This client is no guard: `ostiary clients create <name> --guard` makes one.");
}

async function authenticated(c: HttpContext, deps: HttpDeps, form: Form | null): Promise<Client> {
  try {
    return await authenticateClient(deps.clients, credentialsOf(c, form), deviceOf(c));
  } catch (error) {
    const isRefused = error instanceof OstiaryError && error.code === "invalid_client";
    if (isRefused) c.header("WWW-Authenticate", `Basic realm="${deps.settings.issuer}"`); // RFC 6749 §5.2
    throw error;
  }
}

function credentialsOf(c: HttpContext, form: Form | null): ClientCredentials {
  const header = c.req.header("authorization");
  const [clientId, clientSecret] = [form?.get("client_id"), form?.get("client_secret")];
  if (header === undefined) {
    if (clientId === undefined || clientSecret === undefined) throw wrongCredentials();
    return { clientId, clientSecret };
  }
  if (clientSecret !== undefined) {
    throw new OstiaryError("invalid_request", "The client's credentials are in the header and in the form: choose one.");
  }
  const credentials = basicCredentials(header);
  if (clientId !== undefined && clientId !== credentials.clientId) throw wrongCredentials();
  return credentials;
}

/** Id and secret are form-encoded before they are joined (RFC 6749 §2.3.1), unlike in plain HTTP Basic. */
function basicCredentials(header: string): ClientCredentials {
  const [, encoded] = (header.length <= MAX_CREDENTIALS && /^basic +([\w+/-]+={0,2})$/i.exec(header)) || [];
  if (encoded === undefined) throw wrongCredentials();
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  const [id, secret] = [percentDecoded(text.slice(0, colon)), percentDecoded(text.slice(colon + 1))];
  if (colon === -1 || id === null || secret === null) throw wrongCredentials();
  return { clientId: id, clientSecret: secret };
}
