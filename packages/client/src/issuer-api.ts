/** Requests to the auth server. Turns every answer into what was asked for or an `AuthError`; decides nothing. */
import { AuthError, isErrorBody } from "./auth-error.ts";
import type { Environment } from "./environment.ts";

/** For sign-in, whose hash may have to queue. */
const PATIENCE_MS = 30_000;

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

/** Rejects with an `AuthError`. An answer without content is null. */
export type IssuerApi = <Body = null>(path: string, request?: ApiRequest) => Promise<Body>;

export function createIssuerApi(
  { fetch, after }: Environment,
  options: { readonly issuer: string; readonly credentials: RequestCredentials },
): IssuerApi {
  return async <Body>(path: string, request: ApiRequest = {}): Promise<Body> => {
    const { method = "POST", headers, body, timeoutMs = PATIENCE_MS } = request;
    const limit = new AbortController();
    const done = after(timeoutMs, () => limit.abort());
    let response: Response;
    let text: string;
    try {
      response = await fetch(options.issuer + path, {
        method,
        headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        credentials: options.credentials,
        cache: "no-store",
        // The server never redirects these; a network's sign-in page does.
        redirect: "error",
        signal: limit.signal,
      });
      text = await response.text();
    } catch (cause) {
      const message = "No answer from the auth server: it cannot be reached, or it does not allow this origin.";
      throw new AuthError("offline", message, { cause });
    } finally {
      done();
    }
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer as Body;
    throw refusalOf(response, answer);
  };
}

function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusalOf({ status, headers }: Response, answer: unknown): AuthError {
  // Ostiary sends seconds. A date, as a proxy may send, is left to our own patience.
  const seconds = Number(headers.get("Retry-After"));
  const retryAfterSeconds = seconds > 0 ? seconds : undefined;
  if (!isErrorBody(answer)) {
    const message = `Something else than an Ostiary server answered, with status ${status}.`;
    return new AuthError("unexpected_answer", message, { status, retryAfterSeconds });
  }
  const { error, reason, field, error_description: description } = answer;
  return new AuthError(error, description, { status, reason, field, retryAfterSeconds });
}
