import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Random } from "../random.ts";
import { systemRandom } from "../random.ts";
import { keyIdIn, newKeyId, newKeyText } from "./key-text.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Only bytes of this value. */
function constant(value: number): Random {
  return { bytes: (length) => new Uint8Array(length).fill(value), uuid: () => systemRandom.uuid() };
}

/** What it says as a number. */
function valueOf(text: string): bigint {
  return text.split("").reduce((sum, digit) => sum * 62n + BigInt(DIGITS.indexOf(digit)), 0n);
}

const newKey = (random = systemRandom, now = NOW): string => newKeyText(newKeyId(random, now), random);

describe("the text of an API key", () => {
  it("is prefix, id, secret and checksum, whatever the dice say", () => {
    for (const random of [systemRandom, constant(0), constant(255)]) {
      for (const now of [0, NOW, 2 ** 48 - 1]) {
        const id = newKeyId(random, now);
        const text = newKeyText(id, random);
        expect(text).toMatch(/^ostk_[0-9A-Za-z]{69}$/);
        expect(text.slice(5, 25)).toBe(id);
        expect(keyIdIn(text)).toBe(id);
      }
    }
  });

  it("has 256 bits that nobody can guess", () => {
    const secret = newKeyText("0".repeat(20), constant(255)).slice(25, 68);
    expect(valueOf(secret)).toBe(2n ** 256n - 1n);
  });

  it("ends with the CRC-32 of what stands before, in base62", () => {
    const text = newKey();
    const checksum = Number(valueOf(text.slice(-6)));
    expect(checksum).toBe(crc32(text.slice(0, -6)));
  });

  it("with a slip of the pen in it is none, and no database is asked", () => {
    const slip = fc.tuple(fc.nat(73), fc.constantFrom(...DIGITS.split(""), "_", "-", " ", "\0"));
    fc.assert(
      fc.property(slip, ([at, character]) => {
        const text = newKey();
        const other = text.slice(0, at) + character + text.slice(at + 1);
        expect(keyIdIn(other)).toBe(other === text ? text.slice(5, 25) : null);
      }),
    );
    const text = newKey();
    for (const other of [
      "",
      "ostk_",
      `${text} `,
      ` ${text}`,
      `${text}\n`,
      text.slice(1),
      text.slice(0, -1),
      text.toUpperCase(),
      `${text}0`,
    ]) {
      expect(keyIdIn(other)).toBeNull();
    }
  });

  it("has an id that sorts by time, and two of the same moment differ", () => {
    const ids = [0, 1, NOW, NOW + 1, 2 ** 48 - 1].map((now) => newKeyId(systemRandom, now));
    expect(ids.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(ids);
    expect(newKeyId(systemRandom, NOW)).not.toBe(newKeyId(systemRandom, NOW));
  });
});
