/**
 * Sign in with others: people prove to another issuer who they are, and come in to an account here.
 * Owns the providers, what is under way with them, and whose identities are whose. Knows nothing of cookies and pages; what
 * OAuth and OpenID Connect ask of a client is openid-client's affair.
 */
import { createHmac } from "node:crypto";
import type { Clock } from "../clock.ts";
import { lazily } from "../lazily.ts";
import type { Random } from "../random.ts";
import { hashOf } from "../sessions/hash-of.ts";
import type { FederationStore, Transaction } from "./federation-store.ts";
import { FederationError, TRANSACTION_SECONDS } from "./provider-client.ts";
import type { Profile, ProviderClient } from "./provider-client.ts";
import { issuerOf } from "./provider.ts";
import type { SignInProvider } from "./provider.ts";

/** What somebody had in mind who went to a provider: it waits here, and not in an address that anybody could write. */
export interface Journey {
  readonly purpose: "sign_in" | "link";
  /** Where they wanted to go; it was allowed then. */
  readonly returnTo: string | null;
  /** The language they had chosen. */
  readonly uiLocales: string | null;
  /** What an app waits for that has sent them to sign in; absent from journeys that an earlier version began. */
  readonly need?: string | null;
  /** They had to prove anew who they are. */
  readonly anew: boolean;
  /** Who began, where somebody was signed in: a way in is added to their account. */
  readonly userId: string | null;
  /** When they were sent there, in milliseconds since the epoch. */
  readonly begunAt: number;
}

/** Who came back from a provider, and whose account it is cannot be told without its password. */
export interface Pending {
  readonly profile: Profile;
  readonly email: string;
}

export interface Federation {
  readonly store: FederationStore;
  readonly providers: readonly SignInProvider[];
  /** Of the providers: whose identities let anybody in. */
  readonly issuers: readonly string[];
  find(id: string): SignInProvider | null;
  /** Where to send the browser. Throws a FederationError if the provider cannot be found. */
  start(provider: SignInProvider, browser: string, journey: Omit<Journey, "begunAt">, loginHint: string | null, locale: string): Promise<URL>;
  /** The journey that an answer belongs to: once, in the browser that began, with this provider. Throws `expired`. */
  arrive(provider: SignInProvider, browser: string | null, state: string | null): Promise<Journey>;
  /** Who it is, by the provider's answer to that journey. Throws a FederationError. */
  exchange(provider: SignInProvider, browser: string, journey: Journey, url: URL): Promise<Profile>;
  /** Keeps what came back until the password is there; what names it is for a form in the same browser. */
  keep(provider: SignInProvider, browser: string, pending: Pending): Promise<string>;
  look(provider: SignInProvider, browser: string | null, name: string): Promise<Pending | null>;
  /** The same once. */
  take(provider: SignInProvider, browser: string | null, name: string): Promise<Pending | null>;
}

export interface FederationDeps {
  readonly providers: readonly SignInProvider[];
  readonly issuer: string;
  readonly store: FederationStore;
  readonly clock: Clock;
  readonly random: Random;
}

export function createFederation({ providers, issuer, store, clock, random }: FederationDeps): Federation {
  const clients = new Map(providers.map((provider) => [provider.id, lazily(() => clientOf(provider, clock))]));
  const newName = (): string => Buffer.from(random.bytes(32)).toString("base64url");
  const keyOf = ({ id }: SignInProvider, browser: string, name: string) =>
    ({ hash: hashOf(name), browserHash: hashOf(browser), provider: id, now: clock() }) as const;

  async function begin(provider: SignInProvider, browser: string, purpose: Transaction["purpose"], detail: object): Promise<string> {
    const name = newName();
    const { now, ...key } = keyOf(provider, browser, name);
    await store.begin({ ...key, purpose, detail: { ...detail }, expiresAt: now + TRANSACTION_SECONDS * 1000 });
    return name;
  }

  async function pendingOf(how: "look" | "take", provider: SignInProvider, browser: string | null, name: string): Promise<Pending | null> {
    const found = browser === null ? null : await store[how](keyOf(provider, browser, name));
    return found?.purpose === "password" ? (found.detail as unknown as Pending) : null;
  }

  async function clientFor({ id }: SignInProvider): Promise<ProviderClient> {
    const client = clients.get(id);
    if (client === undefined) throw new Error(`There is no provider ${id}.`);
    return client();
  }

  return {
    store,
    providers,
    issuers: providers.map(issuerOf),
    find: (id) => providers.find((provider) => provider.id === id) ?? null,

    async start(provider, browser, journey, loginHint, locale) {
      const { purpose, ...detail } = journey;
      const state = await begin(provider, browser, purpose, detail);
      const { verifier, nonce } = secretsOf(browser, state);
      const redirectUri = `${issuer}${callbackPath(provider.id)}`;
      return (await clientFor(provider)).authorizationUrl({ redirectUri, state, nonce, verifier, anew: journey.anew, loginHint, locale });
    },

    async arrive(provider, browser, state) {
      const found = browser === null || state === null ? null : await store.take(keyOf(provider, browser, state));
      if (found === null || found.purpose === "password") {
        throw new FederationError("expired", `No sign-in with ${provider.name} is under way that this could be the answer to.`);
      }
      const detail = found.detail as unknown as Omit<Journey, "purpose" | "begunAt">;
      return { ...detail, purpose: found.purpose, begunAt: found.expiresAt - TRANSACTION_SECONDS * 1000 };
    },

    async exchange(provider, browser, { anew, begunAt }, url) {
      const state = url.searchParams.get("state") ?? "";
      return (await clientFor(provider)).exchange({ url, state, ...secretsOf(browser, state), anewSince: anew ? begunAt : null });
    },

    keep: (provider, browser, pending) => begin(provider, browser, "password", pending),
    look: (provider, browser, name) => pendingOf("look", provider, browser, name),
    take: (provider, browser, name) => pendingOf("take", provider, browser, name),
  };
}

/** Below the issuer; the redirect URI to register with the provider. Each provider has its own (RFC 9700 §4.4.2). */
export function callbackPath(id: string): string {
  return `/sign-in/with/${id}/callback`;
}

/**
 * Made of what only the browser has and of the state, each time anew: what the database keeps tells neither. An answer to
 * another browser's request fits nothing here, not even the code in it.
 */
function secretsOf(browser: string, state: string): { verifier: string; nonce: string } {
  const of = (purpose: string): string => createHmac("sha256", browser).update(`${purpose} ${state}`).digest("base64url");
  return { verifier: of("verifier"), nonce: of("nonce") };
}

async function clientOf(provider: SignInProvider, clock: Clock): Promise<ProviderClient> {
  if (provider.kind !== "openid") return (await import("./github-client.ts")).createGitHubClient(provider);
  return (await import("./openid-provider-client.ts")).createOpenIdProviderClient(provider, { clock });
}
