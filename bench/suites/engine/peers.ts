/** What the engine is compared with, set up the way each library's documentation does it for speed. */
import { createSigner, createVerifier } from "@ostiary/jwt";
import * as nodeRs from "@node-rs/jsonwebtoken";
import fastJwt from "fast-jwt";
import * as jose from "jose";
import jsonwebtoken from "jsonwebtoken";

import { AUDIENCE, compact, ISSUER, type Material } from "./material.ts";

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
  const alg = material.peerAlgorithm;
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
  const validation = { algorithms: [algorithm], iss: [ISSUER], aud: [AUDIENCE] };
  const header = { algorithm, keyId: material.key.keyId ?? "" };
  return {
    name: "@node-rs/jsonwebtoken",
    verify: (token) => nodeRs.verifySync(token, material.publicPem, validation),
    sign: (claims) => {
      const iat = Math.floor(Date.now() / 1000);
      return nodeRs.signSync({ ...claims, iss: ISSUER, aud: AUDIENCE, iat, exp: iat + 86_400 }, material.privatePem, header);
    },
  };
}

/** The crypto call, and the least that has to be parsed or written around it: no claim is looked at. */
export function cryptoAndParse(material: Material): Peer {
  const { bare } = material;
  return {
    name: "crypto + parse",
    verify: (token) => {
      const [head = "", body = "", signature = ""] = token.split(".");
      JSON.parse(Buffer.from(head, "base64url").toString());
      const input = Buffer.from(`${head}.${body}`);
      if (!bare.verify(input, Buffer.from(signature, "base64url"))) throw new Error("signature");
      return JSON.parse(Buffer.from(body, "base64url").toString());
    },
    sign: (claims) => compact(material, claims),
  };
}
