/** Tokens go to and fro between us and jose and jsonwebtoken. */
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from "node:crypto";

import * as jose from "jose";
import jsonwebtoken from "jsonwebtoken";
import { describe, expect, it } from "vitest";

import { type Algorithm, createKeySet, createSigner, createVerifier, importKey, importPem } from "../../src/index.ts";
import { ALGORITHMS, AUDIENCE, encode, ISSUER, keyFor, NOW, refusal } from "../fixtures.ts";

const claims = { sub: "user-1", "é": ["日本", "\u{1f600}", 1.5, null, { a: [] }] };
const all = { ...claims, iss: ISSUER, aud: AUDIENCE, iat: NOW, exp: NOW + 60 };
const clock = () => NOW * 1000;

/** One key for both sides. */
function parties(algorithm: Algorithm) {
  const key = keyFor(algorithm);
  const jwk = key.privateJwk();
  const isSecret = key.type === "secret";
  const signing: KeyObject = isSecret
    ? createSecretKey(Buffer.from(jwk.k ?? "", "base64url"))
    : createPrivateKey({ key: jwk, format: "jwk" });
  return {
    key, signing, isSecret, verifying: isSecret ? signing : createPublicKey(signing), sharedJwk: isSecret ? jwk : key.publicJwk(),
    sign: createSigner({ key, issuer: ISSUER, audience: AUDIENCE, expiresInSeconds: 60, clock }),
    verify: createVerifier({
      keys: isSecret ? key : createKeySet({ keys: [key.publicJwk()] }), algorithms: [algorithm], issuer: ISSUER, audience: AUDIENCE, clock,
    }),
  };
}

describe.each(ALGORITHMS)("jose, %s", (algorithm) => {
  const { key, signing, verifying, isSecret, sharedJwk, sign, verify } = parties(algorithm);

  it("reads what we sign, with our JWK", async () => {
    const jwkKey = await jose.importJWK(sharedJwk, algorithm);
    const options = { issuer: ISSUER, audience: AUDIENCE, typ: "JWT", currentDate: new Date(NOW * 1000) };
    expect((await jose.jwtVerify(sign(claims), jwkKey, options)).payload).toEqual(all);
  });

  it("signs what we read", async () => {
    const header = { alg: algorithm, typ: "JWT", kid: key.keyId ?? "" };
    const token = await new jose.SignJWT(all).setProtectedHeader(header).sign(signing);
    expect(verify(token).claims).toEqual(all);
  });

  it("we take the JWKs and PEMs that jose exports, under the same thumbprint", async () => {
    const foreign = await jose.exportJWK(verifying);
    expect(importKey({ ...foreign, alg: algorithm }).keyId).toBe(isSecret ? undefined : await jose.calculateJwkThumbprint(foreign));
    if (isSecret) return;
    const pem = await jose.exportSPKI(verifying);
    expect(importPem(pem, { algorithm, keyId: key.keyId }).publicJwk()).toEqual(key.publicJwk());
  });

  it("refuses, as we do, what was changed", async () => {
    const [head, , signature] = sign(claims).split(".");
    const forged = `${head}.${encode({ ...all, sub: "admin" })}.${signature}`;
    await expect(jose.jwtVerify(forged, verifying)).rejects.toThrow("signature");
    expect(refusal(() => verify(forged))).toBe("signature_invalid");
  });
});

// It knows neither Ed25519 nor EdDSA.
describe.each(ALGORITHMS.filter((name) => name !== "Ed25519"))("jsonwebtoken, %s", (algorithm) => {
  const { key, signing, verifying, sign, verify } = parties(algorithm);

  it("reads what we sign, and signs what we read", () => {
    const options = { algorithms: [algorithm], issuer: ISSUER, audience: AUDIENCE, clockTimestamp: NOW };
    expect(jsonwebtoken.verify(sign(claims), verifying, options)).toEqual(all);
    const token = jsonwebtoken.sign(all, signing, { algorithm, keyid: key.keyId ?? "" });
    expect(verify(token).claims).toEqual(all);
  });
});
