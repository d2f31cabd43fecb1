import { describe, expect, it } from "vitest";
import { systemRandom } from "../random.ts";
import { createSecretBox } from "./secret-box.ts";

const box = createSecretBox("a secret of the tests, long enough", systemRandom);
const message = new TextEncoder().encode("a private key");
const sealed = box.seal(message, "access:key-1");

describe("a secret box", () => {
  it("gives back what was put in, also nothing at all", () => {
    expect(box.open(sealed, "access:key-1")).toEqual(message);
    const empty = new Uint8Array();
    expect(box.open(box.seal(empty, "x"), "x")).toEqual(empty);
  });

  it("shows nothing of it, and looks different each time", () => {
    expect(Buffer.from(sealed).includes(Buffer.from(message))).toBe(false);
    expect(box.seal(message, "access:key-1")).not.toEqual(sealed);
  });

  it("does not open under another secret", () => {
    for (const secret of ["another secret of the tests, long enough", "", "a secret of the tests, long enough "]) {
      expect(createSecretBox(secret, systemRandom).open(sealed, "access:key-1")).toBeNull();
    }
  });

  it("does not open in another place: one key cannot be put where another belongs", () => {
    for (const context of ["access:key-2", "refresh:key-1", "access:key-1 ", ""]) expect(box.open(sealed, context)).toBeNull();
  });

  it("does not open with any bit changed", () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Uint8Array.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(box.open(changed, "access:key-1")).toBeNull();
    }
  });

  it("does not open cut off or prolonged, at any length", () => {
    for (let length = 0; length < sealed.length; length++) {
      expect(box.open(sealed.subarray(0, length), "access:key-1")).toBeNull();
    }
    expect(box.open(Buffer.concat([sealed, Buffer.of(0)]), "access:key-1")).toBeNull();
  });
});
