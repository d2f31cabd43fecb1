/**
 * Signing tokens.
 *
 * Owns what a token always says (algorithm, type, key, issue and expiry time) and that it says nothing by accident.
 * A signer makes no token a verifier of this package would call malformed.
 */
import { encodeBase64url } from "./base64url.ts";
import { MAX_TOKEN_LENGTH, REFUSED_PARAMETERS } from "./decode.ts";
import { copyObject } from "./json.ts";
import { type Key, type KeyMaterial, requireKey } from "./key.ts";
import { checkOptions, requireClock, requireSeconds, requireText } from "./options.ts";

export interface SignerOptions {
  /** The private key or secret to sign with. */
  key: Key;
  /** `typ` of the header; give each kind of token its own (RFC 8725 §3.11). Default: `JWT`. */
  type?: string | undefined;
  /** `iss` of every token. Default: as the claims have it. */
  issuer?: string | undefined;
  /** `aud` of every token. Default: as the claims have it. */
  audience?: string | readonly string[] | undefined;
  /** `exp` is this many seconds after `iat`, unless the claims have their own `exp`. Default: they must. */
  expiresInSeconds?: number | undefined;
  /** The time in milliseconds. Default: `Date.now`. */
  clock?: (() => number) | undefined;
}

/**
 * Makes a function that turns claims into a signed token (RFC 7519 §7.1).
 *
 * Claims come out in the order they were given, then `iss`, `aud`, `iat` and `exp`. The caller's own `iat` and `exp`
 * count; an `iss` or `aud` that contradicts the signer's is refused. Equal claims with their own times make equal
 * tokens, but for ES and PS algorithms, which sign with a random number.
 *
 * The function throws a TypeError for claims that JSON would drop or change (NaN, BigInt, Date, functions, `toJSON`),
 * for times that are not finite numbers, and when there is no `exp`. Members that are undefined are left out.
 * @throws TypeError for a missing or wrong option, and for a key that cannot sign.
 */
export function createSigner(options: SignerOptions): (claims: object) => string {
  checkOptions("createSigner", options, ["key", "type", "issuer", "audience", "expiresInSeconds", "clock"]);
  const { type = "JWT", issuer, audience, expiresInSeconds } = options;
  const material = requireSigningKey(options.key);
  const head = encodeHeader(material, { typ: requireText(type, "type") });
  const fixed: Record<string, unknown> = {};
  if (issuer !== undefined) fixed.iss = requireText(issuer, "issuer");
  if (audience !== undefined) fixed.aud = requireAudience(audience);
  if (expiresInSeconds !== undefined) requireSeconds(expiresInSeconds, "expiresInSeconds", 1, Number.MAX_SAFE_INTEGER);
  const clock = requireClock(options.clock === undefined ? Date.now : options.clock);

  return (claims) => {
    if (typeof claims !== "object" || claims === null) throw new TypeError("claims must be an object.");
    const payload = copyObject(claims, "claims");
    addFixed(payload, fixed);
    if (payload.iat === undefined) payload.iat = Math.floor(clock() / 1000);
    const iat = requireTime(payload.iat, "iat");
    if (payload.exp === undefined) {
      if (expiresInSeconds === undefined) {
        throw new TypeError("A token needs an exp: give the signer expiresInSeconds, or the claims an exp.");
      }
      payload.exp = iat + expiresInSeconds;
    }
    requireTime(payload.exp, "exp");
    if (payload.nbf !== undefined) requireTime(payload.nbf, "nbf");
    return compact(material, head, JSON.stringify(payload));
  };
}

export interface SignJwsOptions {
  /** The private key or secret to sign with. */
  key: Key;
  /** More header parameters, such as `typ` and `cty`. `alg` and `kid` are the key's. Default: none. */
  header?: { readonly [name: string]: unknown } | undefined;
}

/**
 * Signs any bytes, or a text as UTF-8, as a compact JWS (RFC 7515 §7.1). Adds no claims: see `createSigner` for tokens.
 * @throws TypeError for a wrong option, a header parameter that is refused on verification, or a payload too long.
 */
export function signJws(payload: Uint8Array | string, options: SignJwsOptions): string {
  checkOptions("signJws", options, ["key", "header"]);
  if (typeof payload !== "string" && !(payload instanceof Uint8Array)) {
    throw new TypeError("payload must be bytes or a text.");
  }
  const material = requireSigningKey(options.key);
  const header = options.header === undefined ? {} : copyObject(options.header, "header");
  for (const name of ["alg", "kid", ...REFUSED_PARAMETERS]) {
    if (Object.hasOwn(header, name)) throw new TypeError(`header may not have ${name}.`);
  }
  for (const name of ["typ", "cty"]) {
    if (header[name] !== undefined) requireText(header[name], `header.${name}`);
  }
  return compact(material, encodeHeader(material, header), payload);
}

function requireSigningKey(key: unknown): KeyMaterial & { sign: NonNullable<KeyMaterial["sign"]> } {
  const material = requireKey(key, "key");
  const { sign } = material;
  if (sign) return { ...material, sign };
  throw new TypeError(`A ${material.type} key that is ${material.type === "secret" ? "only for verifying" : "public"} cannot sign.`);
}

/** The encoded header: alg, typ, kid, then the rest. */
function encodeHeader(material: KeyMaterial, { typ, ...others }: { typ?: unknown }): string {
  return encodeBase64url(JSON.stringify({ alg: material.spec.name, typ, kid: material.keyId, ...others }));
}

function compact(material: { sign: (input: string) => string }, head: string, payload: Uint8Array | string): string {
  const input = `${head}.${encodeBase64url(payload)}`;
  const token = `${input}.${material.sign(input)}`;
  if (token.length > MAX_TOKEN_LENGTH) throw new TypeError("The token would be too long for any verifier.");
  return token;
}

function addFixed(payload: Record<string, unknown>, fixed: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(fixed)) {
    if (payload[name] !== undefined && JSON.stringify(payload[name]) !== JSON.stringify(fixed[name])) {
      throw new TypeError(`claims.${name} contradicts the signer's own.`);
    }
    payload[name] = fixed[name];
  }
}

function requireTime(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TypeError(`${name} must be a finite number of seconds.`);
}

function requireAudience(audience: unknown): unknown {
  if (!Array.isArray(audience)) return requireText(audience, "audience");
  if (audience.length === 0) throw new TypeError("audience must name at least one audience.");
  return audience.map((one) => requireText(one, "audience"));
}
