/**
 * What other people's clients are tried on: an issuer with clients of every kind, and people who have accounts. It is a server
 * process of ours, or node-oidc-provider: what both pass is not ours alone.
 */
import { join } from "node:path";
import { generateKey } from "@ostiary/jwt";
import type { ClientMetadata } from "oidc-provider";
import { createOstiary } from "ostiary";
import type { ClientWithSecret, NewClient } from "ostiary";
import { listenForLogouts } from "./logout-listener.ts";
import { startForeignIssuer } from "./foreign-issuer.ts";
import { PASSWORD, signup } from "../call.ts";
import { runOstiary, startOstiary } from "../start-ostiary.ts";
import { Person } from "./person.ts";

export interface Credentials {
  readonly id: string;
  /** Empty for a client that has none. */
  readonly secret: string;
}

export interface World {
  readonly issuer: string;
  readonly clients: {
    /** Signs users in, with a secret in the Authorization header. */
    readonly web: Credentials;
    /** Signs users in, and has nothing to prove itself with. */
    readonly app: Credentials;
    /** The same with a key: `clientKey`. */
    readonly keyed: Credentials;
    /** On a device without a browser; nothing to prove itself with. */
    readonly device: Credentials;
    /** Acts for nobody. */
    readonly service: Credentials;
    /** An API, which may ask about tokens. */
    readonly api: Credentials;
  };
  /** Somebody with an account at a browser with no cookies. */
  newPerson(): Promise<Person>;
  /** Logout tokens that came to `web` since the last look. */
  takeLogoutTokens(): string[];
  close(): Promise<void>;
}

export const REDIRECT_URI = "https://rp.example/callback";
export const POST_LOGOUT_URI = "https://rp.example/goodbye";
export const API_SCOPE = "orders:read";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
/** What the client `keyed` proves itself with. */
export const CLIENT_KEY_ID = "the-clients-key";
export const clientKey = generateKey("ES256");

let people = 0;
const newEmail = (): string => `person-${++people}@example.com`;

async function startForeignWorld(): Promise<World> {
  const told = await listenForLogouts();
  const signsIn = {
    redirect_uris: [REDIRECT_URI],
    post_logout_redirect_uris: [POST_LOGOUT_URI],
    response_types: ["code" as const],
  };
  const codes = ["authorization_code", "refresh_token"];
  const none = { redirect_uris: [], response_types: [] };
  const clients: ClientMetadata[] = [
    {
      client_id: "web",
      client_secret: "secret-of-web",
      grant_types: codes,
      ...signsIn,
      backchannel_logout_uri: told.uri,
      backchannel_logout_session_required: true,
    },
    { client_id: "app", token_endpoint_auth_method: "none", grant_types: codes, ...signsIn },
    {
      client_id: "keyed",
      token_endpoint_auth_method: "private_key_jwt",
      grant_types: codes,
      ...signsIn,
      jwks: { keys: [{ ...clientKey.publicJwk(), kid: CLIENT_KEY_ID }] },
    },
    { client_id: "device", token_endpoint_auth_method: "none", grant_types: [DEVICE_GRANT, "refresh_token"], ...none },
    { client_id: "service", client_secret: "secret-of-service", grant_types: ["client_credentials"], scope: API_SCOPE, ...none },
    { client_id: "api", client_secret: "secret-of-api", grant_types: [], ...none },
  ];
  const foreign = await startForeignIssuer({ clients, algorithm: "ES256" });
  const of = (id: string): Credentials => ({
    id,
    secret: String(clients.find(({ client_id }) => client_id === id)?.client_secret ?? ""),
  });
  return {
    issuer: foreign.issuer,
    clients: { web: of("web"), app: of("app"), keyed: of("keyed"), device: of("device"), service: of("service"), api: of("api") },
    newPerson: async () => new Person(foreign.issuer, fetch, { email: newEmail(), password: PASSWORD }),
    takeLogoutTokens: () => told.take(),
    async close() {
      await foreign.close();
      await told.close();
    },
  };
}

/** `ostiary start` as anybody runs it. The first client is made by the command line, the others in less time. */
async function startOurWorld(): Promise<World> {
  const told = await listenForLogouts();
  const server = await startOstiary({ env: { OSTIARY_LIMITS: "off", OSTIARY_DPOP_NONCES: "on" } });
  const { issuer, folder } = server;
  const options = [
    "--redirect-uri",
    REDIRECT_URI,
    "--post-logout-redirect-uri",
    POST_LOGOUT_URI,
    "--backchannel-logout-uri",
    told.uri,
  ];
  const printed = await runOstiary(["clients", "create", "Shop", ...options, "--json"], { folder });
  const web = asCredentials(JSON.parse(printed) as ClientWithSecret);

  const beside = await createOstiary({
    issuer,
    databaseUrl: `sqlite:${join(folder, ".ostiary/ostiary.db")}`,
    dataDir: join(folder, ".ostiary"),
  });
  const create = async (client: NewClient): Promise<Credentials> => asCredentials(await beside.clients.create(client));
  const signsIn = { redirectUris: [REDIRECT_URI], postLogoutRedirectUris: [POST_LOGOUT_URI] };
  const jwks = { keys: [{ ...clientKey.publicJwk(), kid: CLIENT_KEY_ID }] };
  const app = await create({ name: "App", registration: { ...signsIn, tokenEndpointAuthMethod: "none" } });
  const keyed = await create({ name: "Keyed", registration: { ...signsIn, tokenEndpointAuthMethod: "private_key_jwt", jwks } });
  const device = await create({
    name: "Television",
    registration: { grantTypes: [DEVICE_GRANT, "refresh_token"], tokenEndpointAuthMethod: "none" },
  });
  const service = await create({ name: "Nightly", registration: { grantTypes: ["client_credentials"], scopes: [API_SCOPE] } });
  const api = await create({ name: "API", guard: true });
  await beside.close();
  return {
    issuer,
    clients: { web, app, keyed, device, service, api },
    async newPerson() {
      const email = newEmail();
      await signup(issuer, email);
      return new Person(issuer, fetch, { email, password: PASSWORD });
    },
    takeLogoutTokens: () => told.take(),
    async close() {
      await server.stop();
      await told.close();
    },
  };
}

function asCredentials({ clientId, clientSecret }: ClientWithSecret): Credentials {
  return { id: clientId, secret: clientSecret };
}

export const WORLDS = [
  { name: "ostiary", start: startOurWorld },
  { name: "node-oidc-provider, to check the tests", start: startForeignWorld },
];
