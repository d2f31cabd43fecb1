/**
 * A relying party that checks whatever it gets, as the modules of the suite do in every flow: each answer of the provider is
 * held against the specifications before the test sees it. It is told nothing of the provider but its discovery document.
 */
import { createHash, randomBytes } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import type { JSONWebKeySet, JWTPayload } from "jose";
import { expect } from "vitest";
import type { Arrival, Person } from "../person.ts";
import { REDIRECT_URI } from "./provider.ts";
import type { TestedClient, TestedProvider } from "./provider.ts";

export type Metadata = Readonly<Record<string, unknown>> & {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly userinfo_endpoint: string;
  readonly end_session_endpoint: string;
  readonly jwks_uri: string;
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** What a request at the authorization endpoint is made of. `undefined` leaves a parameter out. */
export type Parameters = Readonly<Record<string, string | undefined>>;

export interface Flow {
  readonly arrival: Arrival;
  readonly code: string;
  readonly verifier: string;
  readonly nonce: string | undefined;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly idToken: string;
  readonly claims: JWTPayload;
  readonly answer: Answer;
}

/** Errors that say somebody would have to be asked (OIDC Core §3.1.2.6). */
export const NEEDS_PEOPLE = ["interaction_required", "login_required", "account_selection_required", "consent_required"];

const VISIBLE = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/; // RFC 6749 §4.1.2.1

/** What is known of it. Without `client`, it is the provider's first. */
export type RelyingParty = Awaited<ReturnType<typeof discover>>;

export async function discover(provider: TestedProvider, client: TestedClient = provider.clients.first) {
  const metadata = (await fetchDiscovery(provider)).body as Metadata;
  const { redirectUri = REDIRECT_URI } = client;

  async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
    return answerOf(await provider.send(new Request(url, init)));
  }

  /** The address of a request with all that is usual, and `more`. */
  function request(more: Parameters = {}): { url: URL; state: string | undefined; verifier: string; nonce: string | undefined } {
    const verifier = randomBytes(32).toString("base64url");
    const parameters: Parameters = {
      client_id: client.id,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: "openid",
      state: randomBytes(8).toString("hex"),
      nonce: randomBytes(8).toString("hex"),
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...more,
    };
    const url = new URL(metadata.authorization_endpoint);
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.append(name, value);
    return { url, state: parameters["state"], verifier, nonce: parameters["nonce"] };
  }

  /** Sends somebody there and back; they come with a code. */
  async function authorize(person: Person, more: Parameters = {}): Promise<Flow> {
    const { url, state, verifier, nonce } = request(more);
    const arrival = await person.open(url);
    return { arrival, code: checkCode(arrival, state), verifier, nonce };
  }

  function checkCode({ url, parameters, page, method }: Arrival, state: string | undefined): string {
    expect([url.origin + url.pathname, page?.text, method]).toEqual([redirectUri.split("?")[0], undefined, "GET"]);
    expect(url.hash).toBe("");
    // What the redirect URI had is there still, and no part of the answer.
    const answer = new URLSearchParams(parameters);
    for (const [name, value] of new URL(redirectUri).searchParams) {
      expect(answer.getAll(name)).toEqual([value]);
      answer.delete(name);
    }
    expect(parameters.get("error")).toBeNull();
    checkAnswered(answer, state, ["code"]);
    const code = parameters.get("code") ?? "";
    // RFC 6749 §10.10: not to be guessed.
    expect(code.length).toBeGreaterThanOrEqual(22);
    expect(new Set(code).size).toBeGreaterThanOrEqual(10);
    return code;
  }

  /** They come back without a code, and with the reason. */
  function checkError({ url, parameters, page }: Arrival, state: string | undefined): string {
    expect([url.origin + url.pathname, page?.text]).toEqual([redirectUri.split("?")[0], undefined]);
    checkAnswered(parameters, state, ["error", "error_description", "error_uri"]);
    expect(parameters.get("error_description") ?? "").toMatch(VISIBLE);
    expect(parameters.get("error") ?? "").toMatch(/^[a-z_]+$/);
    return parameters.get("error") ?? "";
  }

  function checkAnswered(parameters: URLSearchParams, state: string | undefined, names: readonly string[]): void {
    expect(parameters.get("state") ?? undefined).toBe(state);
    if (metadata["authorization_response_iss_parameter_supported"] === true) {
      expect(parameters.get("iss")).toBe(metadata.issuer);
    }
    const known = [...names, "state", "iss", "session_state"];
    expect([...parameters.keys()].filter((name) => !known.includes(name))).toEqual([]);
    expect(new Set(parameters.keys()).size).toBe(parameters.size);
  }

  /** To the token endpoint, with what proves who the client is. */
  async function askForTokens(fields: Record<string, string>): Promise<Answer> {
    const { id, secret, method, assertion } = client;
    const body = new URLSearchParams(fields);
    const headers: Record<string, string> = {};
    if (assertion !== undefined) {
      body.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
      body.set("client_assertion", assertion(metadata.issuer));
    } else if (method === "client_secret_post") {
      body.set("client_id", id);
      body.set("client_secret", secret);
    } else {
      const pair = [id, secret].map((part) => encodeURIComponent(part)).join(":");
      headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
    }
    const answer = await ask(metadata.token_endpoint, { method: "POST", headers, body });
    expect(answer.headers.get("content-type")).toMatch(/^application\/json\b/);
    return answer;
  }

  function exchange({ code, verifier }: Flow): Promise<Answer> {
    return askForTokens({ grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier });
  }

  /** The whole flow: authorization, tokens, and all that can be said against them. */
  async function signIn(person: Person, more: Parameters = {}): Promise<Tokens & { flow: Flow }> {
    const flow = await authorize(person, more);
    const tokens = await checkTokens(await exchange(flow), flow.nonce);
    return { ...tokens, flow };
  }

  async function checkTokens(answer: Answer, nonce: string | undefined): Promise<Tokens> {
    const { status, headers, body } = answer;
    expect([status, body["error_description"]]).toEqual([200, undefined]);
    expect(headers.get("cache-control")).toContain("no-store");
    expect(String(body["token_type"]).toLowerCase()).toBe("bearer");
    expect(body["expires_in"]).toSatisfy((seconds) => Number.isInteger(seconds) && Number(seconds) > 0);
    const {
      access_token: accessToken = "",
      refresh_token: refreshToken,
      id_token: idToken = "",
    } = body as Partial<Record<string, string>>;
    expect(accessToken).toMatch(/^[\w.~+/-]+=*$/);
    if (refreshToken !== undefined) expect(refreshToken).toMatch(/^[\x20-\x7e]+$/);
    return { accessToken, refreshToken, idToken, claims: await checkIdToken(idToken, nonce, accessToken), answer };
  }

  /** OIDC Core §2, §3.1.3.7. */
  async function checkIdToken(idToken: string, nonce: string | undefined, accessToken?: string): Promise<JWTPayload> {
    const { protectedHeader, payload } = await verify(idToken);
    expect(protectedHeader.kid).toEqual(expect.any(String));
    expect(metadata["id_token_signing_alg_values_supported"]).toContain(protectedHeader.alg);
    const now = Date.now() / 1000;
    expect(payload.sub).toMatch(/^[\x20-\x7e]{1,255}$/);
    expect([payload.aud].flat()).toEqual([client.id]);
    for (const time of [payload.exp, payload.iat]) expect(Number.isInteger(time)).toBe(true);
    expect(payload.exp).toBeGreaterThan(now);
    expect(Math.abs((payload.iat ?? 0) - now)).toBeLessThan(300);
    expect(payload["nonce"]).toBe(nonce);
    if (payload["azp"] !== undefined) expect(payload["azp"]).toBe(client.id);
    if (payload["auth_time"] !== undefined) {
      expect(payload["auth_time"]).toSatisfy((time) => Number.isInteger(time) && Number(time) <= now);
    }
    if (payload["acr"] !== undefined) expect(payload["acr"]).toEqual(expect.any(String));
    if (payload["amr"] !== undefined) {
      expect(payload["amr"]).toSatisfy((amr) => Array.isArray(amr) && amr.every((one) => typeof one === "string"));
    }
    if (payload["at_hash"] !== undefined && accessToken !== undefined) {
      const digest = createHash("sha256").update(accessToken).digest();
      expect(payload["at_hash"]).toBe(digest.subarray(0, 16).toString("base64url"));
    }
    return payload;
  }

  /** By the keys that are published, and for this client. */
  async function verify(token: string) {
    const { body } = await ask(metadata.jwks_uri);
    const keys = createLocalJWKSet(body as unknown as JSONWebKeySet);
    return jwtVerify(token, keys, { issuer: metadata.issuer, audience: client.id, currentDate: new Date() });
  }

  /** Checks what every answer of it must be, and that it is about the user of the ID token. */
  async function userinfo(
    { accessToken, claims }: Pick<Tokens, "accessToken" | "claims">,
    how: "GET" | "POST" = "GET",
  ): Promise<Record<string, unknown>> {
    const answer = await ask(metadata.userinfo_endpoint, { method: how, headers: { authorization: `Bearer ${accessToken}` } });
    return checkUserinfo(answer, claims);
  }

  function checkUserinfo({ status, headers, body }: Answer, { sub }: JWTPayload): Record<string, unknown> {
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/^application\/json\b/);
    expect(body["sub"]).toBe(sub);
    for (const name of ["name", "email", "preferred_username", "picture", "locale"]) {
      if (body[name] !== undefined) expect(body[name]).toEqual(expect.any(String));
    }
    if (body["email_verified"] !== undefined) expect(body["email_verified"]).toEqual(expect.any(Boolean));
    if (body["updated_at"] !== undefined) expect(body["updated_at"]).toEqual(expect.any(Number));
    return body;
  }

  return { metadata, ask, request, authorize, checkCode, checkError, askForTokens, exchange, signIn, checkTokens, checkIdToken, verify, userinfo, checkUserinfo };
}

export async function fetchDiscovery({ issuer, send }: TestedProvider): Promise<Answer> {
  return answerOf(await send(new Request(`${issuer}/.well-known/openid-configuration`)));
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}
