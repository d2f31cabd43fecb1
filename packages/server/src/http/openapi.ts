import type { ZodOpenApiPathItemObject, ZodOpenApiPathsObject, ZodOpenApiResponsesObject } from "zod-openapi";
import { SECURITY_SCHEMES, refusals } from "./operation.ts";
import type { Route } from "./route.ts";

/** The OpenAPI 3.1 document of the routes. Its library is loaded when the document is first asked for. */
export async function openapiDocument(routes: readonly Route[], issuer: string): Promise<object> {
  const { createDocument } = await import("zod-openapi");
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const item: ZodOpenApiPathItemObject = (paths[route.path] ??= {});
    item[route.method] = { ...route.operation, responses: { ...commonRefusals(route), ...route.operation.responses } };
    if (route.at === "server") item.servers = [{ url: new URL(issuer).origin }];
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Ostiary",
      version: "1",
      description: "Sign-up, sign-in, refresh and sign-out. Errors: `{ error, reason?, error_description, field? }`.",
    },
    servers: [{ url: issuer }],
    components: { securitySchemes: SECURITY_SCHEMES },
    paths,
  });
}

/** What is refused in the same way wherever there is a body, or an access token. */
function commonRefusals({ operation }: Route): ZodOpenApiResponsesObject {
  const takesBody = operation.requestBody !== undefined;
  const takesToken = operation.security?.some((scheme) => "bearer" in scheme) === true;
  return {
    ...(takesToken ? refusals({ 400: "`invalid_request`: more than one access token" }) : {}),
    ...(takesBody ? refusals({ 413: "`body_too_large`", 415: "`unsupported_media_type`" }) : {}),
  };
}
