/** The sending side of DPoP, made by hand: proofs as they should be, and as they should not. */
import { createHash, generateKeyPairSync, sign, type JsonWebKey, type KeyObject } from "node:crypto";
import { joinToken } from "./issuer.ts";

export interface Prover {
  /** The thumbprint of its key: the `jkt` of what is bound to it. */
  readonly thumbprint: string;
  readonly jwk: JsonWebKey;
  readonly privateKey: KeyObject;
  /** A proof for this request; `claims` and `header` are laid over what it would have. */
  prove(request: ProvenRequest, claims?: object, header?: object): string;
}

export interface ProvenRequest {
  readonly method?: string;
  readonly url: string;
  readonly accessToken?: string;
  readonly nowSeconds: number;
  readonly nonce?: string;
}

let made = 0;

export function createProver(): Prover {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  const members = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y });
  return {
    thumbprint: createHash("sha256").update(members).digest("base64url"),
    jwk,
    privateKey,
    prove({ method = "GET", url, accessToken, nowSeconds, nonce }, claims = {}, header = {}) {
      const ath = accessToken === undefined ? undefined : createHash("sha256").update(accessToken).digest("base64url");
      return joinToken(
        { typ: "dpop+jwt", alg: "ES256", jwk, ...header },
        { jti: `proof-${++made}`, htm: method, htu: url.split(/[?#]/)[0], iat: nowSeconds, ath, nonce, ...claims },
        (input) => sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }),
      );
    },
  };
}
