/** What we do ourselves instead of asking node:crypto gives the same bytes as asking it. */
import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { findAlgorithm } from "../src/algorithms.ts";
import { derToRaw, rawToDer } from "../src/ecdsa.ts";
import { hmacWith } from "../src/hmac.ts";
import type { Jwk } from "../src/index.ts";

const spec = (name: string) => findAlgorithm(name) ?? expect.fail();

describe("HMAC by two hashes equals createHmac", () => {
  const hashes = [["HS256", "sha256"], ["HS384", "sha384"], ["HS512", "sha512"]] as const;

  // RFC 4231, sections 4.2 to 4.8: key, data.
  const vectors: [string, string][] = [
    ["0b".repeat(20), Buffer.from("Hi There").toString("hex")],
    [Buffer.from("Jefe").toString("hex"), Buffer.from("what do ya want for nothing?").toString("hex")],
    ["aa".repeat(20), "dd".repeat(50)],
    ["0102030405060708090a0b0c0d0e0f10111213141516171819", "cd".repeat(50)],
    ["aa".repeat(131), Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First").toString("hex")],
    ["aa".repeat(131), Buffer.from("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.").toString("hex")],
  ];
  it.each(hashes)("%s, RFC 4231", (name, hash) => {
    for (const [key, data] of vectors) {
      const mac = hmacWith(spec(name), Buffer.from(key, "hex")).sign(Buffer.from(data, "hex").toString("latin1"));
      expect(mac).toBe(createHmac(hash, Buffer.from(key, "hex")).update(Buffer.from(data, "hex")).digest("base64url"));
    }
  });

  it("RFC 4231's own results for HMAC-SHA-256", () => {
    const macs = ["b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"];
    for (const [i, mac] of macs.entries()) {
      const [key = "", data = ""] = vectors[i] ?? [];
      const ours = hmacWith(spec("HS256"), Buffer.from(key, "hex")).sign(Buffer.from(data, "hex").toString("latin1"));
      expect(Buffer.from(ours, "base64url").toString("hex")).toBe(mac);
    }
  });

  it.each(hashes)("%s, keys of every length around the block, texts of every length around the buffers", (name, hash) => {
    for (const keyLength of [0, 1, 31, 32, 63, 64, 65, 127, 128, 129, 200, 1000]) {
      const key = randomBytes(keyLength);
      const { sign: mac, verify: check } = hmacWith(spec(name), key);
      for (const length of [0, 1, 55, 56, 63, 64, 65, 2047, 2048, 2049, 5000, 3, 65_536, 1]) {
        const text = randomBytes(length).toString("latin1");
        const expected = createHmac(hash, key).update(text, "latin1").digest();
        expect(mac(text)).toBe(expected.toString("base64url"));
        expect(check(text, expected)).toBe(true);
        expected[length % expected.length] = (expected[length % expected.length] ?? 0) ^ 1;
        expect(check(text, expected)).toBe(false);
        expect(check(text, expected.subarray(1))).toBe(false);
      }
    }
  });

  it.each(hashes)("%s, any key and text", (name, hash) => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(fc.property(bytes, bytes, (key, data) => {
      const expected = createHmac(hash, key).update(data).digest("base64url");
      return hmacWith(spec(name), key).sign(Buffer.from(data).toString("latin1")) === expected;
    }));
  });

  it("RFC 7515, A.1", () => {
    const { vectors: rfc } = JSON.parse(readFileSync(new URL("vectors/rfc/rfc7515.json", import.meta.url), "utf8")) as { vectors: { privateJwk: Jwk; compact: string }[] };
    const { privateJwk, compact } = rfc[0] ?? expect.fail();
    const at = compact.lastIndexOf(".");
    expect(hmacWith(spec("HS256"), Buffer.from(privateJwk.k ?? "", "base64url")).sign(compact.slice(0, at))).toBe(compact.slice(at + 1));
  });
});

describe("R‖S and DER are two forms of one signature", () => {
  const curves = [["prime256v1", 32, "sha256"], ["secp384r1", 48, "sha384"], ["secp521r1", 66, "sha512"]] as const;

  it.each(curves)("%s: what OpenSSL signs in one form verifies in the other", (namedCurve, size, hash) => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve });
    const publicKey = createPublicKey(privateKey);
    for (let i = 0; i < 100; i++) {
      const data = randomBytes(8);
      const der = sign(hash, data, privateKey);
      const raw = derToRaw(der, size);
      expect(raw.length).toBe(2 * size);
      expect(rawToDer(raw)).toEqual(der);
      expect(verify(hash, data, { key: publicKey, dsaEncoding: "ieee-p1363" }, raw)).toBe(true);
    }
  });

  it.each(curves)("%s: any R and S, also with leading zeros and high bits, come back", (_, size) => {
    const number = fc.oneof(
      fc.uint8Array({ minLength: size, maxLength: size }),
      fc.tuple(fc.nat(size), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)).map(([zeros, byte]) => new Uint8Array(size).fill(byte, zeros)),
    );
    fc.assert(fc.property(number, number, (r, s) => {
      const raw = Buffer.concat([r, s]);
      const der = rawToDer(raw);
      expect(derToRaw(der, size)).toEqual(raw);
      expect(der[0]).toBe(0x30);
    }));
  });
});
