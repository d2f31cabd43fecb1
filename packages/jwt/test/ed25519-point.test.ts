/** Which 32 bytes are an Ed25519 public key: OpenSSL takes any. The numbers are those of docs/jwt.md, "What is tested". */
import { createPublicKey } from "node:crypto";

import { describe, expect, it } from "vitest";

import { createKeySet, generateKey, importKey, importPem } from "../src/index.ts";
import { encode, keyFor, refusal, thrownBy, tokenOf, verifierFor } from "./fixtures.ts";

const P = 2n ** 255n - 19n;

/** The bytes of a y, lowest first, with the sign of x in the last bit. */
function pointOf(y: bigint, sign = 0n): Buffer {
  return Buffer.from((y + sign * 2n ** 255n).toString(16).padStart(64, "0"), "hex").toReversed() as Buffer;
}

function jwkOf(point: Uint8Array) {
  return { kty: "OKP", crv: "Ed25519", x: encode(point) };
}

function reasonAgainst(point: Uint8Array): string {
  return thrownBy(() => importKey(jwkOf(point))).message;
}

/** y of all points of orders 1, 2, 4 and 8; the last two are each other's negative. */
const SMALL_ORDERS: [order: number, y: bigint][] = [
  [1, 1n], [2, P - 1n], [4, 0n],
  [8, 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n],
  [8, 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n],
];

describe("keys with which anybody could sign are refused [checklist 13]", () => {
  it.each(SMALL_ORDERS)("order %i", (_, y) => {
    for (const sign of [0n, 1n]) {
      const jwk = jwkOf(pointOf(y, sign));
      expect(refusal(() => importKey(jwk))).toBe("key_invalid");
      expect(reasonAgainst(pointOf(y, sign))).toContain("anybody can make signatures");
      const pem = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" }) as string;
      expect(refusal(() => importPem(pem, { algorithm: "Ed25519" }))).toBe("key_invalid");
    }
  });

  it("a published set loses only them", () => {
    const good = keyFor("Ed25519");
    const set = createKeySet({ keys: [...SMALL_ORDERS.map(([, y]) => jwkOf(pointOf(y))), good.publicJwk()] });
    expect(set.ignored.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(verifierFor(good, { keys: set })(tokenOf(good)).claims.sub).toBe("user-1");
  });
});

describe("a key has one form, and is a point of its curve [checklist 13]", () => {
  it("y of p and more is a second spelling of a small one", () => {
    for (let y = P; y < 2n ** 255n; y++) {
      for (const sign of [0n, 1n]) expect(reasonAgainst(pointOf(y, sign))).toContain("canonical");
    }
  });

  it("about every second y has no x", () => {
    const faults = Array.from({ length: 100 }, (_, i) => i + 2).filter((y) => {
      try {
        return importKey(jwkOf(pointOf(BigInt(y)))).type !== "public";
      } catch (error) {
        expect((error as Error).message).toContain("not on its curve");
        return true;
      }
    });
    expect(faults.length).toBeGreaterThan(30);
    expect(faults.length).toBeLessThan(70);
    expect(faults).toContain(2); // (2² - 1) / (2² d + 1) is no square
  });

  it("keys that are made are both", () => {
    for (let i = 0; i < 200; i++) expect(importKey(generateKey("Ed25519").publicJwk()).type).toBe("public");
  });
});
