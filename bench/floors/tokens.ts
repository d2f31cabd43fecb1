/** Tokens as the server's, made and verified by bare `node:crypto`: what no auth server can do without. */
import { createHmac, createPrivateKey, createPublicKey, createSecretKey, type KeyObject, randomBytes, sign, timingSafeEqual, verify } from "node:crypto";
import type { Jwk } from "@ostiary/jwt";

export interface RefreshClaims {
  readonly sid: string;
  readonly gen: number;
  readonly jti: string;
  readonly exp: number;
}

export interface AccessClaims {
  readonly sub: string;
  readonly sid: string;
  readonly exp: number;
}

export interface FloorSession {
  readonly userId: string;
  readonly sessionId: string;
  readonly secret: Uint8Array;
}

export interface FloorTokens {
  /** Both tokens, as the server answers with them. */
  answer(session: FloorSession, generation: number, now: number): object;
  /** Throws unless it was signed here, and is good. */
  verifyRefreshToken(token: string): RefreshClaims;
  /** Likewise. */
  verifyAccessToken(token: string): AccessClaims;
  /** What a refresh token of this generation has as its `jti`. */
  identifier(secret: Uint8Array, generation: number): string;
}

/** `refreshSecret` in base64url. */
export function createFloorTokens(options: { issuer: string; refreshSecret: string; accessKey: Jwk }): FloorTokens {
  const { issuer } = options;
  const secret = createSecretKey(options.refreshSecret, "base64url");
  const accessKey = createPrivateKey({ key: options.accessKey, format: "jwk" });
  const publicKey = createPublicKey(accessKey);

  function accessToken(sub: string, sid: string, iat: number): string {
    const jti = randomBytes(16).toString("base64url");
    const claims = { iss: issuer, sub, aud: issuer, exp: iat + 900, iat, jti, client_id: "first-party", sid, ver: 1, scope: "", roles: ["user"] };
    const input = `${ACCESS_HEADER}.${encode(claims)}`;
    return `${input}.${sign("sha256", Buffer.from(input), { key: accessKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  }

  return {
    identifier,
    answer({ userId, sessionId, secret: own }, gen, now) {
      const iat = Math.floor(now / 1000);
      const next = { iss: issuer, sid: sessionId, gen, jti: identifier(own, gen), iat, exp: iat + 604_800 };
      const input = `${REFRESH_HEADER}.${encode(next)}`;
      return {
        accessToken: accessToken(userId, sessionId, iat),
        tokenType: "Bearer",
        expiresIn: 900,
        csrfToken: mac(secret, `csrf ${sessionId}`).toString("base64url"),
        refreshToken: `${input}.${mac(secret, input).toString("base64url")}`,
      };
    },
    verifyRefreshToken(token) {
      const end = token.lastIndexOf(".");
      const signature = Buffer.from(token.slice(end + 1), "base64url");
      if (!timingSafeEqual(signature, mac(secret, token.slice(0, end)))) throw new Error("refused");
      return claimsOf<RefreshClaims>(token, end);
    },
    verifyAccessToken(token) {
      const end = token.lastIndexOf(".");
      const signature = Buffer.from(token.slice(end + 1), "base64url");
      const isGood = verify("sha256", Buffer.from(token.slice(0, end)), { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
      if (!isGood) throw new Error("refused");
      return claimsOf<AccessClaims>(token, end);
    },
  };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const mac = (key: KeyObject, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const REFRESH_HEADER = encode({ alg: "HS256", typ: "rt+jwt" });
const ACCESS_HEADER = encode({ alg: "ES256", typ: "at+jwt", kid: "floor" });

function identifier(secret: Uint8Array, generation: number): string {
  return mac(createSecretKey(secret), `refresh token ${generation}`).toString("base64url");
}

function claimsOf<Claims extends { readonly exp: number }>(token: string, end: number): Claims {
  const claims = JSON.parse(Buffer.from(token.slice(token.indexOf(".") + 1, end), "base64url").toString()) as Claims;
  if (claims.exp * 1000 < Date.now()) throw new Error("refused");
  return claims;
}
