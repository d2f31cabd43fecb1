/** Tokens that are bound to a client's key, at the token endpoint (RFC 9449 §5, §10), by grant and by status. */
import { describe, expect, it, vi } from "vitest";
import { claimsOf, startIntrospection, startOAuth, VERIFIER, REDIRECT } from "../../../../test/code-client.ts";
import type { TokenBody } from "../../../../test/code-client.ts";
import { createProver } from "../../../../test/prover.ts";
import type { Prover } from "../../../../test/prover.ts";
import { ISSUER, refusal, SECOND } from "../../../../test/test-server.ts";
import type { Answer } from "../../../../test/test-server.ts";
import { DEVICE_GRANT } from "../../../clients/registration.ts";
import type { NewRegistration } from "../../../clients/registration.ts";
import type { OstiaryConfig } from "../../../ostiary-config.ts";
import { hashOf } from "../../../sessions/hash-of.ts";

const PUBLIC: Partial<NewRegistration> = { tokenEndpointAuthMethod: "none" };
const CONFIDENTIAL: Partial<NewRegistration> = { tokenEndpointAuthMethod: "client_secret_post" };
const INVALID_GRANT = { status: 400, error: "invalid_grant" };
const INVALID_PROOF = { status: 400, error: "invalid_dpop_proof" };

async function start(registration = PUBLIC, config: OstiaryConfig = {}) {
  const started = await startOAuth(config, registration);
  const { server, redeem, refresh, newCode, exchange } = started;
  const prover = createProver(server);
  const by = (prove: Prover | null, claims: object = {}): Record<string, string> => ({
    ...prove?.proof("POST", "/oauth/token", claims),
  });
  const redeemBy = (code: string, prove: Prover | null = prover, more: Record<string, string> = {}) =>
    redeem(code, more, by(prove));
  const refreshBy = (token: string | undefined, prove: Prover | null = prover, more: Record<string, string> = {}) =>
    refresh(token, {}, { ...by(prove), ...more });
  const first = async () => (await redeemBy(await newCode())).body;
  return { ...started, prover, by, redeemBy, refreshBy, first, exchange };
}

function binding({ status, body }: Answer<TokenBody>): unknown[] {
  return [status, body.token_type, claimsOf(body.access_token)["cnf"]];
}

describe("POST /oauth/token with a proof: 200", () => {
  it.each([
    ["a public", PUBLIC],
    ["a confidential", CONFIDENTIAL],
  ])("the access token of %s client's code is bound to its key", async (_, registration) => {
    const { prover, redeemBy, newCode } = await start(registration);
    const bound = { jkt: prover.thumbprint };
    expect(binding(await redeemBy(await newCode()))).toEqual([200, "DPoP", bound]);
    expect(binding(await redeemBy(await newCode({ scopes: ["openid"] })))).toEqual([200, "DPoP", bound]);
  });

  it("a client's own token is bound, too", async () => {
    const { prover, by, exchange } = await start({ ...CONFIDENTIAL, grantTypes: ["authorization_code", "client_credentials"] });
    const own = (headers: Record<string, string>) =>
      exchange({ grant_type: "client_credentials", scope: "orders:read" }, headers);
    expect(binding(await own(by(prover)))).toEqual([200, "DPoP", { jkt: prover.thumbprint }]);
    expect(binding(await own({}))).toEqual([200, "Bearer", undefined]);
  });

  it("a confidential client proves itself otherwise: each access token is bound to the key it comes with, or to none", async () => {
    const { server, prover, refreshBy, first } = await start(CONFIDENTIAL);
    const other = createProver(server);
    let token = (await first()).refresh_token;
    for (const [prove, type] of [
      [other, "DPoP"],
      [null, "Bearer"],
      [prover, "DPoP"],
    ] as const) {
      const answer = await refreshBy(token, prove);
      expect(binding(answer)).toEqual([200, type, prove === null ? undefined : { jkt: prove.thumbprint }]);
      token = answer.body.refresh_token;
    }
  });

  it("the browser's own session may be bound to another key: that is none of the client's", async () => {
    const { server, store, userId, newCode, redeemBy, signOnId } = await start();
    const browsers = createProver(server);
    const before = await store.sessions.find(signOnId);
    const session = { ...before!, id: "a-bound-session", proofKey: browsers.thumbprint };
    const { passwordHash } = (await store.users.find(userId))!;
    const audit = { at: 0, type: "login", userId, sessionId: session.id, ip: null, userAgent: null, detail: {} } as const;
    await store.sessions.create(session, passwordHash, audit);
    const code = () => newCode({ signOnId: session.id, scopes: ["openid"] });
    expect(binding(await redeemBy(await code(), null))).toEqual([200, "Bearer", undefined]);
    const own = createProver(server);
    expect(binding(await redeemBy(await code(), own))).toEqual([200, "DPoP", { jkt: own.thumbprint }]);
  });

  it("introspection tells which key, of access tokens and of refresh tokens (RFC 9449 §6.2)", async () => {
    const { server, prover, first } = await start();
    const introspect = await startIntrospection(server);
    const { access_token: access, refresh_token: refresh = "" } = await first();
    const cnf = { jkt: prover.thumbprint };
    expect(await introspect(access)).toMatchObject({ active: true, token_type: "DPoP", cnf });
    expect(await introspect(refresh)).toMatchObject({ active: true, cnf });
  });

  it("the client revokes what is bound, without a proof (RFC 7009)", async () => {
    const { server, post, first, refreshBy } = await start();
    const introspect = await startIntrospection(server);
    const tokens = await first();
    expect((await post("/oauth/revoke", { token: tokens.access_token })).status).toBe(200);
    expect(await introspect(tokens.access_token)).toEqual({ active: false });
    expect((await post("/oauth/revoke", { token: tokens.refresh_token ?? "" })).status).toBe(200);
    expect(refusal(await refreshBy(tokens.refresh_token))).toMatchObject(INVALID_GRANT);
  });
});

describe("a public client's refresh token is bound to the proof key (checklist 77)", () => {
  it("200 with it, again and again, and the answer is bound to the same", async () => {
    const { prover, refreshBy, first } = await start();
    let token = (await first()).refresh_token;
    for (let i = 0; i < 2; i++) {
      const answer = await refreshBy(token);
      expect(binding(answer)).toEqual([200, "DPoP", { jkt: prover.thumbprint }]);
      token = answer.body.refresh_token;
    }
  });

  it("400 invalid_grant with another key, and without one: nothing rotates, and the client goes on", async () => {
    const { server, refreshBy, first } = await start();
    const { refresh_token: token } = await first();
    server.time.now += 11 * SECOND;
    for (const prove of [createProver(server), null]) expect(refusal(await refreshBy(token, prove))).toEqual(INVALID_GRANT);
    const next = await refreshBy(token);
    expect(next.status).toBe(200);
    server.time.now += 11 * SECOND;
    // A thief who has an old one ends nothing either.
    expect(refusal(await refreshBy(token, createProver(server)))).toEqual(INVALID_GRANT);
    expect((await refreshBy(next.body.refresh_token)).status).toBe(200);
    expect(refusal(await refreshBy(token))).toMatchObject({ ...INVALID_GRANT, reason: "refresh_token_reused" });
  });

  it("one that was given without a proof is refreshed with or without", async () => {
    const { prover, redeemBy, refreshBy, newCode } = await start();
    const { refresh_token: token } = (await redeemBy(await newCode(), null)).body;
    const bound = await refreshBy(token);
    expect(binding(bound)).toEqual([200, "DPoP", { jkt: prover.thumbprint }]);
    expect(binding(await refreshBy(bound.body.refresh_token, null))).toEqual([200, "Bearer", undefined]);
  });

  it("a race with one Idempotency-Key is answered with the same bytes", async () => {
    const { refreshBy, first } = await start();
    const { refresh_token: token } = await first();
    const key = { "idempotency-key": "an-idempotency-key-of-one-refresh" };
    const answers = await Promise.all(Array.from({ length: 6 }, () => refreshBy(token, undefined, key)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.refresh_token}`)).size).toBe(1);
  });
});

describe("what anybody can make up uses up no proof, and is written down nowhere", () => {
  it("400 for a code, a refresh token and a device code that nobody gave out, as often as they come", async () => {
    const { server, store, prover, by, exchange, redeemBy, newCode } = await start({
      ...PUBLIC,
      grantTypes: ["authorization_code", "refresh_token", DEVICE_GRANT],
    });
    const used = vi.spyOn(store.oauth.once, "use");
    const proof = by(prover);
    for (const form of [
      { grant_type: "authorization_code", code: "made-up", code_verifier: VERIFIER },
      { grant_type: "refresh_token", refresh_token: "made.up.token" },
      { grant_type: DEVICE_GRANT, device_code: "made-up" },
    ]) expect(refusal(await exchange(form, proof))).toMatchObject(INVALID_GRANT);
    const code = await newCode();
    expect(
      refusal(await exchange({ grant_type: "authorization_code", code, code_verifier: "x".repeat(43) }, proof)),
    ).toMatchObject(INVALID_GRANT);
    expect(used).not.toHaveBeenCalled();
    // The same one is still good, and then no more.
    expect(binding(await exchange({ grant_type: "authorization_code", code, code_verifier: VERIFIER }, proof))).toEqual([
      200,
      "DPoP",
      { jkt: prover.thumbprint },
    ]);
    const next = await newCode();
    expect(refusal(await exchange({ grant_type: "authorization_code", code: next, code_verifier: VERIFIER }, proof))).toEqual(
      INVALID_PROOF,
    );
    expect((await redeemBy(next, createProver(server))).status).toBe(200);
  });

  it("400 invalid_dpop_proof for a proof that comes a second time with a good refresh token, which stays good", async () => {
    const { prover, by, refresh, refreshBy, first } = await start();
    const { refresh_token: token } = await first();
    const proof = by(prover);
    const next = (await refresh(token, {}, proof)).body.refresh_token;
    expect(refusal(await refresh(next, {}, proof))).toEqual(INVALID_PROOF);
    expect((await refreshBy(next)).status).toBe(200);
  });
});

describe("dpop_jkt binds the code (checklist 79)", () => {
  it("200 with that key; 400 invalid_grant with another, or none: and the code is as good as before", async () => {
    const { server, prover, redeemBy, newCode } = await start();
    const code = await newCode({ proofKey: prover.thumbprint });
    for (const prove of [createProver(server), null]) expect(refusal(await redeemBy(code, prove))).toEqual(INVALID_GRANT);
    expect(binding(await redeemBy(code))).toEqual([200, "DPoP", { jkt: prover.thumbprint }]);
  });

  it("who redeems it a second time by another key has not found it in two hands: the first one's tokens stay", async () => {
    const { server, prover, redeemBy, refreshBy, newCode } = await start();
    const code = await newCode({ proofKey: prover.thumbprint });
    const { body } = await redeemBy(code);
    for (const prove of [createProver(server), null]) expect(refusal(await redeemBy(code, prove))).toEqual(INVALID_GRANT);
    const next = await refreshBy(body.refresh_token);
    expect(next.status).toBe(200);
    expect(refusal(await redeemBy(code))).toEqual(INVALID_GRANT);
    expect(refusal(await refreshBy(next.body.refresh_token))).toMatchObject(INVALID_GRANT);
  });
});

describe("POST /oauth/token: 400 for the proof", () => {
  it("invalid_dpop_proof, without a challenge: for another endpoint, method, issuer, for an access token, and for two", async () => {
    const { prover, redeem, newCode, by } = await start();
    const code = await newCode();
    const { dpop = "" } = by(prover);
    const wrong = [
      prover.proof("POST", "/login"),
      prover.proof("GET", "/oauth/token"),
      prover.proof("POST", "/oauth/token", { htu: "https://attacker.example/auth/oauth/token" }),
      prover.proof("POST", "/oauth/token", { ath: hashOf("token") }),
      { dpop: `${dpop}, ${by(prover)["dpop"]}` },
      { dpop: `${dpop}x` },
    ];
    for (const headers of wrong) {
      const answer = await redeem(code, {}, headers);
      expect(refusal(answer)).toEqual(INVALID_PROOF);
      expect([answer.headers.get("www-authenticate"), answer.headers.get("cache-control")]).toEqual([null, "no-store"]);
    }
    expect((await redeem(code, {}, { dpop })).status).toBe(200);
  });

  it("the same proof a second time (checklist 75), whatever for", async () => {
    const { prover, redeem, newCode, by } = await start();
    const headers = by(prover);
    expect((await redeem(await newCode(), {}, headers)).status).toBe(200);
    expect(refusal(await redeem(await newCode(), {}, headers))).toEqual(INVALID_PROOF);
  });

  it("use_dpop_nonce, with the nonce, and after that it goes (checklist 78)", async () => {
    const { prover, redeem, newCode, by } = await start(PUBLIC, { dpopNonces: "on" });
    const code = await newCode();
    const asked = await redeem(code, {}, by(prover));
    expect(refusal(asked)).toEqual({ status: 400, error: "use_dpop_nonce" });
    const nonce = asked.headers.get("dpop-nonce");
    const answer = await redeem(code, {}, by(prover, { nonce }));
    expect([answer.status, answer.headers.get("dpop-nonce")]).toEqual([200, nonce]);
  });

  it("a client that is registered for bound tokens gets no others: invalid_request (RFC 9449 §5.2)", async () => {
    const { redeemBy, refreshBy, newCode } = await start({ ...CONFIDENTIAL, dpopBoundAccessTokens: true });
    const code = await newCode();
    expect(refusal(await redeemBy(code, null))).toEqual({ status: 400, error: "invalid_request" });
    const { body } = await redeemBy(code);
    expect(refusal(await refreshBy(body.refresh_token, null))).toEqual({ status: 400, error: "invalid_request" });
    expect((await refreshBy(body.refresh_token)).status).toBe(200);
  });

  it("whoever is no client uses up nobody's proof", async () => {
    const { app, prover, exchange, newCode, by } = await start(CONFIDENTIAL);
    const form = { grant_type: "authorization_code", code: await newCode(), code_verifier: VERIFIER, redirect_uri: REDIRECT };
    const headers = by(prover);
    const wrong = await exchange({ ...form, client_id: app.clientId, client_secret: "wrong" }, headers);
    expect(refusal(wrong)).toEqual({ status: 401, error: "invalid_client" });
    expect((await exchange(form, headers)).status).toBe(200);
  });
});

it("metadata lists the algorithms of proofs (RFC 9449 §5.1)", async () => {
  const { client } = await start();
  const { body } = await client.call<Record<string, unknown>>("GET", "/.well-known/openid-configuration");
  expect(body).toMatchObject({
    issuer: ISSUER,
    dpop_signing_alg_values_supported: expect.arrayContaining(["ES256", "Ed25519", "RS256"]) as unknown,
  });
});
