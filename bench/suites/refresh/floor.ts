/**
 * The floor: what a refresh cannot be done without. Bare node:http, the same crypto, and a bare compare-and-swap on the
 * same kind of store. It trusts its input, keeps no audit, sees no lost answer and no theft: nothing to run in earnest.
 */
import { createHmac, createPrivateKey, createSecretKey, type JsonWebKey, type KeyObject, randomBytes, sign, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { openSwap } from "./floor-swap.ts";

export interface FloorOptions {
  readonly url: string;
  readonly port: number;
  readonly issuer: string;
  /** base64url */
  readonly refreshSecret: string;
}

interface RefreshClaims {
  readonly sid: string;
  readonly gen: number;
  readonly jti: string;
  readonly exp: number;
}

const { url, port, issuer, refreshSecret } = JSON.parse(process.argv[2] ?? "") as FloorOptions;
const secret = createSecretKey(refreshSecret, "base64url");
const accessKey = createPrivateKey({ key: JSON.parse(process.argv[3] ?? "") as JsonWebKey, format: "jwk" });
const swap = await openSwap(url);

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const mac = (key: KeyObject, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const REFRESH_HEADER = encode({ alg: "HS256", typ: "rt+jwt" });
const ACCESS_HEADER = encode({ alg: "ES256", typ: "at+jwt", kid: "floor" });

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    refresh(Buffer.concat(chunks)).then(
      (body) => response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(body),
      () => response.writeHead(401).end("{}"),
    );
  });
}).listen(port, "127.0.0.1");

async function refresh(body: Buffer): Promise<string> {
  const { refreshToken } = JSON.parse(body.toString()) as { refreshToken: string };
  const { sid, gen, jti } = verified(refreshToken);
  const now = Date.now();
  const row = await swap(sid, gen, now);
  if (row === null || jti !== identifier(row.secret, gen)) throw new Error("refused");
  const iat = Math.floor(now / 1000);
  const next = { iss: issuer, sid, gen: gen + 1, jti: identifier(row.secret, gen + 1), iat, exp: iat + 604_800 };
  const input = `${REFRESH_HEADER}.${encode(next)}`;
  return JSON.stringify({
    accessToken: accessToken(row.user_id, sid, iat),
    tokenType: "Bearer",
    expiresIn: 900,
    csrfToken: mac(secret, `csrf ${sid}`).toString("base64url"),
    refreshToken: `${input}.${mac(secret, input).toString("base64url")}`,
  });
}

function verified(token: string): RefreshClaims {
  const end = token.lastIndexOf(".");
  const signature = Buffer.from(token.slice(end + 1), "base64url");
  if (!timingSafeEqual(signature, mac(secret, token.slice(0, end)))) throw new Error("refused");
  const claims = JSON.parse(Buffer.from(token.slice(token.indexOf(".") + 1, end), "base64url").toString()) as RefreshClaims;
  if (claims.exp * 1000 < Date.now()) throw new Error("refused");
  return claims;
}

function identifier(key: Uint8Array, generation: number): string {
  return mac(createSecretKey(key), `refresh token ${generation}`).toString("base64url");
}

function accessToken(sub: string, sid: string, iat: number): string {
  const jti = randomBytes(16).toString("base64url");
  const claims = { iss: issuer, sub, aud: issuer, exp: iat + 900, iat, jti, client_id: "first-party", sid, ver: 1, scope: "", roles: ["user"] };
  const input = `${ACCESS_HEADER}.${encode(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), { key: accessKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}
