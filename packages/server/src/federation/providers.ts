import type { GitHubProvider, OpenIdProvider } from "./provider.ts";

/** What is the same for all of them. */
export interface ProviderOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Stands in the redirect URI. Default: the provider's own name. Never change it once people have signed in. */
  readonly id?: string | undefined;
  /** What it is called on the button. */
  readonly name?: string | undefined;
  /**
   * Whether people whose address it says to be verified may come in to an account of theirs that has the same verified address.
   * Default: true for Google, where it runs the mailbox, and false for all others: most know only that it was theirs once.
   */
  readonly trustEmail?: boolean | undefined;
}

/** Google. Its word on an address counts where it runs the mailbox: `gmail.com`, and domains of Google Workspace. */
export function google(options: ProviderOptions): OpenIdProvider {
  return openIdProvider({ id: "google", name: "Google", trustEmail: "google", issuer: "https://accounts.google.com" }, options, {
    clientAuthentication: "post",
    reauthentication: "select_account",
  });
}

export interface GitHubOptions extends ProviderOptions {
  /** GitHub Enterprise Server. Default `https://github.com`. */
  readonly url?: string | undefined;
  /** Default `https://api.github.com`, or `<url>/api/v3`. */
  readonly apiUrl?: string | undefined;
}

/** GitHub, which speaks OAuth and no OpenID Connect: who somebody is, its API says. */
export function github({ url, apiUrl, ...options }: GitHubOptions): GitHubProvider {
  const site = withoutSlash(url ?? "https://github.com");
  return {
    kind: "github",
    id: options.id ?? "github",
    name: options.name ?? "GitHub",
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    url: site,
    apiUrl: withoutSlash(apiUrl ?? (url === undefined ? "https://api.github.com" : `${site}/api/v3`)),
    trustEmail: options.trustEmail ?? false,
  };
}

/** A realm of Keycloak; `url` is the server's, with `/auth` at its end where it has that. */
export function keycloak({
  url,
  realm,
  ...options
}: ProviderOptions & { readonly url: string; readonly realm: string }): OpenIdProvider {
  const issuer = `${withoutSlash(url)}/realms/${encodeURIComponent(realm)}`;
  return openIdProvider({ id: "keycloak", name: "Keycloak", trustEmail: false, issuer }, options, {
    clientAuthentication: "basic",
  });
}

/** A tenant of Auth0; `domain` without `https://`. */
export function auth0({ domain, ...options }: ProviderOptions & { readonly domain: string }): OpenIdProvider {
  const issuer = `https://${domain}/`;
  return openIdProvider({ id: "auth0", name: "Auth0", trustEmail: false, issuer }, options, { clientAuthentication: "post" });
}

export interface OidcOptions extends Omit<ProviderOptions, "clientSecret"> {
  readonly id: string;
  readonly name: string;
  /** As the provider's own metadata has it, character by character. */
  readonly issuer: string;
  /** None: a public client. */
  readonly clientSecret?: string | undefined;
  /** How the secret is sent. Default `basic` (RFC 6749 §2.3.1). */
  readonly clientAuthentication?: "basic" | "post" | undefined;
  /** Default `openid profile email`. */
  readonly scope?: string | undefined;
}

/** Any provider with OpenID Connect discovery. */
export function oidc({ issuer, clientAuthentication = "basic", scope, ...options }: OidcOptions): OpenIdProvider {
  const own = { id: options.id, name: options.name, trustEmail: false, issuer };
  return openIdProvider(own, options, { clientAuthentication, ...(scope === undefined ? {} : { scope }) });
}

function openIdProvider(
  own: Pick<OpenIdProvider, "id" | "name" | "trustEmail" | "issuer">,
  options: Omit<ProviderOptions, "clientSecret"> & { readonly clientSecret?: string | undefined },
  how: Pick<OpenIdProvider, "clientAuthentication"> & Partial<Pick<OpenIdProvider, "reauthentication" | "scope">>,
): OpenIdProvider {
  const { clientId, clientSecret } = options;
  return {
    kind: "openid",
    id: options.id ?? own.id,
    name: options.name ?? own.name,
    issuer: own.issuer,
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    clientAuthentication: how.clientAuthentication,
    scope: how.scope ?? "openid profile email",
    reauthentication: how.reauthentication ?? "login",
    trustEmail: options.trustEmail ?? own.trustEmail,
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
