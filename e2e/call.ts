/** What tests ask of servers, as clients would: JSON over HTTP. */
import type { ErrorBody, TokenResponse } from "@ostiary/protocol";

export const PASSWORD = "correct horse battery staple";

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly bearer?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Rejects where there is no complete answer. */
export async function call<Body = ErrorBody>(
  method: string,
  url: string,
  { body, bearer, headers = {}, signal }: CallOptions = {},
): Promise<Answer<Body>> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
    redirect: "manual",
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === "" ? null : JSON.parse(text)) as Body };
}

/** What a client without cookies gets: the refresh token is in the body. */
export type Tokens = TokenResponse & { readonly refreshToken: string };

export async function signup(issuer: string, email: string): Promise<Tokens> {
  const body = { email, password: PASSWORD, delivery: "body" };
  return tokensOf(await call<Tokens>("POST", `${issuer}/signup`, { body }));
}

export async function login(issuer: string, email: string): Promise<Tokens> {
  const body = { email, password: PASSWORD, delivery: "body" };
  return tokensOf(await call<Tokens>("POST", `${issuer}/login`, { body }));
}

export function refresh(
  issuer: string,
  refreshToken: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Tokens & ErrorBody>> {
  return call("POST", `${issuer}/refresh`, { body: { refreshToken }, headers });
}

/** `GET` with an access token. */
export function get<Body = ErrorBody>(url: string, bearer?: string): Promise<Answer<Body>> {
  return call("GET", url, { bearer });
}

export async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    async (response) => {
      await response.text();
      return response.status === 200;
    },
    () => false,
  );
}

function tokensOf({ status, body }: Answer<Tokens>): Tokens {
  if (status !== 200 && status !== 201) throw new Error(`No tokens, but ${status}: ${JSON.stringify(body)}`);
  return body;
}
