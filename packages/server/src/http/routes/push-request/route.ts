import { z } from "zod";
import type { Client } from "../../../clients/client.ts";
import { OstiaryError } from "../../../errors.ts";
import { AuthorizationRefused, checkedRequest, readReplyTo, requestedProofKey } from "../../../oauth/authorization-request.ts";
import { requireGrantType } from "../../../oauth/granted-tokens.ts";
import { hintedUser } from "../../../oauth/hinted-user.ts";
import { PUSHED_SECONDS, pushRequest } from "../../../oauth/pushed-request.ts";
import { requireClient } from "../../client-authentication.ts";
import { deviceOf } from "../../device.ts";
import { readProof } from "../../dpop.ts";
import { readFormWithResources } from "../../form.ts";
import type { Form } from "../../form.ts";
import { withGrantRefusals } from "../../grant-refusals.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { clientForm, formBody, jsonAnswer, proofHeader, refusals, security } from "../../operation.ts";
import type { Parameters } from "../../parameters.ts";
import type { Route } from "../../route.ts";

const request = clientForm.extend({
  response_type: z.literal("code"),
  redirect_uri: z.string(),
  code_challenge: z.string().meta({ description: "RFC 7636 §4.3." }),
  code_challenge_method: z.literal("S256"),
  scope: z.string().optional(),
  state: z.string().optional(),
  nonce: z.string().optional(),
  resource: z.string().meta({ description: "Who tokens are to be for (RFC 8707); may come several times." }).optional(),
});

const answer = z.object({ request_uri: z.string(), expires_in: z.int() });

/** Nothing that a client means comes near; whoever proves nothing can have this kept as well. */
const MAX_LENGTH = 16_384;

/** What proves who the client is, and is no part of what it asks for. */
const PROOFS: readonly string[] = ["client_secret", "client_assertion", "client_assertion_type"];

export const pushRequestRoute: Route = {
  method: "post",
  path: "/oauth/par",
  cors: "any",
  operation: {
    summary: "Push an authorization request ahead of the user (RFC 9126)",
    description:
      "Takes what `/oauth/authorize` takes, and refuses what it would refuse, before anybody is sent anywhere. The user is " +
      "then sent there with `client_id` and the `request_uri` of the answer, and with nothing else that counts.",
    security: [{}, ...security("client")],
    requestParams: proofHeader,
    requestBody: formBody(request),
    responses: {
      201: jsonAnswer("What to send the user with, once.", answer),
      ...refusals({
        400:
          "`invalid_request`, `invalid_scope`, `invalid_target`, `unsupported_response_type`, `unauthorized_client`: not " +
          "registered to sign users in; `invalid_dpop_proof`, `use_dpop_nonce`",
        401: "`invalid_client`",
        429:
          "`too_many_attempts`, for wrong credentials, and for very many requests of public and self-registered clients " +
          "from one address",
      }),
    },
  },
  async handle(c, deps) {
    c.header("Pragma", "no-cache"); // As at the token endpoint.
    if (!deps.oauth.idTokens.supported) {
      throw new OstiaryError("invalid_request", "Tokens are signed with a secret here: OAuth is off.");
    }
    const { form, resources } = await readFormWithResources(c);
    const client = await requireClient(c, deps, form);
    return withGrantRefusals(c, async () => {
      const { registration } = requireGrantType(client, "authorization_code");
      const parameters = parametersOf(form, resources, client.id);
      const proof = readProof(c, deps);
      await requireInOrder(deps, parameters, client, proof?.thumbprint ?? null);
      // The code is bound to the key as if the parameter had named it (RFC 9449 §10.1).
      if (proof !== null) parameters.set("dpop_jkt", [proof.thumbprint]);
      const text = textOf(parameters);
      if (text.length > MAX_LENGTH) {
        throw new OstiaryError("invalid_request", `The request must have at most ${MAX_LENGTH} characters, percent-encoded.`);
      }
      if (registration.tokenEndpointAuthMethod === "none" || client.selfRegistered !== undefined) {
        await deps.users.limits.request(deviceOf(c).ip);
      }
      // Not before: a public client is anybody.
      await proof?.spend();
      const { clock, random } = deps.sessions;
      const requestUri = await pushRequest({ store: deps.oauth.store, clock, random }, client, text);
      return c.json({ request_uri: requestUri, expires_in: PUSHED_SECONDS } satisfies z.output<typeof answer>, 201);
    });
  },
};

function parametersOf(form: Form, resources: readonly string[], clientId: string): Map<string, readonly string[]> {
  const parameters = new Map<string, readonly string[]>([["client_id", [clientId]]]);
  for (const [name, value] of form) if (!PROOFS.includes(name)) parameters.set(name, [value]);
  return resources.length === 0 ? parameters : parameters.set("resource", resources);
}

function textOf(parameters: Parameters): string {
  return new URLSearchParams(
    [...parameters].flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
  ).toString();
}

/** Throws what the authorization endpoint would have to tell the client by way of its user (RFC 9126 §2.3). */
async function requireInOrder(
  { oauth, settings }: HttpDeps,
  parameters: Parameters,
  client: Client,
  proofKey: string | null,
): Promise<void> {
  try {
    const replyTo = await readReplyTo(parameters, async () => client);
    hintedUser(oauth.readIdTokenHint, checkedRequest(parameters, replyTo, settings));
    requestedProofKey(parameters.get("dpop_jkt")?.[0], proofKey);
  } catch (error) {
    if (!(error instanceof AuthorizationRefused)) throw error;
    // That is for the user's arrival to find out.
    if (error.code === "login_required") return;
    throw new OstiaryError(error.code === "unsupported_response_type" ? error.code : "invalid_request", error.message);
  }
}
