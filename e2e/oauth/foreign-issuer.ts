/**
 * A certified OpenID provider of another author, node-oidc-provider, in this process. What asks of ours here is asked of it
 * as well: a test that both pass asks what the specifications say, and not what we happen to do.
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Provider } from "oidc-provider";
import type { AdapterFactory, ClientMetadata, JWK } from "oidc-provider";
import { generateKey } from "@ostiary/jwt";
import { foreignMemory } from "./foreign-memory.ts";
import type { Send } from "./person.ts";
import { close, listen } from "../client/front.ts";

export interface ForeignOptions {
  readonly clients: readonly ClientMetadata[];
  readonly algorithm?: "ES256" | "RS256";
  /** Where it is said to be; without it, where it is. */
  readonly issuer?: string;
  /** What it calls this machine. Default `localhost`. */
  readonly host?: string;
}

export interface ForeignIssuer {
  readonly issuer: string;
  /** Wherever it is said to be, requests reach it. */
  readonly send: Send;
  /** Signs with another key from now on; the one before is published still. */
  rotateKeys(): void;
  close(): Promise<void>;
}

/** What it tells its author on the console about being used without care. */
const NOTES = ["log", "info", "warn"] as const;

export async function startForeignIssuer({
  clients,
  algorithm = "RS256",
  issuer: given,
  host = "localhost",
}: ForeignOptions): Promise<ForeignIssuer> {
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => {};
  const server = createServer((request, response) => void handle(request, response));
  const at = (await listen(server)).replace("localhost", host);
  const issuer = given ?? at;
  const keys: JWK[] = [];
  const adapter = foreignMemory();
  function rotateKeys(): void {
    keys.unshift({ ...generateKey(algorithm).privateJwk(), use: "sig" });
    // The next one goes on where this one was.
    const provider = quietly(() => makeProvider(issuer, clients, algorithm, { keys: [...keys], adapter }));
    provider.proxy = true;
    handle = provider.callback();
  }
  rotateKeys();
  return {
    issuer,
    rotateKeys,
    async send(request) {
      const url = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("x-forwarded-proto", url.protocol.slice(0, -1));
      headers.set("x-forwarded-host", url.host);
      const body = request.body === null ? null : await request.text();
      return fetch(at + url.pathname + url.search, { method: request.method, headers, body, redirect: "manual" });
    },
    close: () => close(server),
  };
}

function makeProvider(issuer: string, clients: readonly ClientMetadata[], algorithm: "ES256" | "RS256", { keys, adapter }: { keys: JWK[]; adapter: AdapterFactory }): Provider {
  // It takes requests as forms only with cookies that browsers keep on https alone.
  const isSecure = issuer.startsWith("https:");
  return new Provider(issuer, {
    adapter,
    clients: [...clients],
    clientDefaults: { id_token_signed_response_alg: algorithm },
    jwks: { keys },
    cookies: { keys: ["a secret of the tests"], long: { sameSite: isSecure ? "none" : "lax" } },
    enableHttpPostMethods: isSecure,
    // Its own way of asking refuses addresses of this machine, where the tests' clients listen.
    fetch: (url, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown } = {}) => fetch(url, init),
    ttl: {
      AccessToken: 900,
      IdToken: 900,
      RefreshToken: 86_400,
      Interaction: 900,
      Session: 86_400,
      Grant: 86_400,
      ClientCredentials: 900,
      DeviceCode: 600,
    },
    renderError(context, { error }) {
      context.type = "html";
      context.body = `<h1>${error}</h1>`;
    },
    pkce: { required: () => true },
    // OpenID Connect asks for it (Core §3.1.2.1), OAuth does not.
    allowOmittingSingleRegisteredRedirectUri: false,
    features: {
      backchannelLogout: { enabled: true },
      registration: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(context, form) {
          context.body = `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>`;
        },
        postLogoutSuccessSource(context) {
          context.body = "<h1>Signed out</h1>";
        },
      },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32), requireNonce: () => true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource(context, form, _, error) {
          context.body =
            error === undefined
              ? `${form}<button type="submit" form="op.deviceInputForm">Continue</button>`
              : "<h1>Not connected</h1>";
        },
        userCodeConfirmSource(context, form) {
          context.body = `${form}<button type="submit" form="op.deviceConfirmForm">Allow</button><button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Cancel</button>`;
        },
        successSource(context) {
          context.body = "<h1>Connected</h1>";
        },
      },
      pushedAuthorizationRequests: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: (_, { clientId }, { clientId: owner }) => clientId === owner },
    },
    acrValues: ["urn:test:password"],
    claims: { openid: ["sub", "sid"], profile: ["name"], email: ["email", "email_verified"] },
    scopes: ["openid", "profile", "email", "offline_access", "orders:read"],
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: "Ada Lovelace", email: id, email_verified: true }),
    }),
  });
}

function quietly<T>(make: () => T): T {
  const kept = NOTES.map((name) => console[name]);
  for (const name of NOTES) console[name] = () => {};
  try {
    return make();
  } finally {
    NOTES.forEach((name, i) => (console[name] = kept[i] ?? console[name]));
  }
}
