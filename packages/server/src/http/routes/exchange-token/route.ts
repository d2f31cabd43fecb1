import { z } from "zod";
import type { Client } from "../../../clients/client.ts";
import { GRANT_TYPES } from "../../../clients/registration.ts";
import type { GrantType } from "../../../clients/registration.ts";
import { OstiaryError } from "../../../errors.ts";
import { issueClientToken } from "../../../oauth/client-token.ts";
import { requireGrantType, scopesIn } from "../../../oauth/granted-tokens.ts";
import type { GrantedTokens } from "../../../oauth/granted-tokens.ts";
import { redeemCode } from "../../../oauth/redeem-code.ts";
import { refreshGrant } from "../../../oauth/refresh-grant.ts";
import { requireClient } from "../../client-authentication.ts";
import { deviceOf } from "../../device.ts";
import { errorBody } from "../../errors.ts";
import { readFormWithResources, requiredParameter } from "../../form.ts";
import type { Form } from "../../form.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { idempotencyKeyOf } from "../../idempotency-key.ts";
import { clientForm, formBody, jsonAnswer, refusals, security } from "../../operation.ts";
import { noteRefusedRefresh } from "../../refused-refresh.ts";
import type { Route } from "../../route.ts";

interface Exchange {
  readonly c: HttpContext;
  readonly deps: HttpDeps;
  readonly form: Form;
  readonly resources: readonly string[];
}

const request = clientForm.extend({
  grant_type: z.enum(GRANT_TYPES),
  code: z.string().meta({ description: "With `authorization_code`." }).optional(),
  code_verifier: z.string().meta({ description: "With `authorization_code` (RFC 7636 §4.5)." }).optional(),
  redirect_uri: z.string().meta({ description: "With `authorization_code`; the same as before, if it is sent." }).optional(),
  refresh_token: z.string().meta({ description: "With `refresh_token`." }).optional(),
  scope: z.string().meta({ description: "Less than was granted, or of a client's own name." }).optional(),
  resource: z.string().meta({ description: "Who the token is for (RFC 8707); may come several times." }).optional(),
});

const answer = z.object({
  access_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.int(),
  scope: z.string().optional(),
  refresh_token: z.string().optional(),
  id_token: z.string().optional(),
});

export const exchangeTokenRoute: Route = {
  method: "post",
  path: "/oauth/token",
  cors: "any",
  operation: {
    summary: "Exchange a code, a refresh token or a client's credentials for tokens (OAuth 2.1 §3.2)",
    description:
      "Clients prove who they are in the way they are registered with; public ones send their `client_id`. A refresh token is " +
      "exchanged as at `/refresh`, with the same `Idempotency-Key`: the next one goes on, the one before is good for nothing.",
    security: [{}, ...security("client")],
    requestBody: formBody(request),
    responses: {
      200: jsonAnswer("Tokens.", answer),
      ...refusals({
        400: "`invalid_request`, `invalid_grant` (with a `reason` for a refresh token), `invalid_scope`, `invalid_target`, `unsupported_grant_type`, `unauthorized_client`: not registered for this grant",
        401: "`invalid_client`",
        429: "`too_many_attempts`, for wrong credentials, and after many refresh tokens that were never ours",
      }),
    },
  },
  async handle(c, deps) {
    c.header("Pragma", "no-cache"); // RFC 6749 §5.1; errors too
    const { form, resources } = await readFormWithResources(c);
    const grantType = grantTypeOf(form, deps);
    const client = await requireClient(c, deps, form);
    try {
      return respond(c, await grants[grantType]({ c, deps, form, resources }, client));
    } catch (error) {
      // At this endpoint the RFC has another status for it (RFC 6749 §5.2).
      if (error instanceof OstiaryError && error.code === "unauthorized_client") return c.json(errorBody(error), 400);
      throw error;
    }
  },
};

function grantTypeOf(form: Form, { oauth }: HttpDeps): GrantType {
  const given = requiredParameter(form, "grant_type");
  const grantType = GRANT_TYPES.find((one) => one === given);
  if (grantType === undefined) {
    throw new OstiaryError("unsupported_grant_type", `grant_type must be one of ${GRANT_TYPES.join(", ")}.`);
  }
  if (!oauth.idTokens.supported) {
    throw new OstiaryError("unsupported_grant_type", "Tokens are signed with a secret here, which no client could verify: OAuth is off.");
  }
  return grantType;
}

const grants: Record<GrantType, (exchange: Exchange, client: Client) => GrantedTokens | Promise<GrantedTokens>> = {
  authorization_code: ({ c, deps, form, resources }, client) =>
    redeemCode(deps, requireGrantType(client, "authorization_code"), {
      code: requiredParameter(form, "code"),
      codeVerifier: requiredParameter(form, "code_verifier"),
      redirectUri: form.get("redirect_uri"),
      resources,
      device: deviceOf(c),
    }),

  async refresh_token({ c, deps, form, resources }, client) {
    const registered = requireGrantType(client, "refresh_token");
    const refreshToken = requiredParameter(form, "refresh_token");
    const refresh = { refreshToken, scope: form.get("scope"), resources, idempotencyKey: idempotencyKeyOf(c), device: deviceOf(c) };
    try {
      return await refreshGrant(deps, registered, refresh);
    } catch (error) {
      await noteRefusedRefresh(c, deps, error, { presented: refreshToken, delivery: "body" });
      throw error;
    }
  },

  client_credentials: ({ deps, form, resources }, client) =>
    issueClientToken(deps, requireGrantType(client, "client_credentials"), { scope: form.get("scope"), resources }),
};

function respond(c: HttpContext, { accessToken, expiresIn, refreshToken, idToken }: GrantedTokens): Response {
  const scope = scopesIn(accessToken).join(" ");
  const body: z.output<typeof answer> = {
    access_token: accessToken,
    token_type: "Bearer",
    expires_in: expiresIn,
    ...(scope === "" ? {} : { scope }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
  return c.json(body);
}
