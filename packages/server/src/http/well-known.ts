import type { ServerResponse } from "node:http";
import type { Settings } from "../config-schema.ts";
import { toNodeHandler } from "./node-handler.ts";
import type { FetchHandler, NodeRequest } from "./node-handler.ts";
import { resourceMetadataUrl } from "./routes/get-resource-metadata/route.ts";

export type ExpressMiddleware = (request: NodeRequest, response: ServerResponse, next: (error?: unknown) => void) => void;

/** What belongs to the root of the host: discovery (RFC 8414 §3.1, RFC 9728 §3.1), where to change a password. All else is let through. */
export function createWellKnown(fetch: FetchHandler, settings: Settings): ExpressMiddleware {
  const paths = [
    `/.well-known/oauth-authorization-server${settings.issuerPath}`,
    new URL(resourceMetadataUrl(settings)).pathname,
    "/.well-known/change-password",
  ];
  const handle = toNodeHandler(fetch, settings.onError);
  return (request, response, next) => {
    const url = request.originalUrl ?? request.url ?? "";
    if (!paths.includes(url.split("?", 1)[0] ?? "")) next();
    else handle(request, response).catch(next);
  };
}
