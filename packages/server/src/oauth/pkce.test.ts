import { hash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCodeChallenge, isVerifierOf } from "./pkce.ts";

/** RFC 7636 Appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".split("");
const verifier = fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength: 43, maxLength: 128 });
const challengeOf = (text: string): string => hash("sha256", text, "base64url");

describe("PKCE with S256 (RFC 7636)", () => {
  it("takes the example of the RFC", () => {
    expect(isCodeChallenge(CHALLENGE)).toBe(true);
    expect(isVerifierOf(VERIFIER, CHALLENGE)).toBe(true);
  });

  it("takes each verifier for its own challenge, and for no other's", () => {
    fc.assert(
      fc.property(verifier, verifier, (one, other) => {
        expect(isCodeChallenge(challengeOf(one))).toBe(true);
        expect(isVerifierOf(one, challengeOf(one))).toBe(true);
        expect(isVerifierOf(other, challengeOf(one))).toBe(one === other);
        // As the method `plain` would have it.
        expect(isVerifierOf(challengeOf(one), challengeOf(one))).toBe(false);
      }),
    );
  });

  it("takes nothing that has not the form of a verifier, even with its right challenge", () => {
    const strange = fc.tuple(
      verifier,
      fc.nat(42),
      fc.constantFrom(" ", "+", "/", "=", "%", "é", "\n", "\0", "*", "'", '"', "\\"),
    );
    fc.assert(
      fc.property(strange, ([text, at, character]) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        expect(isVerifierOf(changed, challengeOf(changed))).toBe(false);
      }),
    );
    for (const length of [0, 1, 42, 129, 100_000]) {
      expect(isVerifierOf("a".repeat(length), challengeOf("a".repeat(length)))).toBe(false);
    }
    for (const end of ["\n", "=", "+", "/", " ", "\0", "é"]) {
      const text = `${VERIFIER}${end}`;
      expect(isVerifierOf(text, challengeOf(text))).toBe(false);
    }
  });

  it("takes nothing for a challenge but the base64url of 32 bytes", () => {
    for (const text of [
      "",
      CHALLENGE.slice(1),
      `${CHALLENGE}a`,
      `${CHALLENGE}=`,
      `${CHALLENGE}\n`,
      CHALLENGE.replace("-", "+"),
    ]) {
      expect(isCodeChallenge(text)).toBe(false);
      expect(isVerifierOf(VERIFIER, text)).toBe(false);
    }
  });
});
