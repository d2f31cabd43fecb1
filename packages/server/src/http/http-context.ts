import type { HonoRequest } from "hono/request";
import type { OstiaryError } from "../errors.ts";
import type { Answer } from "./errors.ts";

/** What is known of a request besides the request itself. */
export interface RequestInfo {
  /** The client's IP address: the peer's, or what a trusted proxy tells (client-address.ts). */
  readonly remoteAddress?: string | undefined;
  /** Called in production if no address is known, neither the peer's nor what a trusted proxy tells. */
  readonly onUnknownAddress?: (() => void) | undefined;
  /** Closes the connection, answered or not; none where there is no connection of its own. */
  readonly disconnect?: (() => void) | undefined;
  /** Why the request is to be refused, if something in front of us could not read it. */
  readonly refusal?: OstiaryError | undefined;
}

/** Headers of an answer, by their names in lower case. */
export type AnswerHeaders = Record<string, string>;

type Content = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;

/**
 * A request that is being answered, and the headers of its answer, which are collected as text until there is a Response:
 * each `Headers` and each Response made anew of another costs as much as a whole route.
 */
export class HttpContext {
  readonly req: HonoRequest<string>;
  readonly env: RequestInfo;
  readonly #headers: AnswerHeaders;
  #cookies: string[] | null = null;

  /** `headers`: what stands on the answer whatever comes; the context's own from now on. */
  constructor(req: HonoRequest<string>, env: RequestInfo, headers: AnswerHeaders) {
    this.req = req;
    this.env = env;
    this.#headers = headers;
  }

  header(name: string, value: string): void {
    this.#headers[name.toLowerCase()] = value;
  }

  /** `cookie` as it stands in Set-Cookie, of which there may be several. */
  addCookie(cookie: string): void {
    (this.#cookies ??= []).push(cookie);
  }

  json(value: unknown, status = 200, headers?: Readonly<Record<string, string>>): Response {
    for (const name in headers) this.header(name, headers[name] ?? "");
    return this.#respond(JSON.stringify(value), status, { ...this.#headers, "content-type": "application/json" });
  }

  /** What `content` is, says a header. */
  body(content: Content, status = 200, headers?: Readonly<Record<string, string>>): Response {
    for (const name in headers) this.header(name, headers[name] ?? "");
    return this.#respond(content, status, this.#headers);
  }

  redirect(location: string, status: 303 | 307): Response {
    // What no header can hold is written as addresses write it.
    this.header("location", /[\u0100-\uffff]/.test(location) ? encodeURI(location) : location);
    return this.body(null, status);
  }

  /** Keeps what was set before the failure: CORS headers, so that browser apps can read the error; cleared cookies. */
  refuse({ status, headers, body }: Answer): Response {
    const { "content-type": _, "cache-control": __, ...kept } = this.#headers;
    const all: AnswerHeaders = { "content-type": "application/json", "cache-control": "no-store" };
    for (const name in headers) all[name.toLowerCase()] = headers[name] ?? "";
    return this.#respond(JSON.stringify(body), status, { ...all, ...kept });
  }

  #respond(content: Content, status: number, headers: AnswerHeaders): Response {
    if (this.#cookies === null) return new Response(content, { status, headers });
    const lines = new Headers(headers);
    for (const cookie of this.#cookies) lines.append("set-cookie", cookie);
    return new Response(content, { status, headers: lines });
  }
}
