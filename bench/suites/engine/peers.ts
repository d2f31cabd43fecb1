/** What the engine is compared with, set up the way each library's documentation does it for speed. */
import { createHmac, constants, sign as cryptoSign, timingSafeEqual, verify as cryptoVerify } from "node:crypto";

import { createSigner, createVerifier } from "@ostiary/jwt";
import * as nodeRs from "@node-rs/jsonwebtoken";
import fastJwt from "fast-jwt";
import * as jose from "jose";
import jsonwebtoken from "jsonwebtoken";

import { AUDIENCE, ISSUER, type Material } from "./material.ts";

export interface Peer {
  readonly name: string;
  readonly isAsync?: boolean;
  /** Undefined where the library cannot do it. */
  readonly verify: ((token: string) => unknown) | undefined;
  readonly sign: ((claims: Record<string, unknown>) => unknown) | undefined;
}

/** Ours first; `cache` is the number of tokens a cache may hold, or false. */
export function ours(material: Material, cache: { maxTokens: number } | false): Peer {
  return {
    name: cache ? "ostiary, cache on" : "ostiary",
    verify: createVerifier({
      keys: material.key, algorithms: [material.algorithm], issuer: ISSUER, audience: AUDIENCE, cache,
    }),
    sign: createSigner({ key: material.key, issuer: ISSUER, audience: AUDIENCE, expiresInSeconds: 86_400 }),
  };
}

export function fast(material: Material, cache: number | false): Peer {
  const algorithm = material.peerAlgorithm as "HS256";
  return {
    name: cache ? "fast-jwt, cache on" : "fast-jwt",
    verify: fastJwt.createVerifier({
      key: material.publicPem, algorithms: [algorithm], allowedIss: ISSUER, allowedAud: AUDIENCE, cache,
    }),
    sign: fastJwt.createSigner({
      key: material.privatePem, algorithm, iss: ISSUER, aud: AUDIENCE, expiresIn: 86_400_000, kid: material.key.keyId ?? "",
    }),
  };
}

export function classic(material: Material): Peer {
  const algorithm = material.peerAlgorithm as "HS256";
  const isKnown = material.algorithm !== "Ed25519";
  const verifyOptions = { algorithms: [algorithm], issuer: ISSUER, audience: AUDIENCE };
  const signOptions = { algorithm, issuer: ISSUER, audience: AUDIENCE, expiresIn: 86_400, keyid: material.key.keyId ?? "" };
  return {
    name: "jsonwebtoken",
    verify: isKnown ? (token) => jsonwebtoken.verify(token, material.publicObject, verifyOptions) : undefined,
    sign: isKnown ? (claims) => jsonwebtoken.sign(claims, material.privateObject, signOptions) : undefined,
  };
}

export function panva(material: Material): Peer {
  const alg = material.algorithm;
  const options = { algorithms: [alg], issuer: ISSUER, audience: AUDIENCE, typ: "JWT" };
  const header = { alg, typ: "JWT", kid: material.key.keyId ?? "" };
  return {
    name: "jose",
    isAsync: true,
    verify: (token) => jose.jwtVerify(token, material.publicObject, options),
    sign: (claims) =>
      new jose.SignJWT(claims).setProtectedHeader(header).setIssuer(ISSUER).setAudience(AUDIENCE).setIssuedAt()
        .setExpirationTime("1d").sign(material.privateObject),
  };
}

export function rust(material: Material): Peer {
  const algorithm = material.peerAlgorithm as nodeRs.Algorithm;
  // It names only algorithms it knows, and has no word for Ed25519 but EdDSA: it refuses our tokens of that algorithm.
  const isKnown = material.algorithm !== "Ed25519";
  const validation = { algorithms: [algorithm], iss: [ISSUER], aud: [AUDIENCE] };
  const header = { algorithm, keyId: material.key.keyId ?? "" };
  return {
    name: "@node-rs/jsonwebtoken",
    verify: isKnown ? (token) => nodeRs.verifySync(token, material.publicPem, validation) : undefined,
    sign: (claims) => {
      const iat = Math.floor(Date.now() / 1000);
      return nodeRs.signSync({ ...claims, iss: ISSUER, aud: AUDIENCE, iat, exp: iat + 86_400 }, material.privatePem, header);
    },
  };
}

/** The crypto call alone, as everybody writes it, on bytes that are there already. */
export function bareCrypto(material: Material): { verify: (input: Buffer, signature: Buffer) => boolean; sign: (input: string) => Buffer } {
  const { algorithm, privateObject, publicObject } = material;
  if (algorithm.startsWith("HS")) {
    const mac = (input: string | Buffer) => createHmac("sha256", publicObject).update(input).digest();
    return { verify: (input, signature) => timingSafeEqual(mac(input), signature), sign: mac };
  }
  const hash = algorithm === "Ed25519" ? null : "sha256";
  const encoding = algorithm.startsWith("ES")
    ? { dsaEncoding: "ieee-p1363" as const }
    : algorithm.startsWith("RS") ? { padding: constants.RSA_PKCS1_PADDING } : {};
  return {
    verify: (input, signature) => cryptoVerify(hash, input, { key: publicObject, ...encoding }, signature),
    sign: (input) => cryptoSign(hash, Buffer.from(input), { key: privateObject, ...encoding }),
  };
}

/** The crypto call, and the least that has to be parsed or written around it: no claim is looked at. */
export function cryptoAndParse(material: Material): Peer {
  const bare = bareCrypto(material);
  const header = { alg: material.algorithm, typ: "JWT", kid: material.key.keyId };
  return {
    name: "crypto + parse",
    verify: (token) => {
      const [head = "", body = "", signature = ""] = token.split(".");
      JSON.parse(Buffer.from(head, "base64url").toString());
      const input = Buffer.from(`${head}.${body}`);
      if (!bare.verify(input, Buffer.from(signature, "base64url"))) throw new Error("signature");
      return JSON.parse(Buffer.from(body, "base64url").toString());
    },
    sign: (claims) => {
      const iat = Math.floor(Date.now() / 1000);
      const body = { ...claims, iss: ISSUER, aud: AUDIENCE, iat, exp: iat + 86_400 };
      const input = `${encode(header)}.${encode(body)}`;
      return `${input}.${bare.sign(input).toString("base64url")}`;
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
