import { readFileSync } from "node:fs";
import type { NewClient } from "../clients/create-client.ts";
import type { AuthenticationMethod, GrantType, NewRegistration } from "../clients/registration.ts";
import type { ClientChanges } from "../clients/update-client.ts";
import { StartError } from "../errors.ts";

interface CommonOptions {
  readonly redirectUri?: string[];
  readonly postLogoutRedirectUri?: string[];
  readonly backchannelLogoutUri?: string;
  readonly scope?: string[];
  readonly firstParty?: boolean;
  readonly jwks?: string;
  readonly json?: boolean;
}

export interface CreateOptions extends CommonOptions {
  readonly guard?: boolean;
  readonly clientCredentials?: boolean;
  readonly public?: boolean;
  readonly authMethod?: AuthenticationMethod;
}

export interface UpdateOptions extends CommonOptions {
  readonly name?: string;
}

/** What makes no sense whatever the values are; null if there is nothing. */
export function problemWith({ guard, redirectUri, clientCredentials, public: isPublic, authMethod, jwks, ...rest }: CreateOptions): string | null {
  const isOAuth = redirectUri !== undefined || clientCredentials === true;
  const { postLogoutRedirectUri, backchannelLogoutUri, scope, firstParty } = rest;
  const forOAuth = [postLogoutRedirectUri, backchannelLogoutUri, scope, firstParty, isPublic, authMethod, jwks];
  if (!isOAuth && forOAuth.some((option) => option !== undefined)) return "Say what it does by OAuth: --redirect-uri <uri>, or --client-credentials.";
  if (!isOAuth && guard !== true) return "Say what it may do: --redirect-uri <uri>, --client-credentials, or --guard.";
  if (isPublic === true && authMethod !== undefined && authMethod !== "none") return "A --public client cannot prove who it is: leave --auth-method out.";
  return null;
}

/** Throws a StartError for a file of keys that cannot be read. */
export function newClientOf(name: string, options: CreateOptions): NewClient {
  const { guard = false, redirectUri, clientCredentials = false } = options;
  if (redirectUri === undefined && !clientCredentials) return { name, guard };
  const grantTypes: GrantType[] = [
    ...(redirectUri === undefined ? [] : (["authorization_code", "refresh_token"] as const)),
    ...(clientCredentials ? (["client_credentials"] as const) : []),
  ];
  return { name, guard, registration: { ...registrationOf(options), grantTypes, tokenEndpointAuthMethod: methodOf(options) } };
}

/** Null if nothing is to change. Throws a StartError for a file of keys that cannot be read. */
export function changesOf(options: UpdateOptions): ClientChanges | null {
  const registration = registrationOf(options);
  const isRegistration = Object.keys(registration).length > 0;
  if (options.name === undefined && !isRegistration) return null;
  return { name: options.name, registration: isRegistration ? registration : undefined };
}

function methodOf({ public: isPublic = false, authMethod, jwks }: CreateOptions): AuthenticationMethod {
  if (authMethod !== undefined) return authMethod;
  if (isPublic) return "none";
  return jwks === undefined ? "client_secret_basic" : "private_key_jwt";
}

/** What was said, and nothing else. */
function registrationOf({ redirectUri, postLogoutRedirectUri, backchannelLogoutUri, scope, firstParty, jwks }: CommonOptions): NewRegistration {
  return {
    ...(redirectUri === undefined ? {} : { redirectUris: redirectUri }),
    ...(postLogoutRedirectUri === undefined ? {} : { postLogoutRedirectUris: postLogoutRedirectUri }),
    ...(backchannelLogoutUri === undefined ? {} : { backchannelLogoutUri: backchannelLogoutUri === "" ? null : backchannelLogoutUri }),
    // Also as one word, as OAuth writes them.
    ...(scope === undefined ? {} : { scopes: scope.flatMap((words) => words.split(" ")).filter((word) => word !== "") }),
    ...(firstParty === undefined ? {} : { firstParty }),
    ...(jwks === undefined ? {} : { jwks: readKeys(jwks) }),
  };
}

function readKeys(path: string): NonNullable<NewRegistration["jwks"]> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as NonNullable<NewRegistration["jwks"]>;
  } catch (error) {
    throw new StartError(`The keys in ${path} cannot be read (${error instanceof Error ? error.message : String(error)}).`, { cause: error });
  }
}
