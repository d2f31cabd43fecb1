/** `fetch` with the access token, for the app's own origins only; once more after a refresh where the token was refused. */

export interface AuthenticatedFetchDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly scheme: "Bearer" | "DPoP";
  /** What relative addresses are relative to, if anything. */
  readonly baseUrl: () => string | undefined;
  /** The only ones the token is sent to. */
  readonly origins: ReadonlySet<string>;
  /** Null if nobody is signed in. */
  readonly accessToken: () => Promise<string | null>;
  /** A better one than `refused`, or null. */
  readonly nextToken: (refused: string) => Promise<string | null>;
}

export function createAuthenticatedFetch(deps: AuthenticatedFetchDeps): typeof globalThis.fetch {
  return async (input, init) => {
    const address = input instanceof Request ? input.url : input;
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    const isOurs = deps.origins.has(new URL(address, deps.baseUrl()).origin) && !headers.has("Authorization");
    const token = isOurs ? await deps.accessToken() : null;
    if (token === null) return deps.fetch(input, init);

    // Browsers and Node drop this header where a redirect leads to another origin (Fetch §4.4).
    const send = (accessToken: string): Promise<Response> => {
      headers.set("Authorization", `${deps.scheme} ${accessToken}`);
      return deps.fetch(input, { ...init, headers });
    };
    const response = await send(token);
    if (!(await isAboutTheToken(response))) return response;
    const next = await deps.nextToken(token);
    if (next === null || !isRepeatable(input, init)) return response;
    void response.body?.cancel();
    return send(next);
  };
}

/** Other tokens would be refused for these as well. */
const HOPELESS: readonly unknown[] = ["token_malformed", "signature_invalid", "token_not_active", "claim_invalid"];

/** RFC 6750 §3.1; and a body as Ostiary's guards send it says more, where other origins do not show the challenge. */
async function isAboutTheToken(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const isJson = /\bjson\b/i.test(response.headers.get("Content-Type") ?? "");
  const body: unknown = isJson ? await response.clone().json().catch(() => null) : null;
  const { error, reason } = (body ?? {}) as { error?: unknown; reason?: unknown };
  if (error !== undefined) return error === "invalid_token" && !HOPELESS.includes(reason);
  return /\berror="?invalid_token\b/.test(response.headers.get("WWW-Authenticate") ?? "");
}

/** A stream is gone once it was sent, and a `Request` does not tell what its body was made of. */
export function isRepeatable(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  const body: unknown = init?.body ?? (input instanceof Request ? input.body : null);
  if (body === null || typeof body !== "object") return true;
  return !("getReader" in body || Symbol.asyncIterator in body);
}
