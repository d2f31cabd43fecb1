import { z } from "zod";
import type { Client } from "../../../clients/client.ts";
import { DEVICE_GRANT, GRANT_TYPES } from "../../../clients/registration.ts";
import type { GrantType } from "../../../clients/registration.ts";
import { OstiaryError } from "../../../errors.ts";
import { issueClientToken } from "../../../oauth/client-token.ts";
import { requireGrantType, scopesIn } from "../../../oauth/granted-tokens.ts";
import type { GrantedTokens } from "../../../oauth/granted-tokens.ts";
import { redeemCode } from "../../../oauth/redeem-code.ts";
import { redeemDeviceCode } from "../../../oauth/redeem-device-code.ts";
import { refreshGrant } from "../../../oauth/refresh-grant.ts";
import type { ProofOfKey } from "../../../sessions/bound-session.ts";
import { requireClient } from "../../client-authentication.ts";
import { deviceOf } from "../../device.ts";
import { readProof } from "../../dpop.ts";
import { readFormWithResources, requiredParameter } from "../../form.ts";
import type { Form } from "../../form.ts";
import { withGrantRefusals } from "../../grant-refusals.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { idempotencyKeyOf } from "../../idempotency-key.ts";
import { clientForm, formBody, jsonAnswer, proofHeader, refusals, security } from "../../operation.ts";
import { noteRefusedRefresh } from "../../refused-refresh.ts";
import type { Route } from "../../route.ts";

interface Exchange {
  readonly c: HttpContext;
  readonly deps: HttpDeps;
  readonly form: Form;
  readonly resources: readonly string[];
  readonly proof: ProofOfKey | null;
}

const request = clientForm.extend({
  grant_type: z.enum(GRANT_TYPES),
  code: z.string().meta({ description: "With `authorization_code`." }).optional(),
  code_verifier: z.string().meta({ description: "With `authorization_code` (RFC 7636 §4.5)." }).optional(),
  redirect_uri: z.string().meta({ description: "With `authorization_code`; the same as before, if it is sent." }).optional(),
  refresh_token: z.string().meta({ description: "With `refresh_token`." }).optional(),
  device_code: z
    .string()
    .meta({ description: "With `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4)." })
    .optional(),
  scope: z.string().meta({ description: "Less than was granted, or of a client's own name." }).optional(),
  resource: z.string().meta({ description: "Who the token is for (RFC 8707); may come several times." }).optional(),
});

const answer = z.object({
  access_token: z.string(),
  token_type: z.enum(["Bearer", "DPoP"]),
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
      "exchanged as at `/refresh`, with the same `Idempotency-Key`: the next one goes on, the one before is good for nothing. " +
      "With a proof in the header `DPoP` the access token is bound to its key, and so is the refresh token of a public client.",
    security: [{}, ...security("client")],
    requestParams: proofHeader,
    requestBody: formBody(request),
    responses: {
      200: jsonAnswer("Tokens.", answer),
      ...refusals({
        400:
          "`invalid_request`, `invalid_grant` (with a `reason` for a refresh token), `invalid_scope`, `invalid_target`, " +
          "`unsupported_grant_type`, `unauthorized_client`: not registered for this grant; `invalid_dpop_proof`, " +
          "`use_dpop_nonce`; of a device code `authorization_pending`, `slow_down`, `access_denied`, `expired_token`",
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
    return withGrantRefusals(c, async () => {
      const proof = readProof(c, deps);
      if (proof === null) requireBearer(client);
      const granted = await grants[grantType]({ c, deps, form, resources, proof }, client);
      await deps.selfRegistration.registrations.noteUsed(client);
      return respond(c, granted, proof !== null);
    });
  },
};

/** RFC 9449 §5.2. */
function requireBearer({ registration }: Client): void {
  if (registration?.dpopBoundAccessTokens !== true) return;
  throw new OstiaryError("invalid_request", "This client gets tokens with a proof in the header DPoP only.");
}

function grantTypeOf(form: Form, { oauth }: HttpDeps): GrantType {
  const given = requiredParameter(form, "grant_type");
  const grantType = GRANT_TYPES.find((one) => one === given);
  if (grantType === undefined) {
    throw new OstiaryError("unsupported_grant_type", `grant_type must be one of ${GRANT_TYPES.join(", ")}.`);
  }
  if (!oauth.idTokens.supported) {
    throw new OstiaryError(
      "unsupported_grant_type",
      "Tokens are signed with a secret here, which no client could verify: OAuth is off.",
    );
  }
  return grantType;
}

const grants: Record<GrantType, (exchange: Exchange, client: Client) => GrantedTokens | Promise<GrantedTokens>> = {
  authorization_code: ({ c, deps, form, resources, proof }, client) =>
    redeemCode(deps, requireGrantType(client, "authorization_code"), {
      code: requiredParameter(form, "code"),
      codeVerifier: requiredParameter(form, "code_verifier"),
      redirectUri: form.get("redirect_uri"),
      resources,
      proof,
      device: deviceOf(c),
    }),

  async refresh_token({ c, deps, form, resources, proof }, client) {
    const registered = requireGrantType(client, "refresh_token");
    const refreshToken = requiredParameter(form, "refresh_token");
    const idempotencyKey = idempotencyKeyOf(c);
    const refresh = { refreshToken, scope: form.get("scope"), resources, idempotencyKey, device: deviceOf(c), proof };
    try {
      return await refreshGrant(deps, registered, refresh);
    } catch (error) {
      await noteRefusedRefresh(c, deps, error, { presented: refreshToken, delivery: "body" });
      throw error;
    }
  },

  async client_credentials({ deps, form, resources, proof }, client) {
    const registered = requireGrantType(client, "client_credentials");
    const proofKey = (await proof?.spend()) ?? null;
    return issueClientToken(deps, registered, { scope: form.get("scope"), resources, proofKey });
  },

  [DEVICE_GRANT]: ({ c, deps, form, resources, proof }, client) =>
    redeemDeviceCode(deps, requireGrantType(client, DEVICE_GRANT), {
      deviceCode: requiredParameter(form, "device_code"),
      resources,
      proof,
      device: deviceOf(c),
    }),
};

/** Whoever proves to have a key gets a token that is bound to it; of one that is bound, no other is made. */
function respond(c: HttpContext, { accessToken, expiresIn, refreshToken, idToken }: GrantedTokens, isBound: boolean): Response {
  const scope = scopesIn(accessToken).join(" ");
  const body: z.output<typeof answer> = {
    access_token: accessToken,
    token_type: isBound ? "DPoP" : "Bearer",
    expires_in: expiresIn,
    ...(scope === "" ? {} : { scope }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
  return c.json(body);
}
