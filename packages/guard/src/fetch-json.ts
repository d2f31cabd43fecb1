import { describeFailure } from "./describe-failure.ts";

/** The part of `fetch` that a guard needs; injectable, so that requests can go through your own agent or proxy. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface FetchJsonOptions {
  readonly fetch: Fetch;
  /** For the whole exchange, the last byte of the body included. */
  readonly timeoutSeconds: number;
  /** Aborts the exchange from outside. */
  readonly signal: AbortSignal;
  /** Posts this instead of getting. */
  readonly form?: { readonly body: URLSearchParams; readonly authorization: string };
}

export interface FetchedJson {
  readonly document: unknown;
  /** `max-age` of Cache-Control (RFC 9111 §5.2.2.1), if there is one. */
  readonly maxAgeSeconds: number | undefined;
}

const MAX_BYTES = 512 * 1024;

/**
 * Gets a JSON document (or posts a form for one) from a server that may be down, slow or hostile: no redirects, a time
 * limit, 512 KB at most, and nothing but 200 and JSON. Throws an Error with a sentence for the operator.
 */
export async function fetchJson(url: string, options: FetchJsonOptions): Promise<FetchedJson> {
  // Not `options.fetch(…)`: Workers' own refuses to be called as a method of something else.
  const { fetch } = options;
  const timeout = AbortSignal.timeout(options.timeoutSeconds * 1000);
  try {
    const response = await fetch(url, {
      ...(options.form === undefined ? { headers: { accept: "application/json" } } : postOf(options.form)),
      // A redirect could lead anywhere, plain http and internal hosts included.
      redirect: "manual",
      signal: AbortSignal.any([timeout, options.signal]),
    });
    const document = await readJson(response);
    return { document, maxAgeSeconds: maxAge(response) };
  } catch (error) {
    if (timeout.aborted) throw new Error(`${url} did not answer within ${options.timeoutSeconds} s`, { cause: error });
    throw new Error(`${url} ${error instanceof Refused ? error.message : describeFailure(error)}`, { cause: error });
  }
}

function postOf({ body, authorization }: NonNullable<FetchJsonOptions["form"]>): RequestInit {
  return { method: "POST", headers: { accept: "application/json", authorization }, body };
}

/** Why a document was refused; the address is put before it. */
class Refused extends Error {}

async function readJson(response: Response): Promise<unknown> {
  try {
    const { status } = response;
    if (status !== 200) {
      throw new Refused(`answered ${status}${status >= 300 && status < 400 ? " (redirects are not followed)" : ""}`);
    }
    const type = response.headers.get("content-type") ?? "";
    if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) throw new Refused("did not answer with JSON");
    return parse(await readBytes(response));
  } finally {
    // A body that is left unread would keep its connection.
    if (response.body !== null && !response.body.locked) await response.body.cancel().catch(() => {});
  }
}

async function readBytes(response: Response): Promise<Uint8Array> {
  const body: AsyncIterable<Uint8Array> | null = response.body;
  if (body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Bytes are counted as they come: a Content-Length may be missing, or untrue. Leaving the loop cancels the rest.
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > MAX_BYTES) throw new Refused(`answered with more than ${MAX_BYTES / 1024} KB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refused("answered with malformed JSON");
  }
}

function maxAge(response: Response): number | undefined {
  const match = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(response.headers.get("cache-control") ?? "");
  return match === null ? undefined : Number(match[1]);
}
