import { messageOf } from "../../errors.ts";

/** Asks a server that may be anything: within five seconds, no redirects, and no more of the answer than is looked at. */
export interface Answered {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** Null unless it is JSON. */
  readonly body: Readonly<Record<string, unknown>> | null;
  /** Half way between the question and the answer, by the clock that was given. */
  readonly askedAt: number;
}

/** Nobody answered; the message is what happened, in a few words. */
export class Unanswered extends Error {}

const PATIENCE_MS = 5000;
const MAX_BYTES = 512 * 1024;

export type Ask = (url: string, init?: { method?: string; headers?: Record<string, string> }) => Promise<Answered>;

export function createAsk(clock: () => number): Ask {
  return async (url, { method = "GET", headers = {} } = {}) => {
    const before = clock();
    try {
      const response = await fetch(url, {
        method,
        // A connection of its own each time: behind a balancer another server may answer.
        headers: { connection: "close", ...headers },
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const askedAt = (before + clock()) / 2;
      const body = toJson(await readText(response));
      return { url, status: response.status, headers: response.headers, body, askedAt };
    } catch (failure) {
      throw new Unanswered(describe(failure), { cause: failure });
    }
  };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BYTES) throw new Error(`more than ${MAX_BYTES / 1024} KB came`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function toJson(text: string): Answered["body"] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function describe(failure: unknown): string {
  if (failure instanceof Error && failure.name === "TimeoutError") return `nothing within ${PATIENCE_MS / 1000} s`;
  const cause: unknown = failure instanceof Error ? (failure.cause ?? failure) : failure;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return messageOf(cause);
}
