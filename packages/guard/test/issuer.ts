import type { RequestListener } from "node:http";
import { generateKey, signJws, type Key } from "@ostiary/jwt";
import { serve } from "./http-server.ts";

export const AUDIENCE = "https://api.example";

/** Claims of a good access token of `issuer`, issued at `now` (ms) for 15 minutes; `changes` overrule them. */
export function accessClaims(issuer: string, now = Date.now(), changes: Record<string, unknown> = {}) {
  const iat = Math.floor(now / 1000);
  return {
    iss: issuer,
    sub: "user-1",
    aud: [AUDIENCE, issuer],
    exp: iat + 900,
    iat,
    jti: "token-1",
    client_id: "first-party",
    sid: "session-1",
    ver: 1,
    scope: "orders:read orders:write",
    roles: ["user", "editor"],
    ...changes,
  };
}

/** Signs anything at all as an access token; `header` overrules. */
export function signToken(key: Key, claims: object, header: Record<string, unknown> = {}): string {
  return signJws(Buffer.from(JSON.stringify(claims)), { key, header: { typ: "at+jwt", ...header } });
}

/** Joins a token without any rules: for what no signer of ours would make. */
export function joinToken(header: unknown, payload: unknown, sign: (input: string) => Buffer | string): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${Buffer.from(sign(input)).toString("base64url")}`;
}

export interface TestIssuer {
  readonly url: string;
  /** Published at its JWKS; the first one signs. */
  keys: Key[];
  cacheControl: string | undefined;
  /** Answers instead of the issuer while it is set. */
  answer: RequestListener | undefined;
  /** More paths that the issuer serves. */
  readonly routes: Map<string, RequestListener>;
  /** Paths of all requests so far. */
  readonly requests: string[];
  token(changes?: Record<string, unknown>, now?: number): string;
}

/** An issuer with discovery and JWKS on a real loopback server. */
export async function startIssuer({ port = 0, key = generateKey("ES256") } = {}): Promise<TestIssuer> {
  const origin = await serve((req, res) => {
    issuer.requests.push(req.url ?? "");
    if (issuer.answer !== undefined) return issuer.answer(req, res);
    const route = issuer.routes.get(req.url ?? "");
    if (route !== undefined) return route(req, res);
    const document = {
      "/auth/.well-known/openid-configuration": () => ({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }),
      "/auth/keys": () => ({ keys: issuer.keys.map((each) => each.publicJwk()) }),
    }[req.url ?? ""];
    if (document === undefined) return void res.writeHead(404).end();
    const cache = issuer.cacheControl === undefined ? {} : { "cache-control": issuer.cacheControl };
    res.writeHead(200, { "content-type": "application/json", ...cache }).end(JSON.stringify(document()));
  }, port);
  const issuer: TestIssuer = {
    url: `${origin}/auth`,
    keys: [key],
    cacheControl: undefined,
    answer: undefined,
    routes: new Map(),
    requests: [],
    token: (changes, now) => signToken(issuer.keys[0]!, accessClaims(issuer.url, now, changes)),
  };
  return issuer;
}

/** Runs what must be refused, and gives the refusal as plain data. */
export async function refusalOf(attempt: Promise<unknown>): Promise<{ status: unknown; error: unknown; reason: unknown }> {
  try {
    await attempt;
  } catch (error) {
    const { status, error: name, reason } = error as { status: unknown; error: unknown; reason: unknown };
    if (name === undefined) throw error;
    return { status, error: name, reason };
  }
  throw new Error("nothing was refused");
}
