/** The crypto call alone, as everybody writes it. */
import { createHmac, type KeyObject, sign, timingSafeEqual, verify } from "node:crypto";

export interface BareCrypto {
  readonly verify: (input: Buffer, signature: Buffer) => boolean;
  readonly sign: (input: string) => Buffer;
}

export function bareCrypto(algorithm: string, privateObject: KeyObject, publicObject: KeyObject): BareCrypto {
  if (algorithm.startsWith("HS")) {
    const mac = (input: string | Buffer) => createHmac("sha256", publicObject).update(input).digest();
    return { verify: (input, signature) => timingSafeEqual(mac(input), signature), sign: mac };
  }
  const hash = algorithm === "Ed25519" ? null : "sha256";
  const isEc = algorithm.startsWith("ES");
  const [privateKey, publicKey] = [privateObject, publicObject].map((key) =>
    isEc ? { key, dsaEncoding: "ieee-p1363" as const } : key,
  ) as [KeyObject, KeyObject];
  return {
    verify: (input, signature) => verify(hash, input, publicKey, signature),
    sign: (input) => sign(hash, Buffer.from(input), privateKey),
  };
}
