import type { ServerResponse } from "node:http";
import type { Settings } from "../config-schema.ts";
import { toNodeHandler } from "./node-handler.ts";
import type { FetchHandler, NodeRequest } from "./node-handler.ts";

export type ExpressMiddleware = (request: NodeRequest, response: ServerResponse, next: (error?: unknown) => void) => void;

/** Answers the discovery path at the root of the host (RFC 8414 §3.1), and lets everything else through. */
export function createWellKnown(fetch: FetchHandler, settings: Settings): ExpressMiddleware {
  const path = `/.well-known/oauth-authorization-server${settings.issuerPath}`;
  const handle = toNodeHandler(fetch, settings.onError);
  return (request, response, next) => {
    const url = request.originalUrl ?? request.url ?? "";
    if (url.split("?", 1)[0] !== path) next();
    else handle(request, response).catch(next);
  };
}
