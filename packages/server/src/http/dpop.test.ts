/**
 * Proofs of possession at the server's own endpoints (RFC 9449 §4.3, §8, §11.1). What sessions are bound by them:
 * bound-sessions.test.ts.
 */
import { hash } from "node:crypto";
import type { ErrorBody, TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { claimsOf } from "../../test/code-client.ts";
import { createProver } from "../../test/prover.ts";
import { ISSUER, MINUTE, ORIGIN, PASSWORD, refusal, SECOND, startTestServer, TestClient } from "../../test/test-server.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";

const REFUSED = { status: 401, error: "invalid_dpop_proof" };
const WANTS_NONCE = { status: 401, error: "use_dpop_nonce" };
const NONCES: OstiaryConfig = { dpopNonces: "on" };

async function start(config: OstiaryConfig = {}) {
  const server = await startTestServer(config);
  const client = new TestClient(server);
  const { user } = await client.signup();
  client.jar.clear();
  const prover = createProver(server);
  const login = (headers: Record<string, string>, at = "/login") =>
    client.call<TokenResponse & ErrorBody>("POST", at, {
      body: { email: user.email, password: PASSWORD, delivery: "body" },
      headers,
    });
  /** With a proof that says something else, or that has another header. */
  const loginBy = (claims: object = {}, header: object = {}) => login(prover.proof("POST", "/login", claims, header));
  const sessions = async () => (await server.sessions.list(user.id)).length;
  return { server, client, user, prover, login, loginBy, sessions };
}

const rsa = { kty: "RSA", n: "AQAB", e: "AQAB" };

describe("a proof at sign-in", () => {
  it("binds the session and its tokens to the key", async () => {
    const { prover, loginBy } = await start();
    const { status, body } = await loginBy();
    expect([status, body.tokenType]).toEqual([200, "DPoP"]);
    expect(claimsOf(body.accessToken)["cnf"]).toEqual({ jkt: prover.thumbprint });
  });

  it("and at sign-up: 201; without one they are bearer tokens", async () => {
    const { client, prover } = await start();
    const body = { email: "grace@example.com", password: PASSWORD };
    const bound = await client.call<TokenResponse>("POST", "/signup", { body, headers: prover.proof("POST", "/signup") });
    expect([bound.status, bound.body.tokenType]).toEqual([201, "DPoP"]);
    const free = await client.signup("alan@example.com");
    expect(free.tokenType).toBe("Bearer");
    expect(claimsOf(free.accessToken)).not.toHaveProperty("cnf");
  });

  // Checklist 74: RFC 9449 §4.3, each check by itself.
  it.each<[why: string, claims: object, header?: object]>([
    ["typ", {}, { typ: "JWT" }],
    ["typ in other letters", {}, { typ: "application/dpop+jwt" }],
    ["no algorithm", {}, { alg: "none" }],
    ["a secret for a key", {}, { alg: "HS256" }],
    ["another algorithm than the key's", {}, { alg: "RS256", jwk: rsa }],
    ["no key", {}, { jwk: undefined }],
    ["a private key", {}, { jwk: { kty: "EC", crv: "P-256", x: "AA", y: "AA", d: "AA" } }],
    ["no jti", { jti: undefined }],
    ["an empty jti", { jti: "" }],
    ["a jti of which nobody wants to remember many", { jti: "j".repeat(257) }],
    ["another method", { htm: "GET" }],
    ["the method in other letters", { htm: "post" }],
    ["another path", { htu: `${ISSUER}/refresh` }],
    ["another host", { htu: "http://attacker.example/auth/login" }],
    ["another port", { htu: "http://localhost:4001/auth/login" }],
    ["no address", { htu: undefined }],
    ["a path that is not of this issuer", { htu: `${ORIGIN}/login` }],
    ["no time", { iat: undefined }],
    ["the time as text", { iat: "now" }],
    ["an access token where none is", { ath: hash("sha256", "token", "base64url") }],
  ])("401 invalid_dpop_proof for %s, and no session", async (_, claims, header = {}) => {
    const { loginBy, sessions } = await start();
    const answer = await loginBy(claims, header);
    expect(refusal(answer)).toEqual(REFUSED);
    expect(answer.headers.get("www-authenticate")).toMatch(/^DPoP error="invalid_dpop_proof", algs="ES256 [\w ]+"$/);
    expect(await sessions()).toBe(1);
  });

  it("401 for what is no JWT, for one that was changed, and for two headers", async () => {
    const { prover, login } = await start();
    const { dpop } = prover.proof("POST", "/login");
    const [head, body, signature] = dpop.split(".");
    const other = createProver({ issuer: ISSUER, time: { now: 0 } }).proof("POST", "/login").dpop.split(".")[2];
    const all = [
      "",
      "x",
      "a.b.c",
      `${head}.${body}.`,
      `${head}.${body}.${other}`,
      `${dpop}x`,
      `${dpop}, ${prover.proof("POST", "/login").dpop}`,
    ];
    for (const odd of all) expect({ odd, ...refusal(await login({ dpop: odd })) }).toEqual({ odd, ...REFUSED });
    expect((await login({ dpop: `${head}.${body}.${signature}` })).status).toBe(200);
  });

  it("the address is compared as addresses are: case of scheme and host, query, fragment; never the Host header's", async () => {
    const { server, prover, loginBy } = await start();
    for (const htu of ["HTTP://LOCALHOST:4000/auth/login", `${ISSUER}/login?a=b`, `${ISSUER}/login#top`, `${ISSUER}/%6cogin`]) {
      expect([htu, (await loginBy({ htu })).status]).toEqual([htu, 200]);
    }
    const elsewhere = (htu: string) => {
      const { dpop } = prover.proof("POST", "/login", { htu });
      const headers = { "content-type": "application/json", host: "attacker.example", dpop };
      const body = JSON.stringify({ email: "ada@example.com", password: PASSWORD });
      return server.fetch(new Request("http://attacker.example/auth/login", { method: "POST", headers, body }));
    };
    expect((await elsewhere("http://attacker.example/auth/login")).status).toBe(401);
    expect((await elsewhere(`${ISSUER}/login`)).status).toBe(200);
  });

  it("is good for a minute, and from a clock that is five seconds ahead", async () => {
    const { server, loginBy } = await start();
    const now = server.time.now / 1000;
    for (const [iat, status] of [[now - 60, 200], [now - 61, 401], [now + 5, 200], [now + 6, 401]] as const) {
      expect([iat - now, (await loginBy({ iat })).status]).toEqual([iat - now, status]);
    }
  });

  it("is good once, for the key that made it: of twenty at a time one (checklist 75)", async () => {
    const { server, prover, login, loginBy } = await start({ limits: "off" });
    const copied = prover.proof("POST", "/login");
    const answers = await Promise.all(Array.from({ length: 20 }, () => login(copied)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    server.time.now += MINUTE;
    expect(refusal(await login(copied))).toEqual(REFUSED);
    expect((await loginBy({ jti: "mine" })).status).toBe(200);
    expect((await login(createProver(server).proof("POST", "/login", { jti: "mine" }))).status).toBe(200);
  });

  it("with a wrong password it is not used up, and tells nobody that it was right", async () => {
    const { client, prover, login } = await start();
    const headers = prover.proof("POST", "/login");
    const wrong = await client.call("POST", "/login", {
      body: { email: "ada@example.com", password: "wrong password" },
      headers,
    });
    expect(refusal(wrong)).toEqual({ status: 401, error: "invalid_credentials" });
    expect((await login(headers)).status).toBe(200);
  });
});

describe("nonces (checklist 78)", () => {
  it("where they are on, a proof without one is told one, and with it is taken; every answer to a proof brings the next", async () => {
    const { loginBy } = await start(NONCES);
    const first = await loginBy();
    expect(refusal(first)).toEqual(WANTS_NONCE);
    expect(first.headers.get("www-authenticate")).toMatch(/^DPoP error="use_dpop_nonce", algs="/);
    const nonce = first.headers.get("dpop-nonce") ?? "";
    expect(nonce).toMatch(/^[\w-]{43}$/);
    const second = await loginBy({ nonce });
    expect([second.status, second.headers.get("dpop-nonce")]).toEqual([200, nonce]);
  });

  it("one of before is good for two more minutes; one that was made up, never", async () => {
    const { server, loginBy } = await start(NONCES);
    const nonce = (await loginBy()).headers.get("dpop-nonce") ?? "";
    server.time.now += 2 * MINUTE;
    const late = await loginBy({ nonce });
    expect(late.status).toBe(200);
    expect(late.headers.get("dpop-nonce")).not.toBe(nonce);
    server.time.now += MINUTE;
    expect(refusal(await loginBy({ nonce }))).toEqual(WANTS_NONCE);
    for (const odd of ["x", `${nonce}x`, nonce.toLowerCase()]) {
      expect(refusal(await loginBy({ nonce: odd }))).toEqual(WANTS_NONCE);
    }
    for (const odd of ["", 1, null]) expect((await loginBy({ nonce: odd })).status).toBe(401);
  });

  it("many at a time share one", async () => {
    const { loginBy } = await start({ ...NONCES, limits: "off" });
    const nonce = (await loginBy()).headers.get("dpop-nonce");
    const answers = await Promise.all(Array.from({ length: 10 }, () => loginBy({ nonce })));
    expect(new Set(answers.map(({ status, headers }) => `${status} ${headers.get("dpop-nonce")}`))).toEqual(
      new Set([`200 ${nonce}`]),
    );
  });

  it("no step of another server's: it is made of our secret", async () => {
    const [one, other] = [await start(NONCES), await start(NONCES)];
    const nonce = (await one.loginBy()).headers.get("dpop-nonce");
    expect(refusal(await other.loginBy({ nonce }))).toEqual(WANTS_NONCE);
  });

  it("where they are off, none is told; but one that is sent has to be good", async () => {
    const { loginBy } = await start();
    const plain = await loginBy();
    expect([plain.status, plain.headers.get("dpop-nonce")]).toEqual([200, null]);
    const odd = await loginBy({ nonce: "made up" });
    expect(refusal(odd)).toEqual(WANTS_NONCE);
    expect((await loginBy({ nonce: odd.headers.get("dpop-nonce") })).status).toBe(200);
  });

  it("pages of other origins can send proofs, and read nonces", async () => {
    const { client, prover, login } = await start({ ...NONCES, allowedOrigins: ["https://app.example"] });
    const origin = "https://app.example";
    const answer = await login({ origin, ...prover.proof("POST", "/login") });
    expect(answer.headers.get("access-control-expose-headers")).toContain("DPoP-Nonce");
    const preflight = { origin, "access-control-request-method": "POST", "access-control-request-headers": "dpop" };
    const { headers } = await client.call("OPTIONS", "/login", { headers: preflight });
    expect(headers.get("access-control-allow-headers")).toMatch(/\bDPoP\b/);
  });
});

it("what was used is forgotten when no proof of that time is good any more", async () => {
  const { server, prover, login } = await start();
  const copied = prover.proof("POST", "/login");
  await login(copied);
  server.time.now += 66 * SECOND;
  expect(refusal(await login(copied))).toEqual(REFUSED);
});
