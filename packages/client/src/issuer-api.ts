/** Requests to the auth server. Turns every answer into what was asked for or an `AuthError`; decides nothing. */
import type { ErrorBody } from "@ostiary/protocol";
import { AuthError, isErrorBody } from "./auth-error.ts";
import type { Environment } from "./environment.ts";

/** For sign-in, whose hash may have to queue. */
const PATIENCE_MS = 30_000;

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly timeoutMs?: number;
}

/** Rejects with an `AuthError`. An answer without content is null. */
export type IssuerApi = <Body = null>(path: string, request?: ApiRequest) => Promise<Body>;

export interface IssuerApiOptions {
  readonly issuer: string;
  readonly credentials: RequestCredentials;
  /** Of bodies: JSON, unless it is said otherwise. */
  readonly type?: string;
  readonly encode?: (body: object | undefined) => string;
}

export function createIssuerApi(
  { fetch, after }: Environment,
  { issuer, credentials, type = "application/json", encode = JSON.stringify }: IssuerApiOptions,
): IssuerApi {
  return async <Body>(path: string, request: ApiRequest = {}): Promise<Body> => {
    const { method = "POST", headers, body, timeoutMs = PATIENCE_MS } = request;
    const limit = new AbortController();
    const done = after(timeoutMs, () => limit.abort());
    let response: Response;
    let text: string;
    try {
      response = await fetch(issuer + path, {
        method,
        headers: { ...(body === undefined ? {} : { "Content-Type": type }), ...headers },
        body: encode(body),
        credentials,
        cache: "no-store",
        // The server never redirects these; a network's sign-in page does.
        redirect: "error",
        signal: limit.signal,
      });
      text = await response.text();
    } catch (cause) {
      const message = "No answer: the server cannot be reached, or does not allow this origin.";
      throw new AuthError("offline", message, { cause });
    } finally {
      done();
    }
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer as Body;
    throw refusalOf(response, answer);
  };
}

type SecondStepWanted = Pick<AuthError, "mfaToken" | "methods">;

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
    const message = `No Ostiary server answered: ${status}.`;
    return new AuthError("unexpected_answer", message, { status, retryAfterSeconds });
  }
  const {
    error,
    reason,
    field,
    error_description: description,
    mfaToken,
    methods,
  } = answer as ErrorBody & Partial<SecondStepWanted>;
  return new AuthError(error, description, { status, reason, field, retryAfterSeconds, mfaToken, methods });
}
