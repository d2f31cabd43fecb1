import { z } from "zod";
import { writeMetadata } from "../../../clients/self-registered/client-metadata.ts";
import type { Registered, Registrations } from "../../../clients/self-registered/registrations.ts";
import { toSeconds } from "../../../clock.ts";
import { OstiaryError } from "../../../errors.ts";
import { readBody } from "../../body.ts";
import { deviceOf } from "../../device.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { idOf } from "../../id-of.ts";
import { idInPath, jsonAnswer, jsonBody, noContent, refusals } from "../../operation.ts";
import type { Route } from "../../route.ts";

/** What names mean, and which are left alone, the domain knows. */
const request = z.record(z.string(), z.unknown()).meta({
  description: "Client metadata (RFC 7591 §2). Names that are not known are left alone.",
  examples: [
    {
      client_name: "Tide Tables",
      redirect_uris: ["https://app.example/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      scope: "openid offline_access",
    },
  ],
});

const answer = z.looseObject({
  client_id: z.string(),
  client_secret: z.string().meta({ description: "Told this once; none for a client that has none." }).optional(),
  client_secret_expires_at: z.literal(0).meta({ description: "Never." }).optional(),
  client_id_issued_at: z.int(),
  registration_access_token: z.string(),
  registration_client_uri: z.string(),
});

const WRONG =
  "`invalid_client_metadata`, `invalid_redirect_uri` (RFC 7591 §3.2.2), `invalid_software_statement`, `invalid_request`";
const TOKEN = "`missing_token`, `invalid_token`";
const OFF = "`not_found`: registration is off, `OSTIARY_DYNAMIC_REGISTRATION`";
const MANY = "`too_many_attempts`";

export const registerClientRoute: Route = {
  method: "post",
  path: "/oauth/register",
  cors: "any",
  operation: {
    summary: "Register a client (RFC 7591)",
    description:
      "Where `OSTIARY_DYNAMIC_REGISTRATION` is `token`, an initial access token is sent as a bearer token. What is asked " +
      "for is a " +
      "wish: the answer has what is registered.",
    security: [{}, { registration: [] }],
    requestBody: jsonBody(request),
    responses: { 201: jsonAnswer("The client.", answer), ...refusals({ 400: WRONG, 401: TOKEN, 404: OFF, 429: MANY }) },
  },
  async handle(c, deps) {
    const registrations = registrationsOf(deps);
    const given = await readBody(c, request);
    const registered = await registrations.register(given, bearerOf(c), deviceOf(c));
    c.header("Pragma", "no-cache");
    return c.json(bodyOf(registered, deps), 201);
  },
};

const ofOne = { path: "/oauth/register/{id}" } as const;
const operationOfOne = { security: [{ registration: [] }], requestParams: idInPath };

const read: Route = {
  ...ofOne,
  method: "get",
  operation: {
    ...operationOfOne,
    summary: "A client's own registration (RFC 7592)",
    responses: { 200: jsonAnswer("The client.", answer), ...refusals({ 401: TOKEN, 404: OFF, 429: MANY }) },
  },
  async handle(c, deps) {
    const registered = await registrationsOf(deps).read(idOf(c), requiredBearer(c), deviceOf(c));
    return c.json(bodyOf(registered, deps));
  },
};

const replace: Route = {
  ...ofOne,
  method: "put",
  operation: {
    ...operationOfOne,
    summary: "Replace a client's own registration (RFC 7592)",
    description: "The whole of it, with its `client_id`. The registration token is another from then on.",
    requestBody: jsonBody(request),
    responses: { 200: jsonAnswer("The client.", answer), ...refusals({ 400: WRONG, 401: TOKEN, 404: OFF, 429: MANY }) },
  },
  async handle(c, deps) {
    const registrations = registrationsOf(deps);
    const token = requiredBearer(c);
    const given = await readBody(c, request);
    const registered = await registrations.replace(idOf(c), given, token, deviceOf(c));
    return c.json(bodyOf(registered, deps));
  },
};

const remove: Route = {
  ...ofOne,
  method: "delete",
  operation: {
    ...operationOfOne,
    summary: "Delete a client by itself (RFC 7592)",
    description: "It is refused at once, and all that it was granted ends.",
    responses: { 204: noContent, ...refusals({ 401: TOKEN, 404: OFF, 429: MANY }) },
  },
  async handle(c, deps) {
    await registrationsOf(deps).remove(idOf(c), requiredBearer(c), deviceOf(c));
    return c.body(null, 204);
  },
};

/** What a client does with its own registration, by the token of it. */
export const registrationRoutes: readonly Route[] = [read, replace, remove];

function registrationsOf({ selfRegistration: { registrations }, oauth }: HttpDeps): Registrations {
  if (registrations.mode !== "off" && oauth.idTokens.supported) return registrations;
  throw new OstiaryError("not_found", "Clients cannot register themselves here.");
}

/** Null if there is none. A token of this kind is in no query and no body (RFC 7591 §3, RFC 7592 §2). */
function bearerOf(c: HttpContext): string | null {
  const header = c.req.header("authorization");
  if (header === undefined) return null;
  const [, token] = /^bearer ([\w.~+/-]{1,4096}=*)$/i.exec(header) ?? [];
  if (token === undefined) throw new OstiaryError("invalid_token", "The Authorization header has no bearer token.");
  return token;
}

function requiredBearer(c: HttpContext): string {
  const token = bearerOf(c);
  if (token === null) throw new OstiaryError("missing_token", "Send the registration access token, as a bearer token.");
  return token;
}

function bodyOf({ client, clientSecret, registrationToken }: Registered, { settings }: HttpDeps): z.output<typeof answer> {
  return {
    client_id: client.id,
    client_id_issued_at: toSeconds(client.createdAt),
    ...(clientSecret === "" ? {} : { client_secret: clientSecret }),
    ...(client.secretHash === null ? {} : { client_secret_expires_at: 0 }),
    ...writeMetadata(client, settings.signingAlgorithm),
    registration_access_token: registrationToken,
    registration_client_uri: `${settings.issuer}/oauth/register/${encodeURIComponent(client.id)}`,
  };
}
