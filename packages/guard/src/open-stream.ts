/** Opens the long answer of a feed; knows nothing of what is in it. */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Fetch } from "./fetch-json.ts";

export interface StreamRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the exchange, at any time. */
  readonly signal: AbortSignal;
}

export interface StreamResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Throws when the connection breaks. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

export type OpenStream = (url: string, request: StreamRequest) => Promise<StreamResponse>;

/**
 * Opens it on a connection of its own, which does not keep the process alive: `fetch` cannot do that, and a script that
 * has done its work should end although a guard still listens. Follows no redirects.
 */
export const openStream: OpenStream = (url, { headers, signal }) =>
  new Promise((resolve, reject) => {
    const start = url.startsWith("https:") ? requestHttps : requestHttp;
    const request = start(url, { headers: { ...headers }, signal, agent: false });
    request.on("socket", (socket) => {
      socket.unref();
      // Before it is connected there may be one handle after the other, one for each address that is tried.
      socket.once("connect", () => socket.unref());
    });
    request.on("error", reject);
    request.on("response", (response) => {
      resolve({
        status: response.statusCode ?? 0,
        headers: { get: (name) => response.headersDistinct[name]?.join(", ") ?? null },
        body: response,
      });
    });
    request.end();
  });

/** Opens it with a `fetch` of the caller's own; that decides what keeps the process alive. */
export function openWith(fetch: Fetch): OpenStream {
  return (url, { headers, signal }) => fetch(url, { headers: { ...headers }, signal, redirect: "manual" });
}
