import { DPOP_ALGORITHMS } from "@ostiary/guard/embedded";
import { z } from "zod";
import { AUTHENTICATION_METHODS, GRANT_TYPES } from "../../../clients/registration.ts";
import { SIGNING_ALGORITHMS } from "../../../keys/signing-algorithms.ts";
import { PROMPTS, RESPONSE_MODES } from "../../../oauth/authorization-request.ts";
import { supportedScopes } from "../../../oauth/scopes.ts";
import { LANGUAGES } from "../../../pages/locale.ts";
import { ACR_VALUES } from "../../../sessions/authentication.ts";
import { CLIENT_AUTHENTICATION_METHODS } from "../../client-authentication.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { jsonAnswer } from "../../operation.ts";
import type { Route } from "../../route.ts";

const texts = z.array(z.string());

const metadata = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  introspection_endpoint: z.string(),
  introspection_endpoint_auth_methods_supported: texts,
  revocation_endpoint: z.string(),
  revocation_endpoint_auth_methods_supported: texts,
  revocation_endpoint_auth_signing_alg_values_supported: texts.optional(),
  response_types_supported: texts,
  grant_types_supported: texts,
  dpop_signing_alg_values_supported: texts,
  ...z
    .object({
      authorization_endpoint: z.string(),
      token_endpoint: z.string(),
      pushed_authorization_request_endpoint: z.string(),
      require_pushed_authorization_requests: z.boolean(),
      device_authorization_endpoint: z.string(),
      token_endpoint_auth_methods_supported: texts,
      token_endpoint_auth_signing_alg_values_supported: texts,
      userinfo_endpoint: z.string(),
      end_session_endpoint: z.string(),
      backchannel_logout_supported: z.boolean(),
      backchannel_logout_session_supported: z.boolean(),
      response_modes_supported: texts,
      code_challenge_methods_supported: texts,
      authorization_response_iss_parameter_supported: z.boolean(),
      scopes_supported: texts,
      claims_supported: texts,
      claim_types_supported: texts,
      claims_parameter_supported: z.boolean(),
      request_parameter_supported: z.boolean(),
      request_uri_parameter_supported: z.boolean(),
      subject_types_supported: texts,
      id_token_signing_alg_values_supported: texts,
      acr_values_supported: texts,
      prompt_values_supported: texts,
      ui_locales_supported: texts,
      registration_endpoint: z.string(),
      client_id_metadata_document_supported: z.boolean(),
    })
    .partial().shape,
});

/** Of ID tokens; userinfo says the same of the user as they do. */
const CLAIMS = "iss sub aud exp iat auth_time nonce acr amr sid at_hash name email email_verified roles".split(" ");

/** A secret signs no assertion: whoever verifies it could sign another. */
const ASSERTION_ALGORITHMS = SIGNING_ALGORITHMS.filter((algorithm) => !algorithm.startsWith("HS"));

/** Lists only what works (RFC 8414 §2; OpenID Connect Discovery 1.0 §3). */
function respond(c: HttpContext, deps: HttpDeps): Response {
  const { issuer } = deps.settings;
  const isProvider = deps.oauth.idTokens.supported;
  const body: z.output<typeof metadata> = {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
    response_types_supported: [],
    grant_types_supported: [],
    dpop_signing_alg_values_supported: [...DPOP_ALGORITHMS],
    ...(isProvider ? ofProvider(deps) : {}),
  };
  c.header("Cache-Control", "public, max-age=300");
  return c.json(body);
}

/** Nothing of it where tokens are signed with a secret: no client could verify them. */
function ofProvider({ settings, oauth }: HttpDeps): Partial<z.output<typeof metadata>> {
  const { issuer } = settings;
  return {
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    token_endpoint_auth_methods_supported: [...AUTHENTICATION_METHODS],
    pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
    require_pushed_authorization_requests: settings.pushedRequests === "required",
    device_authorization_endpoint: `${issuer}/oauth/device`,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: [...AUTHENTICATION_METHODS],
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    end_session_endpoint: `${issuer}/oauth/logout`,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    response_types_supported: ["code"],
    response_modes_supported: [...RESPONSE_MODES],
    grant_types_supported: [...GRANT_TYPES],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    scopes_supported: supportedScopes(settings),
    claims_supported: CLAIMS,
    claim_types_supported: ["normal"],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [oauth.idTokens.algorithm],
    acr_values_supported: [...ACR_VALUES],
    prompt_values_supported: [...PROMPTS],
    ui_locales_supported: Object.keys(LANGUAGES),
    ...(settings.dynamicRegistration === "off" ? {} : { registration_endpoint: `${issuer}/oauth/register` }),
    ...(settings.clientIdDocuments === "off" ? {} : { client_id_metadata_document_supported: true }),
  };
}

const responses = { 200: jsonAnswer("Where clients find everything, and guards the keys.", metadata) };

export const getMetadataRoute: Route = {
  method: "get",
  path: "/.well-known/openid-configuration",
  cors: "any",
  operation: { summary: "Discovery", responses },
  handle: respond,
};

/** The same document where RFC 8414 §3.1 puts it: before the issuer's path. */
export function rootMetadataRoute(issuerPath: string): Route {
  return {
    method: "get",
    path: `/.well-known/oauth-authorization-server${issuerPath}`,
    at: "server",
    cors: "any",
    operation: { summary: "Discovery (RFC 8414)", responses },
    handle: respond,
  };
}
