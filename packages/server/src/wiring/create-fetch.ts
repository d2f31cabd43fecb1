import { createClientInfo } from "../http/client-address.ts";
import type { HttpDeps } from "../http/http-deps.ts";
import type { FetchHandler } from "../http/node-handler.ts";
import { createRouter } from "../http/router.ts";

/** All routes, told where a request came from. */
export function createFetch(deps: HttpDeps): FetchHandler {
  const { production, trustProxy = 0 } = deps.settings;
  const router = createRouter(deps);
  const clientInfo = createClientInfo(trustProxy);
  return (request, given = {}) => {
    const info = clientInfo(request, given);
    if (production && info.remoteAddress === undefined) info.onUnknownAddress?.();
    return router.fetch(request, info);
  };
}
