/** Serves what an API says of itself (RFC 9728 §3) to whoever asks, from any origin: it is for clients that know nothing yet. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ResourceMetadata } from "../protected-resource.ts";

/** A guard with the option `resource`. */
export interface Describing {
  readonly resourceMetadata: ResourceMetadata | undefined;
}

export interface ResourceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for what has no body. */
  readonly body: string | null;
}

const METHODS = "GET, HEAD, OPTIONS";
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": METHODS,
  "Access-Control-Allow-Headers": "*",
  "Access-Control-Max-Age": "7200",
};

/**
 * Makes the answer to a request for the metadata; it is undefined for requests for anything else. Throws a TypeError for a
 * guard without `resource`.
 */
export function answerResource({ resourceMetadata }: Describing): (method: string, url: string) => ResourceAnswer | undefined {
  if (resourceMetadata === undefined) throw new TypeError("protectedResource needs a guard with the option resource");
  const { path, document } = resourceMetadata;
  const body = JSON.stringify(document);
  const headers = { ...CORS, "Content-Type": "application/json", "Cache-Control": "public, max-age=3600" };
  return (method, url) => {
    const [asked = ""] = url.split(/[?#]/, 1);
    if (asked !== path) return undefined;
    if (method === "GET") return { status: 200, headers, body };
    if (method === "HEAD") return { status: 200, headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)) }, body: null };
    if (method === "OPTIONS") return { status: 204, headers: { ...CORS, Allow: METHODS }, body: null };
    return { status: 405, headers: { Allow: METHODS, "Cache-Control": "no-store" }, body: null };
  };
}

/** The same for a web `Request`. */
export function respondWithResource(guard: Describing): (request: Request) => Response | undefined {
  const answer = answerResource(guard);
  return (request) => {
    const answered = answer(request.method, new URL(request.url).pathname);
    return answered && new Response(answered.body, { status: answered.status, headers: answered.headers });
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** For `createServer`: serves what the guard says of the API (RFC 9728), and hands all other requests to `handler`. */
export function serveResource(guard: Describing, handler: Handler): (request: IncomingMessage, response: ServerResponse) => void {
  const answer = answerResource(guard);
  return (request, response) => {
    const answered = answer(request.method ?? "GET", request.url ?? "/");
    if (answered === undefined) handler(request, response);
    else response.writeHead(answered.status, answered.headers).end(answered.body);
  };
}
