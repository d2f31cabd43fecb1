import { DEVICE_GRANT } from "../api/types.ts";

export const KINDS = [
  ["guard", "A guard", "An API that checks tokens: it follows revocations and asks about tokens."],
  ["app", "An app that signs users in", "By OpenID Connect: people come here to sign in, and go back."],
  [
    "device",
    "A device without a browser",
    "A television, a command line: it shows a code, and people let it in with another device.",
  ],
  ["program", "A service account", "A program with tokens of its own or API keys, without a user."],
] as const;
export type Kind = (typeof KINDS)[number][0];

/** What a form says, as the API takes it. */
export function newRegistration(kind: Kind, values: FormData): { registration?: object } {
  if (kind === "guard") return {};
  if (kind === "program") return { registration: { grantTypes: ["client_credentials"], ...accountOf(values) } };
  const grants = kind === "device" ? { grantTypes: [DEVICE_GRANT, "refresh_token"] } : {};
  const publicly = values.has("public") ? { tokenEndpointAuthMethod: "none" } : {};
  return { registration: { ...appOf(values, kind === "app"), ...grants, ...publicly } };
}

/** Where nobody comes back to it, there is nothing to say of that. */
export function appOf(values: FormData, comesBack: boolean): object {
  const back = {
    redirectUris: words(values, "redirectUris"),
    requirePushedAuthorizationRequests: values.has("requirePushedAuthorizationRequests"),
  };
  return {
    ...(comesBack ? back : {}),
    firstParty: values.has("firstParty"),
    scopes: words(values, "scopes"),
    postLogoutRedirectUris: words(values, "postLogoutRedirectUris"),
    dpopBoundAccessTokens: values.has("dpop"),
    backchannelLogoutUri: words(values, "backchannelLogoutUri")[0] ?? null,
  };
}

export function accountOf(values: FormData): object {
  return { scopes: words(values, "scopes"), roles: words(values, "roles") };
}

/** Neither scopes nor URIs have spaces in them. */
function words(values: FormData, name: string): string[] {
  const value = values.get(name);
  return typeof value === "string" ? value.split(/\s+/).filter((word) => word !== "") : [];
}
