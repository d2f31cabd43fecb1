/**
 * What every asymmetric key must hold, whatever text it came from: its kind, RSA size and exponent (RFC 7518 §3.3),
 * curve, point, and halves that belong together.
 */
import type { KeyObject } from "node:crypto";

import type { AlgorithmSpec, Sign, Verify } from "./algorithms.ts";
import { decodeBase64url } from "./base64url.ts";
import { findPointFault } from "./ed25519-point.ts";
import { keyInvalid } from "./errors.ts";

const keyTypes = { RSA: "rsa", EC: "ec", OKP: "ed25519", oct: "" };
const namedCurves = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1", Ed25519: undefined };

/** Throws a JwtError `key_invalid` unless the key is one for `spec`, and strong enough. */
export function checkStrength(spec: AlgorithmSpec, key: KeyObject): void {
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== keyTypes[spec.kty]) throw keyInvalid(`The key is not one for ${spec.name}.`);
  if (spec.crv !== undefined && namedCurve !== namedCurves[spec.crv]) {
    throw keyInvalid(`The key is on another curve than ${spec.name} asks for (${spec.crv}).`);
  }
  if (spec.kty === "OKP") {
    const { x = "" } = key.export({ format: "jwk" });
    const fault = findPointFault(Buffer.from(x, "base64url"));
    if (fault !== undefined) throw keyInvalid(`The key's point ${fault}.`);
  }
  if (spec.kty !== "RSA") return;
  if (modulusLength < 2048 || modulusLength > 16384) {
    throw keyInvalid(`An RSA key must have 2048 to 16384 bits; this one has ${modulusLength}.`);
  }
  if (publicExponent < 65537n || publicExponent % 2n === 0n || publicExponent >= 2n ** 64n) {
    throw keyInvalid("An RSA key's public exponent must be odd, at least 65537 and below 2^64.");
  }
  if (hasRocaForm(number((key.export({ format: "jwk" }) as RsaNumbers).n))) {
    throw keyInvalid("The RSA key is of the kind that can be factored by ROCA (CVE-2017-15361).");
  }
}

/**
 * Throws a JwtError `key_invalid` unless the private half belongs to the public one. A single signature with RSA
 * numbers that do not fit each other can give the key away.
 */
export function checkHalves({ sign, verify }: { sign: Sign | undefined; verify: Verify | undefined }, jwk: RsaNumbers): void {
  const probe = "halves";
  try {
    if (isConsistentRsa(jwk) && sign && verify?.(probe, Buffer.from(sign(probe), "base64url"))) return;
  } catch {
    // as below
  }
  throw keyInvalid("The private and the public half of the key do not belong together.");
}

/** Odd primes below 168, the ones in the product that ROCA's primes were made around. */
const SMALL_PRIMES = Array.from({ length: 83 }, (_, i) => 2 * i + 3).filter((n) => {
  for (let divisor = 3; divisor * divisor <= n; divisor += 2) if (n % divisor === 0) return false;
  return true;
});

/** Whether the modulus is a power of 65537 modulo every small prime: certain for ROCA's, one in 2^27 for others. */
function hasRocaForm(modulus: bigint): boolean {
  return SMALL_PRIMES.every((prime) => {
    const wanted = Number(modulus % BigInt(prime));
    for (let power = 1, i = 0; i < prime; i++, power = (power * 65537) % prime) if (power === wanted) return true;
    return false;
  });
}

interface RsaNumbers {
  kty: string;
  n?: string;
  e?: string;
  d?: string;
  p?: string;
  q?: string;
  dp?: string;
  dq?: string;
  qi?: string;
}

/** Whether all of an RSA key's numbers follow from p, q and e (RFC 8017 §3.2). OpenSSL does not use d, so it does not look at it. */
function isConsistentRsa(jwk: RsaNumbers): boolean {
  if (jwk.kty !== "RSA") return true;
  const [n, e, d, p, q] = [number(jwk.n), number(jwk.e), number(jwk.d), number(jwk.p), number(jwk.q)];
  const [dp, dq, qi] = [number(jwk.dp), number(jwk.dq), number(jwk.qi)];
  return (
    n === p * q && (e * d) % (p - 1n) === 1n && (e * d) % (q - 1n) === 1n &&
    dp === d % (p - 1n) && dq === d % (q - 1n) && (qi * q) % p === 1n
  );
}

function number(text = ""): bigint {
  return BigInt(`0x${decodeBase64url(text)?.toString("hex") || "0"}`);
}
