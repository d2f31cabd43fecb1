/**
 * Our port of the modules that the OpenID Foundation's conformance suite has for the profile "Dynamic OP": clients register
 * themselves and prove who they are with their keys (`private_key_jwt`), as in the suite's plan.
 */
import { createServer } from "node:http";
import type { Server } from "node:http";
import { createSigner, generateKey } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { close, listen } from "../../client/front.ts";
import { fetchDiscovery } from "./relying-party.ts";
import type { Answer, RelyingParty, Tokens } from "./relying-party.ts";
import { REDIRECT_URI } from "./provider.ts";
import type { TestedClient } from "./provider.ts";
import { pass, PROVIDERS, tested } from "./tested.ts";

type Metadata = Readonly<Record<string, unknown>>;

describe.each(PROVIDERS)("Dynamic OP: $name", ({ start }) => {
  const { provider, relyingParty } = tested(start);
  /** Where relying parties have their keys; and how often they were asked for. */
  const published: { keys: Key[]; asked: number } = { keys: [], asked: 0 };
  let site: Server;
  let jwksUri: string;
  beforeAll(async () => {
    site = createServer((_, response) => {
      published.asked++;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(jwksOf(published.keys)));
    });
    jwksUri = `${await listen(site)}/jwks.json`;
  });
  afterAll(() => close(site));

  /** Asks to be registered with what is usual in the plan, and `more`. */
  async function ask(more: Metadata = {}): Promise<Answer & { key: Key }> {
    const rp = await relyingParty();
    const key = generateKey("RS256");
    const metadata: Metadata = {
      client_name: "A relying party",
      redirect_uris: [REDIRECT_URI],
      grant_types: ["authorization_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "private_key_jwt",
      ...("jwks_uri" in more ? {} : { jwks: jwksOf([key]) }),
      contacts: ["rp@example.com"],
      ...more,
    };
    const answer = await rp.ask(String(rp.metadata["registration_endpoint"]), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(metadata),
    });
    return { ...answer, key };
  }

  /** A client that has registered itself; the answer has been held against RFC 7591 §3.2.1. */
  async function register(more: Metadata = {}, signing?: { key: Key }): Promise<{ client: TestedClient; rp: RelyingParty }> {
    const { status, headers, body, key } = await ask(more);
    expect([status, body["error_description"]]).toEqual([201, undefined]);
    expect(headers.get("content-type")).toMatch(/^application\/json\b/);
    expect(headers.get("cache-control")).toContain("no-store");
    const { redirect_uris: redirectUris = [REDIRECT_URI] } = more as { redirect_uris?: string[] };
    expect(body).toMatchObject({
      client_name: "A relying party",
      redirect_uris: redirectUris,
      token_endpoint_auth_method: "private_key_jwt",
    });
    expect(body["client_id"]).toMatch(/^[\x20-\x7e]+$/);
    if (body["client_secret"] !== undefined) expect(body["client_secret_expires_at"]).toEqual(expect.any(Number));
    if (body["registration_client_uri"] !== undefined) expect(body["registration_access_token"]).toEqual(expect.any(String));
    const id = String(body["client_id"]);
    const client: TestedClient = {
      id,
      secret: "",
      method: "private_key_jwt",
      redirectUri: redirectUris[0] ?? REDIRECT_URI,
      assertion: (audience) => {
        const sign = createSigner({
          key: signing?.key ?? key,
          type: "JWT",
          issuer: id,
          audience,
          expiresInSeconds: 60,
          clock: () => Date.now(),
        });
        return sign({ sub: id, jti: randomUUID() });
      },
    };
    return { client, rp: await relyingParty(client) };
  }

  async function signedIn(more: Metadata = {}): Promise<{ rp: RelyingParty; tokens: Tokens }> {
    const { rp } = await register(more);
    const tokens = await rp.signIn(provider().newPerson());
    await rp.userinfo(tokens);
    return { rp, tokens };
  }

  /** Nobody is sent anywhere: they are told what is wrong. */
  async function expectErrorPage(rp: RelyingParty, redirectUri: string | undefined): Promise<void> {
    const { page, url } = await provider().newPerson().open(rp.request({ redirect_uri: redirectUri }).url);
    expect(url.origin).toBe(new URL(provider().issuer).origin);
    expect(page?.status).toBe(400);
  }

  async function isListed(name: string, value: string): Promise<boolean> {
    const { body } = await fetchDiscovery(provider());
    return ((body[name] ?? []) as string[]).includes(value);
  }

  it("oidcc-discovery-endpoint-verification: where clients register", async () => {
    const { body } = await fetchDiscovery(provider());
    expect(URL.parse(String(body["registration_endpoint"]))?.protocol).toBe("https:");
    expect(body["token_endpoint_auth_methods_supported"]).toContain("private_key_jwt");
    expect(body["token_endpoint_auth_signing_alg_values_supported"]).toContain("RS256");
  });

  it("oidcc-server", async () => {
    const { rp, tokens } = await signedIn();
    expect((await rp.verify(tokens.idToken)).payload.sub).toBe(tokens.claims.sub);
  });

  it("oidcc-ensure-client-assertion-with-iss-aud-succeeds", async () => {
    const { tokens } = await signedIn();
    expect(tokens.answer.status).toBe(200);
  });

  it("oidcc-ensure-redirect-uri-in-authorization-request", async () => {
    await expectErrorPage((await register()).rp, undefined);
  });

  it("oidcc-ensure-request-object-with-redirect-uri: refused as not supported", async () => {
    const { rp } = await register();
    const { url, state } = rp.request({ request: `${Buffer.from('{"alg":"none"}').toString("base64url")}.e30.` });
    expect(rp.checkError(await provider().newPerson().open(url), state)).toBe("request_not_supported");
  });

  it("oidcc-idtoken-rs256", async () => {
    const { rp, tokens } = await signedIn({ id_token_signed_response_alg: "RS256" });
    expect((await rp.verify(tokens.idToken)).protectedHeader.alg).toBe("RS256");
  });

  it("oidcc-idtoken-unsigned: not offered, and refused", async () => {
    expect(await isListed("id_token_signing_alg_values_supported", "none")).toBe(false);
    expect((await ask({ id_token_signed_response_alg: "none" })).status).toBe(400);
  });

  it("oidcc-redirect-uri-query-OK", async () => {
    const { rp } = await register({ redirect_uris: [`${REDIRECT_URI}?foo=bar`] });
    const { flow } = await rp.signIn(provider().newPerson());
    expect(flow.arrival.url.searchParams.get("foo")).toBe("bar");
  });

  it("oidcc-redirect-uri-query-added", async () => {
    await expectErrorPage((await register()).rp, `${REDIRECT_URI}?foo=bar`);
  });

  it("oidcc-redirect-uri-query-mismatch", async () => {
    await expectErrorPage((await register({ redirect_uris: [`${REDIRECT_URI}?foo=bar`] })).rp, `${REDIRECT_URI}?bar=foo`);
  });

  it("oidcc-redirect-uri-regfrag", async () => {
    const { status, headers, body } = await ask({ redirect_uris: [`${REDIRECT_URI}#foobar`] });
    expect(status).toBe(400);
    expect(headers.get("content-type")).toMatch(/^application\/json\b/);
    expect(["invalid_redirect_uri", "invalid_client_metadata"]).toContain(body["error"]);
  });

  /** Its users allow it to come back for them, and it does. */
  async function refreshing(more: Metadata = {}, signing?: { key: Key }) {
    const { rp } = await register({ grant_types: ["authorization_code", "refresh_token"], ...more }, signing);
    const tokens = await rp.signIn(provider().newPerson(), { scope: "openid offline_access", prompt: "consent" });
    expect(tokens.refreshToken).toEqual(expect.any(String));
    const refresh = async (): Promise<Tokens> => {
      const answer = await rp.askForTokens({ grant_type: "refresh_token", refresh_token: tokens.refreshToken ?? "" });
      const idToken = String(answer.body["id_token"]);
      // A refreshed ID token should have none, or else the one of before (OIDC Core §12.2).
      return rp.checkTokens(answer, decodeJwt(idToken)["nonce"] === undefined ? undefined : tokens.flow.nonce);
    };
    return { tokens, refresh };
  }

  it("oidcc-refresh-token", async () => {
    const { tokens, refresh } = await refreshing();
    pass(2);
    const answer = await refresh();
    expect(answer.claims).toMatchObject({ iss: tokens.claims.iss, sub: tokens.claims.sub, aud: tokens.claims.aud });
  });

  it("oidcc-refresh-token-rp-key-rotation", async () => {
    const signing = { key: generateKey("RS256") };
    published.keys = [signing.key];
    const { tokens, refresh } = await refreshing({ jwks_uri: jwksUri }, signing);
    signing.key = generateKey("RS256");
    published.keys = [signing.key];
    pass(61);
    expect((await refresh()).claims.sub).toBe(tokens.claims.sub);
  });

  it("oidcc-registration-jwks-uri", async () => {
    const signing = { key: generateKey("RS256") };
    published.keys = [signing.key];
    const before = published.asked;
    const { rp } = await register({ jwks_uri: jwksUri.replace("/jwks.json", "/other.json") }, signing);
    await rp.userinfo(await rp.signIn(provider().newPerson()));
    expect(published.asked).toBeGreaterThan(before);
  });

  // What people see of it, the suite has them look at; that ours has links and no picture, register-client/route.test.ts holds.
  it.each([
    ["oidcc-registration-logo-uri: taken, and not shown", { logo_uri: "https://rp.example/logo.png" }],
    ["oidcc-registration-policy-uri", { policy_uri: "https://rp.example/policy" }],
    ["oidcc-registration-tos-uri", { tos_uri: "https://rp.example/tos" }],
  ])("%s", async (_, more) => {
    expect((await ask(more)).body).toMatchObject(more);
    await signedIn(more);
  });

  it("oidcc-registration-sector-uri, oidcc-registration-sector-bad: pairwise subjects are not offered, and refused", async () => {
    expect(await isListed("subject_types_supported", "pairwise")).toBe(false);
    const { status, body } = await ask({ subject_type: "pairwise", sector_identifier_uri: "https://rp.example/sector.json" });
    expect([status, body["error"]]).toEqual([400, "invalid_client_metadata"]);
  });

  it("oidcc-request-uri-unsigned, oidcc-request-uri-signed-rs256: refused as not supported", async () => {
    const { rp } = await register();
    const { url, state } = rp.request({ request_uri: "https://rp.example/request" });
    expect(rp.checkError(await provider().newPerson().open(url), state)).toBe("request_uri_not_supported");
  });

  it("oidcc-userinfo-rs256: not offered, and refused", async () => {
    expect(await isListed("userinfo_signing_alg_values_supported", "RS256")).toBe(false);
  });

  it("oidcc-server-rotate-keys", async () => {
    const { rp } = await register();
    const before = await rp.signIn(provider().newPerson());
    const { protectedHeader: first } = await rp.verify(before.idToken);
    await provider().rotateKeys();
    const after = await rp.signIn(provider().newPerson());
    const { protectedHeader: second } = await rp.verify(after.idToken);
    expect(second.kid).not.toBe(first.kid);
    // What was signed before still verifies.
    await rp.verify(before.idToken);
  });
});

function jwksOf(keys: readonly Key[]) {
  return { keys: keys.map((key) => ({ ...key.publicJwk(), use: "sig" })) };
}
