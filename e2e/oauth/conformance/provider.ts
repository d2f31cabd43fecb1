/**
 * What the port is run against: a provider at an https address, with clients, a clock that can be moved, and a person.
 * Ours, and another author's certified one, by which the port itself is checked.
 */
import type { ClientMetadata } from "oidc-provider";
import { createOstiary } from "ostiary";
import { startForeignIssuer } from "../foreign-issuer.ts";
import { listenForLogouts } from "../logout-listener.ts";
import { Person } from "../person.ts";
import type { Send } from "../person.ts";

export interface TestedClient {
  readonly id: string;
  readonly secret: string;
  readonly method: "client_secret_basic" | "client_secret_post" | "private_key_jwt";
  /** Where its users come back to, if that is not where everybody's do. */
  readonly redirectUri?: string;
  /** With `private_key_jwt`: who it is, signed for the audience. */
  readonly assertion?: (audience: string) => string;
}

export interface TestedProvider {
  readonly issuer: string;
  readonly send: Send;
  readonly clients: { readonly first: TestedClient; readonly second: TestedClient; readonly post: TestedClient };
  /** Somebody at a browser with no cookies. */
  newPerson(): Person;
  /** Logout tokens that came to the first client's address since the last look, oldest first. */
  takeLogoutTokens(): string[];
  /** Signs with another key from now on; tokens of before still verify. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

export const REDIRECT_URI = "https://rp.example/callback";
export const POST_LOGOUT_URI = "https://rp.example/post_logout_redirect";
const PERSON = { email: "ada@example.com", password: "correct horse battery staple" };
const ISSUER = "https://op.example";

interface Wanted {
  readonly redirectUris: string[];
  readonly postLogoutRedirectUris: string[];
  readonly backchannelLogoutUri: string | null;
  readonly tokenEndpointAuthMethod: Exclude<TestedClient["method"], "private_key_jwt">;
}

/** The clients that the port needs; `told` is where the first of them hears of sign-outs. */
function wantedClients(told: string): Record<keyof TestedProvider["clients"], Wanted> {
  const like = (tokenEndpointAuthMethod: Wanted["tokenEndpointAuthMethod"], backchannelLogoutUri: string | null): Wanted => ({
    redirectUris: [REDIRECT_URI],
    postLogoutRedirectUris: [POST_LOGOUT_URI],
    backchannelLogoutUri,
    tokenEndpointAuthMethod,
  });
  return {
    first: like("client_secret_basic", told),
    second: like("client_secret_basic", null),
    post: like("client_secret_post", null),
  };
}

export async function startOurs(): Promise<TestedProvider> {
  const told = await listenForLogouts();
  const ostiary = await createOstiary({
    issuer: `${ISSUER}/auth`,
    databaseUrl: "sqlite::memory:",
    secret: "a secret of the tests, long enough: 0123456789",
    // The certification profiles ask for it; by default tokens are signed with ES256.
    signingAlgorithm: "RS256",
    limits: "off",
    dynamicRegistration: "open",
    // Where the tests' relying parties have their keys.
    dangerouslyFetchLoopback: true,
    clock: () => Date.now(),
  });
  await ostiary.users.create({ ...PERSON, name: "Ada Lovelace" });
  const make = async (name: string, registration: Wanted): Promise<TestedClient> => {
    const { clientId, clientSecret } = await ostiary.clients.create({ name, registration });
    return { id: clientId, secret: clientSecret, method: registration.tokenEndpointAuthMethod };
  };
  const wanted = wantedClients(told.uri);
  const send: Send = async (request) => ostiary.fetch(request, { remoteAddress: "203.0.113.7" });
  return {
    issuer: ostiary.issuer,
    send,
    clients: {
      first: await make("First", wanted.first),
      second: await make("Second", wanted.second),
      post: await make("Third", wanted.post),
    },
    newPerson: () => new Person(ISSUER, send, PERSON),
    takeLogoutTokens: () => told.take(),
    rotateKeys: async () => void (await ostiary.keys.rotate({ now: true })),
    async close() {
      await ostiary.close();
      await told.close();
    },
  };
}

export async function startForeign(): Promise<TestedProvider> {
  const told = await listenForLogouts();
  const make = (id: string, wanted: Wanted): ClientMetadata => ({
    client_id: id,
    client_secret: `the secret of ${id}`.replaceAll(" ", "-"),
    redirect_uris: wanted.redirectUris,
    post_logout_redirect_uris: wanted.postLogoutRedirectUris,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: wanted.tokenEndpointAuthMethod,
    ...(wanted.backchannelLogoutUri === null
      ? {}
      : { backchannel_logout_uri: wanted.backchannelLogoutUri, backchannel_logout_session_required: true }),
  });
  const wanted = wantedClients(told.uri);
  const made = { first: make("first", wanted.first), second: make("second", wanted.second), post: make("post", wanted.post) };
  const foreign = await startForeignIssuer({ clients: Object.values(made), issuer: ISSUER });
  const tested = (key: keyof typeof made): TestedClient => ({
    id: made[key].client_id,
    secret: made[key].client_secret ?? "",
    method: wanted[key].tokenEndpointAuthMethod,
  });
  return {
    issuer: foreign.issuer,
    send: foreign.send,
    clients: { first: tested("first"), second: tested("second"), post: tested("post") },
    newPerson: () => new Person(ISSUER, foreign.send, PERSON),
    takeLogoutTokens: () => told.take(),
    rotateKeys: async () => foreign.rotateKeys(),
    async close() {
      await foreign.close();
      await told.close();
    },
  };
}
