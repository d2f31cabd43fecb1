import type { ServerResponse } from "node:http";
import { toNodeHandler } from "../http/node-handler.ts";
import type { FetchHandler, NodeRequest } from "../http/node-handler.ts";
import { reportError } from "../report-error.ts";

/** What the adapter needs of an Ostiary. */
interface Mountable {
  readonly issuer: string;
  readonly fetch: FetchHandler;
}

/**
 * Express middleware that answers everything below the issuer's path: `app.use("/auth", toExpress(ostiary))`.
 * Body parsers may stand before it. The path it is mounted at should be the issuer's; where a proxy has cut a prefix
 * off, what follows the mount path is taken as following the issuer.
 */
export function toExpress(ostiary: Mountable): (request: NodeRequest, response: ServerResponse) => Promise<void> {
  const issuerPath = new URL(ostiary.issuer).pathname.replace(/\/$/, "");
  const handle = toNodeHandler(ostiary.fetch, reportError);
  return async (request, response) => {
    const original = request.originalUrl ?? request.url ?? "/";
    // Express has taken the mount path off `url`.
    request.url = isBelow(original, issuerPath) ? original : issuerPath + (request.url ?? "/");
    await handle(request, response);
  };
}

function isBelow(url: string, path: string): boolean {
  return url.startsWith(path) && /^(?:[/?]|$)/.test(url.slice(path.length));
}
