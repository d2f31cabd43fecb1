import type { ServerResponse } from "node:http";
import { OstiaryError } from "../errors.ts";
import { toNodeHandler } from "../http/node-handler.ts";
import type { FetchHandler, NodeHandler, NodeRequest } from "../http/node-handler.ts";
import { reportError } from "../report-error.ts";

/** What the adapter needs of an Ostiary. */
interface Mountable {
  readonly issuer: string;
  readonly fetch: FetchHandler;
}

type ErrorHandler = (
  error: unknown,
  request: NodeRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Express middleware that answers everything below the issuer's path: `app.use("/auth", toExpress(ostiary))`.
 * Body parsers may stand before it. The path it is mounted at should be the issuer's; where a proxy has cut a prefix
 * off, what follows the mount path is taken as following the issuer.
 */
export function toExpress(ostiary: Mountable): [NodeHandler, ErrorHandler] {
  const issuerPath = new URL(ostiary.issuer).pathname.replace(/\/$/, "");
  const handle = toNodeHandler(ostiary.fetch, reportError);
  return [
    async (request, response) => {
      const original = request.originalUrl ?? request.url ?? "/";
      // Express has taken the mount path off `url`.
      request.url = isBelow(original, issuerPath) ? original : issuerPath + (request.url ?? "/");
      await handle(request, response);
    },
    // A body parser in front of the mount refuses what it cannot read. Clients get the error table all the same, with
    // the headers that let an app on an allowed origin read it.
    async (error, { headers }, response, next) => {
      const refusal = fromParser(error);
      if (refusal === null || response.headersSent) return next(error);
      const origin = headers.origin === undefined ? {} : { origin: headers.origin };
      const answer = await ostiary.fetch(new Request(ostiary.issuer, { method: "POST", headers: origin }), { refusal });
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    },
  ];
}

function fromParser(error: unknown): OstiaryError | null {
  const { status } = Object(error) as { status?: unknown };
  if (status === 400) {
    return new OstiaryError("invalid_request", "The body is not valid JSON.", { reason: "malformed_json", cause: error });
  }
  if (status === 413) return new OstiaryError("body_too_large", "The body is too large.", { cause: error });
  if (status === 415) {
    return new OstiaryError("unsupported_media_type", "Send JSON in UTF-8, not compressed.", { cause: error });
  }
  return null;
}

function isBelow(url: string, path: string): boolean {
  return url.startsWith(path) && /^(?:[/?]|$)/.test(url.slice(path.length));
}
