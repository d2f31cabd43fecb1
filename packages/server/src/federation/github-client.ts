import type { Configuration } from "openid-client";
import { failureOf, openIdClient, PATIENCE_SECONDS, transportOf } from "./openid-client.ts";
import { FederationError } from "./provider-client.ts";
import type { Profile, ProviderClient } from "./provider-client.ts";
import { issuerOf } from "./provider.ts";
import type { GitHubProvider } from "./provider.ts";
import { profileOf } from "./profile.ts";

/**
 * GitHub: OAuth without discovery, ID token and nonce. Code, state and PKCE bind the answer to its request; who it is about,
 * two requests to the API tell. It refuses requests without a user agent, and answers refusals at the token endpoint with 200.
 */
export function createGitHubClient(provider: GitHubProvider): ProviderClient {
  let made: Promise<Configuration> | undefined;
  const configuration = (): Promise<Configuration> => (made ??= configurationOf(provider));

  async function get(settings: Configuration, accessToken: string, path: string): Promise<unknown> {
    const client = await openIdClient();
    const headers = new Headers({
      accept: "application/vnd.github+json",
      "user-agent": "ostiary",
      "x-github-api-version": "2022-11-28",
    });
    const answer = await client.fetchProtectedResource(
      settings,
      accessToken,
      new URL(provider.apiUrl + path),
      "GET",
      undefined,
      headers,
    );
    if (answer.status !== 200) throw new FederationError("unavailable", `${provider.name} answered ${answer.status} at ${path}.`);
    return answer.json();
  }

  return {
    provider,

    async authorizationUrl({ redirectUri, state, verifier, anew, loginHint }) {
      const client = await openIdClient();
      return client.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: "read:user user:email",
        state,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(loginHint === null ? {} : { login: loginHint }),
        // The one prompt it knows.
        ...(anew ? { prompt: "select_account" } : {}),
      });
    },

    async exchange({ url, state, verifier }) {
      const client = await openIdClient();
      try {
        const settings = await configuration();
        const { access_token: token } = await client.authorizationCodeGrant(settings, url, {
          expectedState: state,
          pkceCodeVerifier: verifier,
        });
        const [user, emails] = await Promise.all([get(settings, token, "/user"), get(settings, token, "/user/emails")]);
        return profileIn(provider, user, emails);
      } catch (error) {
        throw failureOf(error, client, provider);
      }
    },
  };
}

async function configurationOf(provider: GitHubProvider): Promise<Configuration> {
  const client = await openIdClient();
  const { url, clientId, clientSecret } = provider;
  const metadata = {
    issuer: issuerOf(provider),
    authorization_endpoint: `${url}/login/oauth/authorize`,
    token_endpoint: `${url}/login/oauth/access_token`,
  };
  const configuration = new client.Configuration(metadata, clientId, {}, client.ClientSecretPost(clientSecret));
  for (const apply of transportOf(url, client)) apply(configuration);
  configuration.timeout = PATIENCE_SECONDS;
  return configuration;
}

/** The number names the account; its login can be given up, and taken by somebody else. */
function profileIn(provider: GitHubProvider, user: unknown, emails: unknown): Profile {
  const { id, login, name } = (typeof user === "object" && user !== null ? user : {}) as Record<string, unknown>;
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id <= 0) {
    throw new FederationError("refused", `${provider.name} does not say who it is.`);
  }
  const primary = (Array.isArray(emails) ? emails : []).find(isPrimary);
  return profileOf({
    issuer: issuerOf(provider),
    subject: String(id),
    email: primary?.email,
    emailVerified: provider.trustEmail,
    name: name ?? login,
    label: typeof login === "string" ? login.slice(0, 100) : undefined,
    authTime: null,
  });
}

/** Those that are not verified it lists as well, and anybody can add them. */
function isPrimary(entry: unknown): entry is { readonly email: string } {
  const { email, primary, verified } = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
  return typeof email === "string" && primary === true && verified === true;
}
