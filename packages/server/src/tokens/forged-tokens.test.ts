/** Access tokens that are not ours, or not any more: 401 with the right reason on GET /me, and never anything else. */
import { createHmac, createPublicKey } from "node:crypto";
import { generateKey, importSecret, signJws } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import { SignJWT, decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { ISSUER, MINUTE, START, TestClient, keysOf, refusal, startSignedIn, temporaryFile } from "../../test/test-server.ts";

const refusedFor = (reason: string) => ({ status: 401, error: "invalid_token", reason });
const encode = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** Ada's server on a file, so that its keys can be had; `sign` makes tokens with whatever is changed. */
async function onFile() {
  const path = temporaryFile();
  const { server, client, tokens } = await startSignedIn({ databaseUrl: `sqlite:${path}` });
  const keyring = await keysOf(path);
  const claims = decodeJwt(tokens.accessToken);
  const sign = (
    changed: Record<string, unknown>,
    { key = keyring.accessKey, type = "at+jwt" }: { key?: Key; type?: string } = {},
  ) => signJws(JSON.stringify({ ...claims, ...changed }), { key, header: { typ: type } });
  return { server, client, tokens, keyring, claims, sign, me: async (token: string) => refusal(await client.me(token)) };
}

describe("a token of which anything was changed", () => {
  it("every bit flipped: signature_invalid or token_malformed, never let in", async () => {
    const { server, client, tokens } = await startSignedIn();
    const bytes = Buffer.from(tokens.accessToken, "latin1");
    const reasons = new Map<string, number>();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const token = flipped.toString("latin1");
      // A header takes no control characters; those never reach a server.
      if (/[\p{Cc} ]/u.test(token)) continue;
      const answer = await client.me(token);
      const expected = /[^A-Za-z0-9_.-]/.test(token) ? ["token_malformed"] : ["token_malformed", "signature_invalid"];
      // A comma makes it two credentials (RFC 6750 §2).
      if (!token.includes(",")) {
        expect(answer.status).toBe(401);
        expect(expected).toContain(answer.body.reason);
      } else expect(answer.status).toBe(400);
      reasons.set(answer.body.reason ?? "", (reasons.get(answer.body.reason ?? "") ?? 0) + 1);
    }
    expect(reasons.get("signature_invalid")).toBeGreaterThan(100);
    expect(server.reported).toEqual([]);
    expect((await client.me(tokens.accessToken)).status).toBe(200);
  });

  it("parts missing, doubled, swapped, padded or empty: token_malformed or signature_invalid", async () => {
    const { client, tokens } = await startSignedIn();
    const token = tokens.accessToken;
    const [header = "", payload = "", signature = ""] = token.split(".");
    const forms = [
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
      `${token}.`,
      `${token}.${signature}`,
      `${payload}.${header}.${signature}`,
      `${token}=`,
      `${token}AA`,
      token.slice(1),
      token.slice(0, -1),
      encode({ ...decodeProtectedHeader(token), kid: undefined }) + `.${payload}.${signature}`,
      JSON.stringify({ payload, protected: header, signature }),
      "A".repeat(100_000),
    ];
    for (const form of forms) {
      const answer = await client.me(form);
      if (form.includes(",")) continue;
      expect(refusal(answer)).toMatchObject({ status: 401, error: "invalid_token" });
      expect(["token_malformed", "signature_invalid"]).toContain(answer.body.reason);
    }
  });
});

describe("a token with another algorithm or key", () => {
  it("alg none, in any spelling, with or without a signature", async () => {
    const { claims, tokens, me } = await onFile();
    const { kid } = decodeProtectedHeader(tokens.accessToken);
    for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
      for (const signature of ["", tokens.accessToken.split(".")[2]!]) {
        const { reason } = await me(`${encode({ alg, typ: "at+jwt", kid })}.${encode(claims)}.${signature}`);
        expect(["signature_invalid", "token_malformed"]).toContain(reason);
      }
    }
  });

  it("HS256 keyed with our public key, in every form an attacker may try", async () => {
    const { claims, keyring, me } = await onFile();
    const jwk = keyring.accessKey.publicJwk();
    const publicKey = createPublicKey({ key: jwk, format: "jwk" });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const secrets = [
      pem,
      pem.trim(),
      pem.replaceAll("\n", ""),
      publicKey.export({ type: "spki", format: "der" }),
      JSON.stringify(jwk),
      JSON.stringify({ ...jwk, use: "sig" }),
      String(jwk["x"]),
      Buffer.from(String(jwk["x"]), "base64url"),
    ];
    for (const secret of secrets) {
      for (const alg of ["HS256", "HS384", "HS512"]) {
        const input = `${encode({ alg, typ: "at+jwt", kid: jwk["kid"] })}.${encode(claims)}`;
        const mac = createHmac(alg.replace("HS", "sha"), secret).update(input).digest("base64url");
        expect(await me(`${input}.${mac}`)).toEqual(refusedFor("signature_invalid"));
      }
    }
  });

  it("a key of its own that claims our key's id, or brings itself along", async () => {
    const { claims, keyring, me, sign } = await onFile();
    const kid = keyring.accessKey.keyId!;
    const own = generateKey("ES256", { keyId: kid });
    expect(await me(sign({}, { key: own }))).toEqual(refusedFor("signature_invalid"));
    expect(await me(sign({}, { key: generateKey("ES256") }))).toEqual(refusedFor("signature_invalid"));
    expect(await me(sign({}, { key: generateKey("Ed25519", { keyId: kid }) }))).toEqual(refusedFor("signature_invalid"));
    const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const jwk = (await crypto.subtle.exportKey("jwk", publicKey)) as { kty: string; x: string; y: string; crv: string };
    for (const header of [{ jwk }, { jku: "https://evil.example/jwks.json" }, { x5u: "https://evil.example/x" }]) {
      const token = new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid, ...header });
      const { status, reason } = await me(await token.sign(privateKey));
      expect(status).toBe(401);
      expect(["token_malformed", "signature_invalid"]).toContain(reason);
    }
  });

  it("another server's token, even with the same issuer, user and session ids in it", async () => {
    const ours = await startSignedIn();
    const theirs = await onFile();
    expect(await theirs.me(ours.tokens.accessToken)).toEqual(refusedFor("signature_invalid"));
    expect(refusal(await ours.client.me(theirs.tokens.accessToken))).toEqual(refusedFor("signature_invalid"));
  });

  it("the refresh and the browser key sign no access tokens", async () => {
    const { keyring, me, sign } = await onFile();
    const browserKey = importSecret(keyring.browserSecret.export(), { algorithm: "HS256" });
    for (const key of [keyring.refreshKey, browserKey]) {
      expect(await me(sign({}, { key }))).toEqual(refusedFor("signature_invalid"));
    }
  });
});

describe("a token our key signed, with the wrong content", () => {
  const later = START / 1000 + 600;
  it.each<[string, Record<string, unknown>, string, type?: string]>([
    ["another issuer", { iss: "http://localhost:4000/other" }, "claim_invalid"],
    ["our issuer with a slash", { iss: `${ISSUER}/` }, "claim_invalid"],
    ["no issuer", { iss: undefined }, "claim_invalid"],
    ["another audience", { aud: "https://api.example" }, "claim_invalid"],
    ["no audience", { aud: undefined }, "claim_invalid"],
    ["an empty audience", { aud: [] }, "claim_invalid"],
    ["expired", { exp: START / 1000 }, "token_expired"],
    ["no expiry", { exp: undefined }, "claim_invalid"],
    ["an expiry in text", { exp: String(later) }, "claim_invalid"],
    ["an expiry without end", { exp: null }, "claim_invalid"],
    ["not active yet", { nbf: later }, "token_not_active"],
    ["no subject", { sub: undefined }, "claim_invalid"],
    ["no session", { sid: undefined }, "claim_invalid"],
    ["no version", { ver: undefined }, "claim_invalid"],
    ["version 0", { ver: 0 }, "claim_invalid"],
    ["a version in text", { ver: "1" }, "claim_invalid"],
    ["roles in a text", { roles: "admin" }, "claim_invalid"],
    ["scope in a list", { scope: ["x"] }, "claim_invalid"],
    ["no id", { jti: undefined }, "claim_invalid"],
    ["no client", { client_id: undefined }, "claim_invalid"],
    ["the type of a refresh token", {}, "claim_invalid", "rt+jwt"],
    ["the type of any JWT", {}, "claim_invalid", "JWT"],
  ])("%s", async (_, changed, reason, type) => {
    const { sign, me } = await onFile();
    expect(await me(sign(changed, type === undefined ? {} : { type }))).toEqual(refusedFor(reason));
  });

  it("a user who is not there", async () => {
    const { sign, me } = await onFile();
    expect(await me(sign({ sub: "nobody" }))).toEqual(refusedFor("token_revoked"));
  });

  it("a token of before the session's end, by any of its access tokens", async () => {
    const { client, sign, tokens, me } = await onFile();
    const sibling = sign({ jti: "another" });
    expect((await client.me(sibling)).status).toBe(200);
    await client.call("POST", "/logout", { bearer: tokens.accessToken });
    expect(await me(sibling)).toEqual(refusedFor("session_revoked"));
  });
});

describe("a refresh token is no access token, and an access token no refresh token", () => {
  it("on GET /me and POST /refresh", async () => {
    const { server } = await startSignedIn();
    const client = new TestClient(server);
    const { accessToken, refreshToken = "" } = await client.login("ada@example.com", { delivery: "body" });
    expect(refusal(await client.me(refreshToken))).toEqual(refusedFor("signature_invalid"));
    expect(refusal(await client.refresh(accessToken))).toEqual(refusedFor("signature_invalid"));
  });
});

it("an expired token is refused as expired, and only as that", async () => {
  const { server, client, tokens } = await startSignedIn();
  server.time.now += 15 * MINUTE;
  const answer = await client.me(tokens.accessToken);
  expect(refusal(answer)).toEqual(refusedFor("token_expired"));
  expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
});
