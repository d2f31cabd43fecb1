import type { ZodOpenApiPathItemObject, ZodOpenApiPathsObject } from "zod-openapi";
import { SECURITY_SCHEMES } from "./operation.ts";
import type { Route } from "./route.ts";

/** The OpenAPI 3.1 document of the routes. Its library is loaded when the document is first asked for. */
export async function openapiDocument(routes: readonly Route[], issuer: string): Promise<object> {
  const { createDocument } = await import("zod-openapi");
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const item: ZodOpenApiPathItemObject = (paths[route.path] ??= {});
    item[route.method] = route.operation;
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
