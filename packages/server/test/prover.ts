/** A client with a key of its own, which proves to have it (RFC 9449 §4.2). */
import { generateKeyPairSync, hash, sign } from "node:crypto";
import { hashOf } from "../src/sessions/hash-of.ts";

export interface Prover {
  /** Its key, by the name that tokens know it by. */
  readonly thumbprint: string;
  readonly jwk: object;
  /** The header of a request without access token; `claims` and `header` are laid over what the proof would say. */
  proof(method: string, path: string, claims?: object, header?: object): { readonly dpop: string };
  /** The headers of a request with one. */
  withToken(
    method: string,
    path: string,
    accessToken: string,
    claims?: object,
  ): { readonly dpop: string; readonly authorization: string };
}

let made = 0;

export function createProver(server: { readonly issuer: string; readonly time: { readonly now: number } }): Prover {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
  const jwk = { kty, crv, x, y };
  const proof: Prover["proof"] = (method, path, claims = {}, header = {}) => {
    const said = {
      jti: `proof ${++made}`,
      htm: method,
      htu: server.issuer + path,
      iat: Math.floor(server.time.now / 1000),
      ...claims,
    };
    const input = [{ typ: "dpop+jwt", alg: "ES256", jwk, ...header }, said]
      .map((part) => encoded(JSON.stringify(part)))
      .join(".");
    const signature = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
    return { dpop: `${input}.${signature.toString("base64url")}` };
  };
  return {
    thumbprint: hash("sha256", JSON.stringify({ crv, kty, x, y }), "base64url"),
    jwk,
    proof,
    withToken: (method, path, accessToken, claims = {}) => ({
      ...proof(method, path, { ath: hashOf(accessToken), ...claims }),
      authorization: `DPoP ${accessToken}`,
    }),
  };
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}
