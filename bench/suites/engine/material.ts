/** Keys and tokens that every contender gets the same. */
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject, randomUUID } from "node:crypto";

import { type Algorithm, generateKey, type Key } from "@ostiary/jwt";

import { type BareCrypto, bareCrypto } from "./bare-crypto.ts";

export const ISSUER = "https://auth.example.com";
export const AUDIENCE = "https://api.example.com";

export interface Material {
  readonly algorithm: Algorithm;
  /** The name other libraries know the algorithm by. */
  readonly peerAlgorithm: string;
  readonly key: Key;
  /** For a secret, both are the secret. */
  readonly privateObject: KeyObject;
  readonly publicObject: KeyObject;
  readonly privatePem: string | Buffer;
  readonly publicPem: string | Buffer;
  readonly bare: BareCrypto;
}

export function makeMaterial(algorithm: Algorithm): Material {
  const key = generateKey(algorithm);
  const jwk = key.privateJwk();
  const peerAlgorithm = algorithm === "Ed25519" ? "EdDSA" : algorithm;
  if (key.type === "secret") {
    const secret = Buffer.from(jwk.k ?? "", "base64url");
    const object = createSecretKey(secret);
    const bare = bareCrypto(algorithm, object, object);
    const both = { bare, privateObject: object, publicObject: object, privatePem: secret, publicPem: secret };
    return { algorithm, peerAlgorithm, key, ...both };
  }
  const privateObject = createPrivateKey({ key: jwk, format: "jwk" });
  const publicObject = createPublicKey(privateObject);
  const privatePem = privateObject.export({ type: "pkcs8", format: "pem" }) as string;
  const publicPem = publicObject.export({ type: "spki", format: "pem" }) as string;
  const bare = bareCrypto(algorithm, privateObject, publicObject);
  return { algorithm, peerAlgorithm, key, privateObject, publicObject, privatePem, publicPem, bare };
}

/** Claims as an access token of Ostiary has them. */
export function makeClaims(i: number): Record<string, unknown> {
  return {
    sub: `user_${String(i).padStart(8, "0")}`,
    jti: randomUUID(),
    client_id: "first-party",
    sid: randomUUID(),
    ver: 1,
    scope: "orders:read orders:write",
    roles: ["admin"],
  };
}

/** A token signed by the bare crypto call. Its `alg` is the name every library knows. */
export function compact({ peerAlgorithm, key, bare }: Material, claims: Record<string, unknown>): string {
  const iat = Math.floor(Date.now() / 1000);
  const header = { alg: peerAlgorithm, typ: "JWT", kid: key.keyId };
  const body = { ...claims, iss: ISSUER, aud: AUDIENCE, iat, exp: iat + 86_400 };
  const input = `${encode(header)}.${encode(body)}`;
  return `${input}.${bare.sign(input).toString("base64url")}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Distinct tokens, as bytes: a server makes a new string of what comes over the wire, whose hash is not known yet. */
export function makeTokens(material: Material, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => Buffer.from(compact(material, makeClaims(i)), "latin1"));
}
