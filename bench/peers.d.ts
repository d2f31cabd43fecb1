/**
 * Of the libraries that only bench/node_modules has, what is used here: so that `npm run check` can look at the
 * benchmarks without installing them. These count before a library's own declarations.
 */
declare module "fast-jwt" {
  type Algorithm = "HS256" | "RS256" | "ES256" | "EdDSA";
  interface VerifierOptions {
    key: string | Buffer;
    algorithms: Algorithm[];
    allowedIss: string;
    allowedAud: string;
    cache: number | false;
  }
  interface SignerOptions {
    key: string | Buffer;
    algorithm: Algorithm;
    iss: string;
    aud: string;
    expiresIn: number;
    kid: string;
  }
  const fastJwt: {
    createVerifier(options: VerifierOptions): (token: string) => unknown;
    createSigner(options: SignerOptions): (claims: Record<string, unknown>) => string;
  };
  export default fastJwt;
}

declare module "@node-rs/jsonwebtoken" {
  export type Algorithm = "HS256" | "RS256" | "ES256" | "EdDSA";
  export function verifySync(
    token: string,
    key: string | Buffer,
    validation: { algorithms: Algorithm[]; iss: string[]; aud: string[] },
  ): unknown;
  export function signSync(
    claims: Record<string, unknown>,
    key: string | Buffer,
    header: { algorithm: Algorithm; keyId: string },
  ): string;
}

declare module "rolldown" {
  export function rolldown(options: { input: string; external: RegExp[]; platform: "node" }): Promise<{
    generate(options: { format: "esm"; minify: boolean }): Promise<{ output: [{ code: string }] }>;
  }>;
}

declare module "undici" {
  export class Pool {
    constructor(origin: string, options?: { connections: number; pipelining: number; headersTimeout?: number; bodyTimeout?: number });
    request(options: {
      path: string;
      method: "GET" | "POST";
      headers: Record<string, string>;
      body?: string;
    }): Promise<{ statusCode: number; headers: Record<string, string | string[] | undefined>; body: { json(): Promise<unknown>; text(): Promise<string>; dump(): Promise<void> } }>;
    close(): Promise<void>;
    destroy(): Promise<void>;
  }
}

declare module "express-session" {
  import type { RequestHandler } from "express";
  interface Options {
    store: object;
    secret: string;
    resave: boolean;
    saveUninitialized: boolean;
    cookie: { maxAge: number };
  }
  const session: ((options: Options) => RequestHandler) & { MemoryStore: new () => object };
  export default session;
}

declare module "connect-redis" {
  export class RedisStore {
    constructor(options: { client: object });
  }
}

declare module "express-jwt" {
  import type { RequestHandler } from "express";
  export function expressjwt(options: { secret: string; algorithms: string[] }): RequestHandler;
}

declare module "better-auth" {
  import type { DatabaseSync } from "node:sqlite";
  interface Options {
    baseURL: string;
    secret: string;
    database: DatabaseSync;
    emailAndPassword: { enabled: boolean };
    rateLimit: { enabled: boolean };
    logger: { disabled: boolean };
    session?: { cookieCache: { enabled: boolean; maxAge: number } };
  }
  export interface Auth {
    options: Options;
    api: { getSession(request: { headers: Headers }): Promise<{ user: { id: string } } | null> };
  }
  export function betterAuth(options: Options): Auth;
}

declare module "better-auth/db/migration" {
  export function getMigrations(options: object): Promise<{ runMigrations(): Promise<void> }>;
}

declare module "better-auth/node" {
  import type { IncomingHttpHeaders } from "node:http";
  import type { RequestHandler } from "express";
  import type { Auth } from "better-auth";
  export function fromNodeHeaders(headers: IncomingHttpHeaders): Headers;
  export function toNodeHandler(auth: Auth): RequestHandler;
}

declare module "cli-progress" {
  class SingleBar {
    constructor(options: object);
    start(total: number, value: number, payload: object): void;
    update(value: number, payload: object): void;
    stop(): void;
  }
  const cliProgress: { SingleBar: typeof SingleBar };
  export default cliProgress;
}

declare module "vega" {
  export function parse(spec: object): object;
  export const textMetrics: { width(item: { fontSize?: number; fontWeight?: number }, text: unknown): number };
  export class View {
    constructor(runtime: object, options: { renderer: "none" });
    toSVG(): Promise<string>;
    finalize(): void;
  }
}

declare module "vega-lite" {
  export function compile(chart: object): { spec: object };
}
