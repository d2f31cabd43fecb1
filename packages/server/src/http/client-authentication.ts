import { authenticateBy, wrongCredentials } from "../clients/authenticate-client.ts";
import type { ClientProof } from "../clients/authenticate-client.ts";
import { isSecretOf } from "../clients/client.ts";
import type { Client, ClientCredentials } from "../clients/client.ts";
import type { AuthenticationMethod } from "../clients/registration.ts";
import { OstiaryError } from "../errors.ts";
import { claimedClientId, isAssertionOf, JWT_BEARER } from "../oauth/client-assertion.ts";
import { deviceOf } from "./device.ts";
import { percentDecoded } from "./form.ts";
import type { Form } from "./form.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

/** How guards may prove who they are, by the names discovery has for it (RFC 8414 §2). */
export const CLIENT_AUTHENTICATION_METHODS: AuthenticationMethod[] = ["client_secret_basic", "client_secret_post"];

/** Longer than any credentials of ours; nothing beyond it is even decoded. */
const MAX_CREDENTIALS = 2048;

/**
 * The guard whose credentials the request carries (RFC 6749 §2.3.1): by HTTP Basic, or in the form where there is one.
 * Throws `invalid_client` if they are missing or wrong, `invalid_request` if they come in both ways,
 * `unauthorized_client` if the client is no guard.
 */
export async function requireGuard(c: HttpContext, deps: HttpDeps, form: Form | null = null): Promise<Client> {
  const client = await challenged(c, deps, async () => {
    const proof = proofOf(c, deps, form ?? new Map());
    // Whoever only says who it is has proved nothing.
    if (proof.method === "none") throw wrongCredentials();
    // Where there is no form, there is one way only.
    return authenticateBy(deps.clients, form === null ? { ...proof, method: null } : proof, deviceOf(c));
  });
  if (client.guard) return client;
  throw new OstiaryError("unauthorized_client", "This client is no guard: `ostiary clients create <name> --guard` makes one.");
}

/**
 * The client that the request comes from, proved in the one way that it is registered with; of a public client it is
 * enough that it says its id (RFC 6749 §3.2.1). Throws `invalid_client`, or `invalid_request` if it is in several ways.
 */
export function requireClient(c: HttpContext, deps: HttpDeps, form: Form): Promise<Client> {
  return challenged(c, deps, async () => authenticateBy(deps.clients, proofOf(c, deps, form), deviceOf(c)));
}

async function challenged(c: HttpContext, deps: HttpDeps, authenticate: () => Promise<Client>): Promise<Client> {
  try {
    return await authenticate();
  } catch (error) {
    const isRefused = error instanceof OstiaryError && error.code === "invalid_client";
    if (isRefused) c.header("WWW-Authenticate", `Basic realm="${deps.settings.issuer}"`); // RFC 6749 §5.2
    throw error;
  }
}

/** What the request carries, in exactly one way (RFC 6749 §2.3). */
function proofOf(c: HttpContext, deps: HttpDeps, form: Form): ClientProof {
  const header = c.req.header("authorization");
  const [clientId, secret, assertion] = [form.get("client_id"), form.get("client_secret"), form.get("client_assertion")];
  if ([header, secret, assertion].filter((way) => way !== undefined).length > 1) {
    throw new OstiaryError("invalid_request", "The client's credentials come in several ways: choose one.");
  }
  if (header !== undefined) {
    const credentials = basicCredentials(header);
    if (clientId !== undefined && clientId !== credentials.clientId) throw wrongCredentials();
    return bySecret("client_secret_basic", credentials);
  }
  if (assertion !== undefined) return byAssertion(deps, assertion, form);
  if (clientId === undefined) throw wrongCredentials();
  if (secret !== undefined) return bySecret("client_secret_post", { clientId, clientSecret: secret });
  return { clientId, method: "none", proves: (client) => client !== null };
}

function bySecret(method: AuthenticationMethod, { clientId, clientSecret }: ClientCredentials): ClientProof {
  return { clientId, method, proves: (client) => isSecretOf(client, clientSecret) };
}

function byAssertion({ oauth, selfRegistration, settings }: HttpDeps, assertion: string, form: Form): ClientProof {
  const clientId = claimedClientId(assertion);
  const isOther = (form.get("client_id") ?? clientId) !== clientId; // RFC 7521 §4.2
  if (clientId === null || isOther || form.get("client_assertion_type") !== JWT_BEARER) throw wrongCredentials();
  const deps = { once: oauth.store.once, keys: selfRegistration.keys, issuer: settings.issuer, clock: settings.clock };
  return {
    clientId,
    method: "private_key_jwt",
    proves: (client, address) => isAssertionOf(client, assertion, { ...deps, address }),
  };
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
