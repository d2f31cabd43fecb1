/** The recurring parts of the routes' descriptions in the OpenAPI document. */
import { z } from "zod";
import type { ZodOpenApiRequestBodyObject, ZodOpenApiResponseObject, ZodOpenApiSecuritySchemeObject } from "zod-openapi";
import { errorResponseBody } from "./fields.ts";

export const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "An access token. One that is bound to a key comes by the scheme `DPoP`, with a proof by that key (RFC 9449 §7.1).",
  },
  client: { type: "http", scheme: "basic", description: "Id and secret of a client (RFC 6749 §2.3.1)." },
  refreshCookie: { type: "apiKey", in: "cookie", name: "ostiary_refresh", description: "With X-CSRF-Token." },
  registration: {
    type: "http",
    scheme: "bearer",
    description: "An initial access token, or the token of a client's own registration.",
  },
  metrics: { type: "http", scheme: "bearer", description: "The token of the configuration." },
} satisfies Record<string, ZodOpenApiSecuritySchemeObject>;

/** The ways to prove who is asking; one of them is enough. An empty list is for everyone. */
export function security(...schemes: (keyof typeof SECURITY_SCHEMES)[]): Record<string, string[]>[] {
  return schemes.map((scheme) => ({ [scheme]: [] }));
}

export function jsonBody(schema: z.ZodType, { required = true } = {}): ZodOpenApiRequestBodyObject {
  return { required, content: { "application/json": { schema } } };
}

export function formBody(schema: z.ZodType): ZodOpenApiRequestBodyObject {
  return { required: true, content: { "application/x-www-form-urlencoded": { schema } } };
}

/** Who asks, in place of the Authorization header (RFC 6749 §2.3.1, RFC 7521 §4.2). */
export const clientForm = z.object({
  client_id: z.string().meta({ description: "With client_secret; alone from a public client." }).optional(),
  client_secret: z.string().optional(),
  client_assertion_type: z.string().meta({ description: "With client_assertion." }).optional(),
  client_assertion: z.string().meta({ description: "A JWT of the client's (RFC 7523 §2.2)." }).optional(),
});

/** A token and who asks about it (RFC 7009 §2.1, RFC 7662 §2.1). */
export const tokenForm = clientForm.extend({
  token: z.string().min(1),
  token_type_hint: z.string().meta({ examples: ["access_token", "refresh_token"] }).optional(),
});

export function jsonAnswer(description: string, schema: z.ZodType): ZodOpenApiResponseObject {
  return { description, content: { "application/json": { schema } } };
}

/** A proof of possession (RFC 9449). */
export const proofHeader = {
  header: z.object({
    DPoP: z
      .string()
      .meta({ description: "A proof by the key that tokens are, or are to be, bound to (RFC 9449 §4.2)." })
      .optional(),
  }),
};

export const BINDS =
  "With a proof in the header `DPoP` the session and its tokens are bound to the key of the proof, and nobody uses them " +
  "without it.";

/** The parameter of paths that end with an id. */
export const idInPath = { path: z.object({ id: z.string() }) };

export const noContent: ZodOpenApiResponseObject = { description: "Done." };

/** The error answers of a route: a description for each status. Every route may answer 503 as well. */
export function refusals(statuses: Record<number, string>): Record<`${number}`, ZodOpenApiResponseObject> {
  const all = { ...statuses, 503: "`unavailable`: the store does not answer. Try again after `Retry-After` seconds." };
  return Object.fromEntries(
    Object.entries(all).map(([status, description]) => [status, jsonAnswer(description, errorResponseBody)]),
  );
}
