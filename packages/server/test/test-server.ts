/** An auth server of its own for a test: on a database in memory, with a clock that is set by hand. */
import type { ErrorBody, TokenResponse } from "@ostiary/protocol";
import { onTestFinished } from "vitest";
import type { OstiaryConfig } from "../src/config-schema.ts";
import { createOstiary } from "../src/server.ts";
import type { Ostiary } from "../src/server.ts";

export const ISSUER = "http://localhost:4000/auth";
export const PASSWORD = "correct horse battery staple";

export interface TestServer extends Ostiary {
  /** Milliseconds since the epoch; move it at will. */
  time: { now: number };
  /** What the server reported to its operator. */
  reported: unknown[];
}

/** Closed when the test is over. */
export async function startTestServer(config: OstiaryConfig = {}): Promise<TestServer> {
  const time = { now: Date.parse("2026-01-01T00:00:00Z") };
  const reported: unknown[] = [];
  const ostiary = await createOstiary({
    databaseUrl: "sqlite::memory:",
    secret: "a secret of the tests, long enough: 0123456789",
    issuer: ISSUER,
    clock: () => time.now,
    onError: (error) => reported.push(error),
    ...config,
  });
  onTestFinished(() => ostiary.close());
  return { ...ostiary, time, reported };
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  bearer?: string;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A client of the test server. It keeps cookies as a browser does, but sends no Origin unless it is told to. */
export class TestClient {
  readonly jar = new Map<string, string>();
  readonly #server: Pick<Ostiary, "fetch" | "issuer">;

  constructor(server: Pick<Ostiary, "fetch" | "issuer">) {
    this.#server = server;
  }

  /** `path` below the issuer; `body` is sent as JSON, or as it is if it is text or bytes. */
  async call<Body = ErrorBody>(method: string, path: string, options: CallOptions = {}): Promise<Answer<Body>> {
    const headers = new Headers(options.headers);
    const { body } = options;
    if (body !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
    if (options.bearer !== undefined) headers.set("authorization", `Bearer ${options.bearer}`);
    if (this.jar.size > 0) headers.set("cookie", [...this.jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    const response = await this.#server.fetch(
      new Request(new URL(this.#server.issuer + path), {
        method,
        headers,
        ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
      }),
      { remoteAddress: "203.0.113.7" },
    );
    this.#keepCookies(response.headers);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === "" ? null : JSON.parse(text)) as Body };
  }

  async signup(email = "ada@example.com", more: Record<string, unknown> = {}): Promise<TokenResponse> {
    const { body } = await this.call<TokenResponse>("POST", "/signup", { body: { email, password: PASSWORD, ...more } });
    return body;
  }

  async login(email = "ada@example.com", more: Record<string, unknown> = {}): Promise<TokenResponse> {
    const { body } = await this.call<TokenResponse>("POST", "/login", { body: { email, password: PASSWORD, ...more } });
    return body;
  }

  /** With the cookie and its CSRF token, or with the given token in the body. */
  refresh<Body = TokenResponse & ErrorBody>(refreshToken?: string, headers: Record<string, string> = {}) {
    if (refreshToken !== undefined) return this.call<Body>("POST", "/refresh", { body: { refreshToken }, headers });
    const csrf = this.jar.get("ostiary_csrf") ?? "";
    return this.call<Body>("POST", "/refresh", { headers: { "x-csrf-token": csrf, ...headers } });
  }

  #keepCookies(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/; *max-age=0(;|$)/i.test(cookie)) this.jar.delete(name);
      else this.jar.set(name, value);
    }
  }
}
