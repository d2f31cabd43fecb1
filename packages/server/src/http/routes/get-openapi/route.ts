import { z } from "zod";
import { jsonAnswer } from "../../operation.ts";
import type { Route } from "../../route.ts";

/** `document` is made when it is first asked for. */
export function getOpenapiRoute(document: (issuer: string) => Promise<object>): Route {
  let made: Promise<object> | undefined;
  return {
    method: "get",
    path: "/openapi.json",
    operation: {
      summary: "This API, described in OpenAPI 3.1",
      responses: { 200: jsonAnswer("An OpenAPI document.", z.looseObject({ openapi: z.string() })) },
    },
    async handle(c, { settings }) {
      made ??= document(settings.issuer);
      return c.json(await made);
    },
  };
}
