/**
 * Reading JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2).
 *
 * A JWK is input from outside: whatever is wrong with it is a JwtError `key_invalid`. Owns the form of the members and
 * the honouring of `alg`, `use` and `key_ops`; strength is checked in key-strength.ts and secret.ts.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

import { type AlgorithmName, type AlgorithmSpec, findAlgorithm, requireAlgorithm } from "./algorithms.ts";
import { decodeBase64url } from "./base64url.ts";
import { keyInvalid } from "./errors.ts";
import { asymmetricKey, type Jwk, type Key, secretKey } from "./key.ts";
import { checkOptions } from "./options.ts";
import { checkSecret } from "./secret.ts";

export interface ImportKeyOptions {
  /**
   * The algorithm of a JWK that has no `alg`: needed for RSA and secrets, while EC and OKP keys say it by their curve.
   * A JWK that has one must agree.
   */
  algorithm?: AlgorithmName | undefined;
}

/**
 * Makes a Key of a public, private or secret JWK.
 * @throws JwtError `key_invalid` if it is malformed, too weak, for encryption, or for another algorithm.
 * @throws TypeError for an unknown option.
 */
export function importKey(jwk: object, options: ImportKeyOptions = {}): Key {
  checkOptions("importKey", options, ["algorithm"]);
  const wanted = options.algorithm === undefined ? undefined : requireAlgorithm(options.algorithm);
  const members = readMembers(jwk);
  const spec = chooseAlgorithm(members, wanted);
  const keyId = readKeyId(members);
  if (spec.kty === "oct") {
    const secret = decodeBase64url(requireText(members, "k"));
    if (!secret) throw keyInvalid("k is not base64url.");
    checkSecret(spec, secret);
    return secretKey(spec, secret, keyId, readUses(members, "oct"));
  }
  readUses(members, isPrivateJwk(members) ? "private" : "public");
  const key = asymmetricKey(spec, readKeyObject(spec, members), keyId);
  // Of an Ed25519 key, OpenSSL takes d and makes its own x.
  if (spec.kty === "OKP" && key.publicJwk().x !== members.x) throw keyInvalid("The JWK's d and x do not belong together.");
  return key;
}

/** Whether a JWK's own members make it private or symmetric. */
export function isPrivateJwk(jwk: object): boolean {
  return ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].some((name) => Object.hasOwn(jwk, name));
}

/** A copy of the JWK's own members: nothing inherited counts, and nothing can change between check and use. */
function readMembers(jwk: unknown): Jwk {
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk)) throw keyInvalid("A JWK is a JSON object.");
  const prototype: unknown = Object.getPrototypeOf(jwk);
  if (prototype !== Object.prototype && prototype !== null) throw keyInvalid("A JWK is a plain object.");
  return { __proto__: null, ...jwk } as unknown as Jwk;
}

function chooseAlgorithm(jwk: Jwk, wanted: AlgorithmSpec | undefined): AlgorithmSpec {
  const named = findAlgorithm(jwk.alg);
  if (jwk.alg !== undefined && !named) throw keyInvalid("The JWK's alg is not a signature algorithm known here.");
  if (named && wanted && named !== wanted) throw keyInvalid(`The JWK is for ${named.name}, not for ${wanted.name}.`);
  const spec = named ?? wanted ?? algorithmOfCurve(jwk);
  if (!spec) throw keyInvalid("The JWK has no alg: name one by the option algorithm.");
  if (jwk.kty !== spec.kty) throw keyInvalid(`The JWK's kty is not ${spec.kty}, as ${spec.name} asks for.`);
  if (jwk.crv !== spec.crv) throw keyInvalid(`The JWK's crv is not the one ${spec.name} asks for.`);
  return spec;
}

function algorithmOfCurve({ kty, crv }: Jwk): AlgorithmSpec | undefined {
  if (kty === "OKP") return crv === "Ed25519" ? findAlgorithm("Ed25519") : undefined;
  if (kty !== "EC") return undefined;
  return findAlgorithm(crv === "P-256" ? "ES256" : crv === "P-384" ? "ES384" : crv === "P-521" ? "ES512" : undefined);
}

function readKeyId({ kid }: Jwk): string | undefined {
  if (kid === undefined || (typeof kid === "string" && kid.length > 0 && kid.length <= 256)) return kid;
  throw keyInvalid("The JWK's kid is not a text of 1 to 256 characters.");
}

/** What `use` and `key_ops` allow (RFC 7517 §4.2, §4.3); throws if that is nothing we do. */
function readUses(jwk: Jwk, type: "public" | "private" | "oct"): { sign: boolean; verify: boolean } {
  if (jwk.use !== undefined && jwk.use !== "sig") throw keyInvalid("The JWK's use is not sig.");
  const operations: unknown = jwk.key_ops;
  if (operations === undefined) return { sign: true, verify: true };
  if (!Array.isArray(operations) || new Set(operations).size !== operations.length) {
    throw keyInvalid("The JWK's key_ops is not a list of different operations.");
  }
  const uses = { sign: operations.includes("sign"), verify: operations.includes("verify") };
  const enough = type === "public" ? uses.verify : type === "private" ? uses.sign : uses.sign || uses.verify;
  if (!enough) throw keyInvalid("The JWK's key_ops does not allow signatures.");
  return uses;
}

function readKeyObject(spec: AlgorithmSpec, jwk: Jwk): KeyObject {
  const isPrivate = isPrivateJwk(jwk);
  const names = spec.kty === "RSA" ? ["n", "e"] : spec.kty === "EC" ? ["x", "y"] : ["x"];
  if (isPrivate) names.push("d");
  if (isPrivate && spec.kty === "RSA") names.push("p", "q", "dp", "dq", "qi");
  if (Object.hasOwn(jwk, "oth")) throw keyInvalid("RSA keys of more than two primes are not supported.");

  const key: Record<string, string> = { kty: spec.kty, ...(spec.crv !== undefined && { crv: spec.crv }) };
  for (const name of names) {
    const text = requireText(jwk, name);
    const bytes = decodeBase64url(text);
    if (!bytes) throw keyInvalid(`The JWK's ${name} is not base64url.`);
    if (spec.coordinateBytes !== undefined && bytes.length !== spec.coordinateBytes) {
      throw keyInvalid(`The JWK's ${name} does not have the length its curve asks for.`);
    }
    if (bytes.length > 2048) throw keyInvalid(`The JWK's ${name} is too long.`);
    key[name] = text;
  }
  try {
    const input = { key, format: "jwk" } as const;
    return isPrivate ? createPrivateKey(input) : createPublicKey(input);
  } catch {
    throw keyInvalid("The JWK's numbers do not make a key: the point is not on the curve, or members are wrong.");
  }
}

function requireText(jwk: Jwk, name: string): string {
  const text = jwk[name];
  if (typeof text === "string" && text !== "") return text;
  throw keyInvalid(`The JWK's ${name} is missing or not a text.`);
}
