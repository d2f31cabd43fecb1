import { readFileSync } from "node:fs";
import type { NewClient } from "../clients/create-client.ts";
import { DEVICE_GRANT } from "../clients/registration.ts";
import type { AuthenticationMethod, GrantType, NewRegistration } from "../clients/registration.ts";
import type { ClientChanges } from "../clients/update-client.ts";
import { StartError } from "../errors.ts";

interface CommonOptions {
  readonly redirectUri?: string[];
  readonly postLogoutRedirectUri?: string[];
  readonly backchannelLogoutUri?: string;
  readonly scope?: string[];
  readonly role?: string[];
  readonly firstParty?: boolean;
  readonly jwks?: string;
  readonly dpop?: boolean;
  readonly par?: boolean;
  readonly json?: boolean;
}

export interface CreateOptions extends CommonOptions {
  readonly guard?: boolean;
  readonly clientCredentials?: boolean;
  readonly service?: boolean;
  readonly device?: boolean;
  readonly public?: boolean;
  readonly authMethod?: AuthenticationMethod;
}

export interface UpdateOptions extends CommonOptions {
  readonly name?: string;
}

/** What makes no sense whatever the values are; null if there is nothing. */
export function problemWith({ guard, redirectUri, device, public: isPublic, authMethod, jwks, ...rest }: CreateOptions): string | null {
  const isOAuth = redirectUri !== undefined || device === true || isService(rest);
  const { postLogoutRedirectUri, backchannelLogoutUri, scope, role, firstParty, dpop, par } = rest;
  const forOAuth = [postLogoutRedirectUri, backchannelLogoutUri, scope, role, firstParty, isPublic, authMethod, jwks, dpop, par];
  if (!isOAuth && forOAuth.some((option) => option !== undefined)) return "Say what it does by OAuth: --redirect-uri <uri>, --device, or --service.";
  if (!isOAuth && guard !== true) return "Say what it may do: --redirect-uri <uri>, --device, --service, or --guard.";
  if (isPublic === true && authMethod !== undefined && authMethod !== "none") return "A --public client cannot prove who it is: leave --auth-method out.";
  return null;
}

/** Throws a StartError for a file of keys that cannot be read. */
export function newClientOf(name: string, options: CreateOptions): NewClient {
  const { guard = false, redirectUri, device = false } = options;
  if (redirectUri === undefined && !device && !isService(options)) return { name, guard };
  const grantTypes: GrantType[] = [
    ...(redirectUri === undefined ? [] : (["authorization_code"] as const)),
    ...(device ? [DEVICE_GRANT] as const : []),
    ...(redirectUri === undefined && !device ? [] : (["refresh_token"] as const)),
    ...(isService(options) ? (["client_credentials"] as const) : []),
  ];
  return { name, guard, registration: { ...registrationOf(options), grantTypes, tokenEndpointAuthMethod: methodOf(options) } };
}

/** The two say the same: one as people do, one as the RFC does. */
function isService({ service = false, clientCredentials = false }: Pick<CreateOptions, "service" | "clientCredentials">): boolean {
  return service || clientCredentials;
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
function registrationOf({ redirectUri, postLogoutRedirectUri, backchannelLogoutUri, scope, role, firstParty, jwks, dpop, par }: CommonOptions): NewRegistration {
  return {
    ...(redirectUri === undefined ? {} : { redirectUris: redirectUri }),
    ...(postLogoutRedirectUri === undefined ? {} : { postLogoutRedirectUris: postLogoutRedirectUri }),
    ...(backchannelLogoutUri === undefined ? {} : { backchannelLogoutUri: backchannelLogoutUri === "" ? null : backchannelLogoutUri }),
    // Also as one word, as OAuth writes them.
    ...(scope === undefined ? {} : { scopes: scope.flatMap((words) => words.split(" ")).filter((word) => word !== "") }),
    ...(role === undefined ? {} : { roles: role.filter((one) => one !== "") }),
    ...(firstParty === undefined ? {} : { firstParty }),
    ...(dpop === undefined ? {} : { dpopBoundAccessTokens: dpop }),
    ...(par === undefined ? {} : { requirePushedAuthorizationRequests: par }),
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
