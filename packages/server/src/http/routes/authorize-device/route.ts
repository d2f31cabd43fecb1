import { z } from "zod";
import { DEVICE_GRANT } from "../../../clients/registration.ts";
import { OstiaryError } from "../../../errors.ts";
import { createDeviceRequest, DEVICE_SECONDS, POLL_SECONDS } from "../../../oauth/device-request.ts";
import { requireGrantType } from "../../../oauth/granted-tokens.ts";
import { checkedResources } from "../../../oauth/resources.ts";
import { checkedScopes } from "../../../oauth/scopes.ts";
import { shownUserCode } from "../../../oauth/user-code.ts";
import { requireClient } from "../../client-authentication.ts";
import { deviceOf } from "../../device.ts";
import { readFormWithResources } from "../../form.ts";
import { withGrantRefusals } from "../../grant-refusals.ts";
import { clientForm, formBody, jsonAnswer, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";

const request = clientForm.extend({
  scope: z.string().optional(),
  resource: z.string().meta({ description: "Who tokens are to be for (RFC 8707); may come several times." }).optional(),
});

const answer = z.object({
  device_code: z.string(),
  user_code: z.string().meta({ examples: ["WDJB-MJHT"] }),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  expires_in: z.int(),
  interval: z.int(),
});

export const authorizeDeviceRoute: Route = {
  method: "post",
  path: "/oauth/device",
  cors: "any",
  operation: {
    summary: "Begin the sign-in of a device that has no browser (RFC 8628)",
    description:
      "The device shows `user_code` and `verification_uri`; a person goes there with another device and decides. Meanwhile the " +
      "device asks for tokens at `/oauth/token` with `device_code`, every `interval` seconds.",
    security: [{}, ...security("client")],
    requestBody: formBody(request),
    responses: {
      200: jsonAnswer("What to show, and what to ask with.", answer),
      ...refusals({
        400: "`invalid_request`, `invalid_scope`, `invalid_target`, `unauthorized_client`: not registered for devices",
        401: "`invalid_client`",
        429:
          "`too_many_attempts`, for wrong credentials, and for very many requests of public and self-registered clients " +
          "from one address",
      }),
    },
  },
  async handle(c, deps) {
    c.header("Pragma", "no-cache"); // As at the token endpoint.
    const { settings, sessions, oauth } = deps;
    if (!oauth.idTokens.supported) {
      throw new OstiaryError("invalid_request", "Tokens are signed with a secret here: OAuth is off.");
    }
    const { form, resources } = await readFormWithResources(c);
    const client = await requireClient(c, deps, form);
    return withGrantRefusals(c, async () => {
      const { id: clientId, registration } = requireGrantType(client, DEVICE_GRANT);
      const { ip, userAgent } = deviceOf(c);
      const asked = {
        clientId,
        scopes: checkedScopes(form.get("scope"), registration),
        resources: checkedResources(resources, settings),
        ip,
        userAgent,
      };
      if (registration.tokenEndpointAuthMethod === "none" || client.selfRegistered !== undefined) {
        await deps.users.limits.request(ip);
      }
      const { clock, random } = sessions;
      const { deviceCode, userCode } = await createDeviceRequest({ store: oauth.store, clock, random }, asked);
      const [shown, page] = [shownUserCode(userCode), `${settings.issuer}/device`];
      const body: z.output<typeof answer> = {
        device_code: deviceCode,
        user_code: shown,
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${shown}`,
        expires_in: DEVICE_SECONDS,
        interval: POLL_SECONDS,
      };
      return c.json(body);
    });
  },
};
