/**
 * Requests to addresses that strangers name: a client's document, its keys, where it is told of sign-outs.
 * Owns where such a request may go, and that it goes nowhere else: to hosts of the public internet by https, to the very
 * address that was checked, along no redirect, for a short answer in a short time. What the answer means, others know.
 */
import type { LookupAddress } from "node:dns";
import { request as requestPlain } from "node:http";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import { request as requestSecure } from "node:https";
import { isIP } from "node:net";
import { NotFetched } from "./not-fetched.ts";
import { isLoopbackAddress, isPublicAddress } from "./public-address.ts";
import { createResolveName, NotResolved } from "./resolve-name.ts";
import type { ResolveName } from "./resolve-name.ts";

/** For the whole of it, the name's lookup included. */
const ANSWER_MS = 5000;
const MAX_HEADER_BYTES = 16 * 1024;

export interface Fetched {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface FetchOptions {
  /** What is longer is refused. */
  readonly maxBytes: number;
  /** Sent by POST; without it, it is a GET. */
  readonly form?: URLSearchParams;
  readonly signal?: AbortSignal;
}

/** Throws a NotFetched, whatever it was. */
export type FetchPublic = (url: string, options: FetchOptions) => Promise<Fetched>;

export interface FetchPublicOptions {
  /** Every address that a name has. Default: what the system's name servers say. */
  readonly resolve?: ResolveName | undefined;
  /** For tests: this machine too, and then by http as well. */
  readonly allowLoopback?: boolean;
}

export function createFetchPublic({
  allowLoopback = false,
  resolve = createResolveName({ allowLoopback }),
}: FetchPublicOptions = {}): FetchPublic {
  async function targetOf(url: URL, signal: AbortSignal): Promise<LookupAddress> {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const family = isIP(host);
    const addresses = family === 0 ? await resolve(host, signal) : [{ address: host, family }];
    const [target] = addresses;
    if (target === undefined) throw new NotFetched(`${host} has no address.`);
    const isAllowed = ({ address }: LookupAddress): boolean =>
      (url.protocol === "https:" && isPublicAddress(address)) || (allowLoopback && isLoopbackAddress(address));
    // All of them: a name that leads here and there is one that somebody has made for this.
    if (!addresses.every(isAllowed)) throw new NotFetched(`${host} is not on the public internet.`);
    return target;
  }

  return async (address, options) => {
    const url = URL.parse(address);
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
      throw new NotFetched("It is no https address.");
    }
    if (url.protocol === "http:" && !allowLoopback) throw new NotFetched("It is no https address.");
    const late = AbortSignal.timeout(ANSWER_MS);
    const signal = options.signal === undefined ? late : AbortSignal.any([options.signal, late]);
    try {
      return await send(url, await unlessAborted(targetOf(url, signal), signal), options, signal);
    } catch (error) {
      if (error instanceof NotFetched) throw error;
      if (error instanceof NotResolved) throw new NotFetched(error.message);
      throw new NotFetched(late.aborted ? "It did not answer in time." : "It could not be reached.", { cause: error });
    }
  };
}

/** On a connection of its own to `target`, whatever the name would be by now. */
function send(url: URL, target: LookupAddress, { form, maxBytes }: FetchOptions, signal: AbortSignal): Promise<Fetched> {
  const body = form?.toString();
  const options: RequestOptions = {
    method: body === undefined ? "GET" : "POST",
    agent: false,
    signal,
    maxHeaderSize: MAX_HEADER_BYTES,
    lookup(_host, { all }, callback) {
      if (all) callback(null, [target]);
      else callback(null, target.address, target.family);
    },
    headers: {
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "Ostiary",
      ...(body === undefined
        ? {}
        : { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }),
    },
  };
  return new Promise((resolve, reject) => {
    const request: ClientRequest = (url.protocol === "https:" ? requestSecure : requestPlain)(url, options, (answer) => {
      read(answer, maxBytes).then(resolve, reject).finally(() => request.destroy());
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function read(answer: IncomingMessage, maxBytes: number): Promise<Fetched> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new NotFetched(`It is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  if (!answer.complete) throw new NotFetched("It broke off.");
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}

function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("Aborted.")), { once: true });
  });
  return Promise.race([work, aborted]);
}
