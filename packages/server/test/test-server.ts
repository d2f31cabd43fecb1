/** An auth server of its own for a test: on a database in memory, with a clock that is set by hand. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Algorithm } from "@ostiary/jwt";
import type { ErrorBody, TokenResponse } from "@ostiary/protocol";
import { expect, onTestFinished } from "vitest";
import type { ClientCredentials } from "../src/clients/client.ts";
import { resolveSettings } from "../src/config.ts";
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import { openKeyring } from "../src/keys/keyring.ts";
import type { Keyring } from "../src/keys/keyring.ts";
import { keyPolicyOf } from "../src/keys/key-policy.ts";
import { createKeySafe } from "../src/keys/key-safe.ts";
import { systemRandom } from "../src/random.ts";
import { createOstiary } from "../src/server.ts";
import type { Ostiary } from "../src/ostiary.ts";
import { openSqlite } from "../src/stores/sqlite/open-sqlite.ts";

export const ISSUER = "http://localhost:4000/auth";
export const ORIGIN = "http://localhost:4000";
export const SECRET = "a secret of the tests, long enough: 0123456789";
export const PASSWORD = "correct horse battery staple";
/** Where the test server's clock stands at first. */
export const START = Date.parse("2026-01-01T00:00:00Z");

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

/** For comparing bodies that hold tokens and ids. */
export const ANY_TEXT: unknown = expect.any(String);

export interface TestServer extends Ostiary {
  /** Milliseconds since the epoch; move it at will. */
  time: { now: number };
  /** What the server reported to its operator. */
  reported: unknown[];
}

/** Closed when the test is over. */
export async function startTestServer(config: OstiaryConfig = {}): Promise<TestServer> {
  const time = { now: START };
  const reported: unknown[] = [];
  const ostiary = await createOstiary({
    databaseUrl: "sqlite::memory:",
    secret: SECRET,
    issuer: ISSUER,
    clock: () => time.now,
    onError: (error) => reported.push(error),
    ...config,
  });
  onTestFinished(() => ostiary.close());
  return { ...ostiary, time, reported };
}

/** A server on which Ada has signed up; `client` holds her cookies unless `more` asks for the refresh token in the body. */
export async function startSignedIn(config: OstiaryConfig = {}, more: Record<string, unknown> = {}) {
  const server = await startTestServer(config);
  const client = new TestClient(server);
  return { server, client, tokens: await client.signup("ada@example.com", more) };
}

/** A path for a database file, gone when the test is over. */
export function temporaryFile(name = "ostiary.db"): string {
  const folder = mkdtempSync(join(tmpdir(), "ostiary-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}

/** The keys of a server on that file: what an attacker with the database and the secret could sign with. */
export async function keysOf(path: string, algorithm: Algorithm = "ES256"): Promise<Keyring> {
  const store = await openSqlite(path);
  try {
    const settings = resolveSettings({ inCode: { signingAlgorithm: algorithm }, environment: {} });
    const safe = createKeySafe(() => ({ current: SECRET, previous: [] }), systemRandom);
    const policy = keyPolicyOf(settings);
    const keyring = await openKeyring({
      store: store.keys,
      safe,
      policy,
      clock: () => START,
      random: systemRandom,
      onError() {},
    });
    keyring.close();
    return keyring;
  } finally {
    await store.close();
  }
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  bearer?: string | undefined;
  /** The address it comes from. */
  from?: string | undefined;
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

  /** `path` below the issuer; `body` is sent as JSON, or as it is if it is text, bytes or a stream. */
  async call<Body = ErrorBody>(method: string, path: string, options: CallOptions = {}): Promise<Answer<Body>> {
    const headers = new Headers(options.headers);
    const { body } = options;
    if (body !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
    if (options.bearer !== undefined) headers.set("authorization", `Bearer ${options.bearer}`);
    if (this.jar.size > 0 && !headers.has("cookie")) headers.set("cookie", this.cookies());
    const isRaw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
    const init: RequestInit = { method, headers, duplex: "half" };
    if (body !== undefined) init.body = isRaw ? (body as string) : JSON.stringify(body);
    const response = await this.#server.fetch(new Request(new URL(this.#server.issuer + path), init), {
      remoteAddress: options.from ?? "203.0.113.7",
    });
    this.#keepCookies(response.headers);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === "" ? null : JSON.parse(text)) as Body };
  }

  /** The Cookie header it sends. */
  cookies(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Another browser tab, or a thief: the same cookies as of now. */
  copy(): TestClient {
    const client = new TestClient(this.#server);
    for (const [name, value] of this.jar) client.jar.set(name, value);
    return client;
  }

  /** Neither this nor `login` tells of the session it had before, which would end. */
  async signup(email = "ada@example.com", more: Record<string, unknown> = {}): Promise<TokenResponse> {
    this.jar.delete("ostiary_refresh");
    const { body } = await this.call<TokenResponse>("POST", "/signup", { body: { email, password: PASSWORD, ...more } });
    return body;
  }

  async login(email = "ada@example.com", more: Record<string, unknown> = {}): Promise<TokenResponse> {
    this.jar.delete("ostiary_refresh");
    const { body } = await this.call<TokenResponse>("POST", "/login", { body: { email, password: PASSWORD, ...more } });
    return body;
  }

  /** With the cookie and its CSRF token, or with the given token in the body. */
  refresh<Body = TokenResponse & ErrorBody>(refreshToken?: string, headers: Record<string, string> = {}) {
    if (refreshToken !== undefined) return this.call<Body>("POST", "/refresh", { body: { refreshToken }, headers });
    const csrf = this.jar.get("ostiary_csrf") ?? "";
    return this.call<Body>("POST", "/refresh", { headers: { "x-csrf-token": csrf, ...headers } });
  }

  me(bearer?: string) {
    return this.call<{ user: TokenResponse["user"] } & ErrorBody>("GET", "/me", { bearer });
  }

  #keepCookies(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/; *max-age=0(;|$)/i.test(cookie)) this.jar.delete(name);
      else this.jar.set(name, value);
    }
  }
}

/** The Authorization header of a client (RFC 6749 §2.3.1). */
export function basic({ clientId, clientSecret }: ClientCredentials): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString("base64")}`;
}

/** What a refusal says to programs: its status, and its body without the sentence for people. */
export function refusal(answer: Answer<unknown>): Record<string, unknown> {
  const { error_description: sentence, ...rest } = answer.body as Record<string, unknown>;
  if (typeof sentence !== "string" || !/^\S.*\.$/.test(sentence)) throw new Error(`No sentence: ${String(sentence)}`);
  return { status: answer.status, ...rest };
}

/** The types of the user's audit events, oldest first. */
export async function auditTypes(server: Pick<Ostiary, "audit">): Promise<string[]> {
  return (await server.audit.list({ limit: 1000 })).map((event) => event.type).toReversed();
}
