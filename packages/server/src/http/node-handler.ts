import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { RequestInfo } from "./http-context.ts";
import { errorResponse } from "./errors.ts";
import { OstiaryError } from "../errors.ts";

/** A web-standard handler, as the server has it. */
export type FetchHandler = (request: Request, info?: RequestInfo) => Response | Promise<Response>;

/** A Node request that may have gone through Express: mounted below a path, its body read by a parser. */
export interface NodeRequest extends IncomingMessage {
  originalUrl?: string;
  body?: unknown;
}

export type NodeHandler = (request: NodeRequest, response: ServerResponse) => Promise<void>;

/**
 * Serves web-standard handlers on Node's requests. `ownsProcess`: the process is for nothing else, so that the global Request
 * and Response may be the adaptor's own, which come and go without streams. Default false: in somebody's application they are
 * not ours to replace.
 */
export function toNodeHandler(fetch: FetchHandler, onError: (error: unknown) => void, { ownsProcess = false } = {}): NodeHandler {
  const listener = getRequestListener(
    (request, { incoming, outgoing }) =>
      fetch(request, { remoteAddress: incoming.socket.remoteAddress, disconnect: () => outgoing.destroy() }),
    {
      overrideGlobalObjects: ownsProcess,
      errorHandler: (error) => errorResponse(isRequestError(error) ? senseless() : error, onError),
    },
  );
  return async (request, response) => {
    restoreBody(request);
    await listener(request, response);
  };
}

/** Before there is a request to handle: a Host header that makes no URL, and the like. */
function isRequestError(error: unknown): boolean {
  return error instanceof RequestError;
}

function senseless(): OstiaryError {
  return new OstiaryError("invalid_request", "The request makes no sense.");
}

/** A body parser in front of us has read the stream: we are given what it made of it, in the form it had. */
function restoreBody(request: NodeRequest & { rawBody?: Buffer }): void {
  const { body } = request;
  if (body === undefined || body === null || request.rawBody instanceof Buffer || !request.readableEnded) return;
  const type = request.headers["content-type"] ?? "";
  if (body instanceof Uint8Array) request.rawBody = Buffer.from(body);
  else if (typeof body === "string") request.rawBody = Buffer.from(body);
  else if (/^application\/x-www-form-urlencoded/i.test(type)) {
    request.rawBody = Buffer.from(formOf(body as Record<string, unknown>));
  } else request.rawBody = Buffer.from(JSON.stringify(body));
}

/** What came more than once is a list: it is to be found so by whoever refuses it. */
function formOf(body: Record<string, unknown>): string {
  const pairs = Object.entries(body).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
  return new URLSearchParams(pairs).toString();
}
