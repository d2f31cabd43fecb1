import type { Configuration, ServerMetadata } from "openid-client";
import type { Clock } from "../clock.ts";
import { emailIdentity } from "../users/email.ts";
import { failureOf, openIdClient, PATIENCE_SECONDS, transportOf } from "./openid-client.ts";
import { FederationError, reauthenticationOf, requireAnew } from "./provider-client.ts";
import type { Profile, ProviderClient } from "./provider-client.ts";
import type { OpenIdProvider } from "./provider.ts";
import { profileOf } from "./profile.ts";

/** How long metadata is good: providers move their endpoints seldom, and say so long before. */
const METADATA_MS = 3_600_000;

/** Whatever a provider says it signs with: a secret is shared, and could sign what we take for its word. */
const ALGORITHMS = ["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/** A provider with OpenID Connect: found by discovery, first when somebody comes for it, and again each hour. */
export function createOpenIdProviderClient(provider: OpenIdProvider, { clock }: { clock: Clock }): ProviderClient {
  let found: { readonly configuration: Promise<Configuration>; readonly at: number } | undefined;

  /** One look for all who wait; one that failed is not kept. */
  function configuration(): Promise<Configuration> {
    if (found !== undefined && clock() - found.at < METADATA_MS) return found.configuration;
    const looking = discover(provider);
    const current = (found = { configuration: looking, at: clock() });
    looking.catch(() => {
      if (found === current) found = undefined;
    });
    return looking;
  }

  return {
    provider,

    async authorizationUrl({ redirectUri, state, nonce, verifier, anew, loginHint, locale }) {
      const client = await openIdClient();
      try {
        return client.buildAuthorizationUrl(await configuration(), {
          redirect_uri: redirectUri,
          scope: provider.scope,
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
          ui_locales: locale,
          ...(loginHint === null ? {} : { login_hint: loginHint }),
          ...(anew ? reauthenticationOf(provider) : {}),
        });
      } catch (error) {
        throw failureOf(error, client, provider);
      }
    },

    async exchange({ url, state, nonce, verifier, anewSince }) {
      const client = await openIdClient();
      try {
        const settings = await configuration();
        const tokens = await client.authorizationCodeGrant(settings, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new FederationError("refused", `${provider.name} gave no ID token.`);
        const authTime = typeof claims.auth_time === "number" ? claims.auth_time * 1000 : null;
        if (anewSince !== null) requireAnew(provider, authTime, anewSince);
        const hasMore = claims["email"] === undefined && settings.serverMetadata().userinfo_endpoint !== undefined;
        const info = hasMore ? await client.fetchUserInfo(settings, tokens.access_token, claims.sub) : {};
        return profileIn(provider, { ...info, ...claims }, authTime);
      } catch (error) {
        throw failureOf(error, client, provider);
      }
    },
  };
}

async function discover(provider: OpenIdProvider): Promise<Configuration> {
  const client = await openIdClient();
  const { clientId, clientSecret, clientAuthentication } = provider;
  const authentication =
    clientSecret === undefined
      ? client.None()
      : clientAuthentication === "basic"
        ? client.ClientSecretBasic(clientSecret)
        : client.ClientSecretPost(clientSecret);
  const execute = [client.enableNonRepudiationChecks, ...transportOf(provider.issuer, client)];
  try {
    const found = await client.discovery(new URL(provider.issuer), clientId, {}, authentication, {
      execute,
      timeout: PATIENCE_SECONDS,
    });
    const metadata = checkedMetadata(provider, found.serverMetadata());
    const configuration = new client.Configuration(metadata, clientId, {}, authentication);
    for (const apply of execute) apply(configuration);
    configuration.timeout = PATIENCE_SECONDS;
    return configuration;
  } catch (error) {
    const { problem, message } = failureOf(error, client, provider);
    // Whatever is wrong with it, nobody gets any further: none of it is the person's doing.
    throw new FederationError(
      "unavailable",
      problem === "refused" ? `The metadata of ${provider.name} cannot be used: ${String(error)}` : message,
      error,
    );
  }
}

/** As it is, but for algorithms that are not for this. Throws if it is another issuer's: some say one and are another. */
function checkedMetadata({ issuer, name }: OpenIdProvider, metadata: ServerMetadata): ServerMetadata {
  if (metadata.issuer !== issuer) {
    throw new FederationError(
      "unavailable",
      `${name} is configured with the issuer ${issuer}, and calls itself ${metadata.issuer}.`,
    );
  }
  const supported = metadata.id_token_signing_alg_values_supported ?? ["RS256"];
  return { ...metadata, id_token_signing_alg_values_supported: supported.filter((algorithm) => ALGORITHMS.includes(algorithm)) };
}

function profileIn(provider: OpenIdProvider, claims: Readonly<Record<string, unknown>>, authTime: number | null): Profile {
  const { sub, email, email_verified: isVerified, name } = claims;
  return profileOf({
    issuer: provider.issuer,
    subject: sub,
    email,
    // Some send it as a text.
    emailVerified: (isVerified === true || isVerified === "true") && isTrusted(provider, claims),
    name,
    authTime,
  });
}

/** Google has seen once that a mailbox elsewhere was theirs, and does not learn when it is somebody else's by now. */
function isTrusted({ trustEmail }: OpenIdProvider, { email, hd }: Readonly<Record<string, unknown>>): boolean {
  if (trustEmail !== "google") return trustEmail;
  if (typeof email !== "string") return false;
  const domain = emailIdentity(email).split("@").at(-1);
  return domain === "gmail.com" || (typeof hd === "string" && hd !== "" && hd.toLowerCase() === domain);
}
