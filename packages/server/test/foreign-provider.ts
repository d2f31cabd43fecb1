/**
 * An OpenID provider that does what a test tells it, the wrong thing as well. It asks nobody for a password: a test says who
 * has signed in. What a real one does is tested with a real one (e2e/oauth).
 */
import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKey, signJws } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import { onTestFinished } from "vitest";

export const CLIENT = { clientId: "ostiary-here", clientSecret: "a secret: with odd+characters/%" };

export interface Who {
  readonly sub: unknown;
  readonly [claim: string]: unknown;
}

interface Grant {
  readonly who: Who;
  readonly query: URLSearchParams;
}

export interface ForeignProvider {
  readonly issuer: string;
  readonly key: Key;
  /** What it is to do otherwise. */
  readonly wrong: {
    /** Of the ID token, in place of what is right. */
    claims?: (right: Record<string, unknown>) => Record<string, unknown>;
    idToken?: (claims: Record<string, unknown>) => string | undefined;
    metadata?: Record<string, unknown>;
    userinfo?: Record<string, unknown>;
    token?: { readonly status: number; readonly body: unknown };
    isDown?: boolean;
  };
  /** What was asked of it, by path. */
  readonly asked: string[];
  /** What somebody is sent back with who has signed in there, and come by this address. */
  signedIn(address: string, who: Who): string;
}

/** Closed when the test is over. */
export async function startForeignProvider(): Promise<ForeignProvider> {
  const key = generateKey("ES256");
  const grants = new Map<string, Grant>();
  const provider: { -readonly [Name in keyof ForeignProvider]: ForeignProvider[Name] } = {
    issuer: "",
    key,
    wrong: {},
    asked: [],
    signedIn(address, who) {
      const query = new URL(address).searchParams;
      const code = randomUUID();
      grants.set(code, { who, query });
      const back = new URL(query.get("redirect_uri") ?? "");
      back.search = new URLSearchParams({ code, state: query.get("state") ?? "", iss: provider.issuer }).toString();
      return back.href;
    },
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  provider.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return provider;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { wrong, issuer } = provider;
    const { pathname } = new URL(request.url ?? "/", issuer);
    provider.asked.push(pathname);
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    let text = "";
    for await (const chunk of request) text += String(chunk);
    if (wrong.isDown === true) return send(503, {});
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return send(200, { ...metadataOf(issuer), ...wrong.metadata });
      case "/jwks":
        return send(200, { keys: [key.publicJwk()] });
      case "/token":
        if (wrong.token !== undefined) return send(wrong.token.status, wrong.token.body);
        return exchange(request, new URLSearchParams(text), send);
      case "/userinfo":
        return send(200, wrong.userinfo ?? { sub: "nobody" });
      default:
        return send(404, {});
    }
  }

  function exchange(request: IncomingMessage, form: URLSearchParams, send: (status: number, body: unknown) => void): void {
    const grant = grants.get(form.get("code") ?? "");
    grants.delete(form.get("code") ?? "");
    if (!isClient(request.headers.authorization)) return send(401, { error: "invalid_client" });
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    const isRight =
      grant?.query.get("code_challenge") === challenge && grant.query.get("redirect_uri") === form.get("redirect_uri");
    if (grant === undefined || !isRight) return send(400, { error: "invalid_grant" });
    const now = Math.floor(Date.now() / 1000);
    const right = {
      iss: provider.issuer,
      aud: CLIENT.clientId,
      iat: now,
      exp: now + 300,
      nonce: grant.query.get("nonce"),
      ...grant.who,
    };
    const claims = provider.wrong.claims?.(right) ?? right;
    const idToken = provider.wrong.idToken === undefined ? sign(key, claims) : provider.wrong.idToken(claims);
    return send(200, { access_token: randomUUID(), token_type: "Bearer", expires_in: 300, id_token: idToken });
  }
}

export function sign(key: Key, claims: Record<string, unknown>): string {
  return signJws(new TextEncoder().encode(JSON.stringify(claims)), { key, header: { typ: "JWT" } });
}

function metadataOf(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256", "HS256", "none"],
    authorization_response_iss_parameter_supported: true,
  };
}

/** RFC 6749 §2.3.1: encoded as in a form before they go into Basic. */
function isClient(header: string | undefined): boolean {
  const basic = Buffer.from(header?.slice("Basic ".length) ?? "", "base64").toString();
  const [id, secret] = basic.split(":").map((part) => new URLSearchParams(`x=${part}`).get("x"));
  return id === CLIENT.clientId && secret === CLIENT.clientSecret;
}
