import { z } from "zod";
import { CLIENT_AUTHENTICATION_METHODS } from "../../client-authentication.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { jsonAnswer } from "../../operation.ts";
import type { Route } from "../../route.ts";

const metadata = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  introspection_endpoint: z.string(),
  introspection_endpoint_auth_methods_supported: z.array(z.string()),
  revocation_endpoint: z.string(),
  revocation_endpoint_auth_methods_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  end_session_endpoint: z.string().optional(),
  backchannel_logout_supported: z.boolean().optional(),
  backchannel_logout_session_supported: z.boolean().optional(),
});

/** Lists only what works (RFC 8414 §2). */
function respond(c: HttpContext, { settings, oauth }: HttpDeps): Response {
  const body: z.output<typeof metadata> = {
    issuer: settings.issuer,
    jwks_uri: `${settings.issuer}/.well-known/jwks.json`,
    introspection_endpoint: `${settings.issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
    revocation_endpoint: `${settings.issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
    response_types_supported: [],
    grant_types_supported: [],
    // Where tokens are signed with a secret there are no ID tokens, and no clients that have users signed in.
    ...(oauth.idTokens.supported ? logoutMetadata(settings.issuer) : {}),
  };
  c.header("Cache-Control", "public, max-age=300");
  return c.json(body);
}

/** OIDC RP-Initiated Logout 1.0 §2.1, OIDC Back-Channel Logout 1.0 §2.1. */
function logoutMetadata(issuer: string) {
  return {
    end_session_endpoint: `${issuer}/oauth/logout`,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  };
}

const responses = { 200: jsonAnswer("Where guards find the keys.", metadata) };

export const getMetadataRoute: Route = {
  method: "get",
  path: "/.well-known/openid-configuration",
  operation: { summary: "Discovery", responses },
  handle: respond,
};

/** The same document where RFC 8414 §3.1 puts it: before the issuer's path. */
export function rootMetadataRoute(issuerPath: string): Route {
  return {
    method: "get",
    path: `/.well-known/oauth-authorization-server${issuerPath}`,
    at: "server",
    operation: { summary: "Discovery (RFC 8414)", responses },
    handle: respond,
  };
}
