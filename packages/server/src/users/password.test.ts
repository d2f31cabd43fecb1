import { hash } from "@node-rs/argon2";
import { describe, expect, it } from "vitest";
import { ARGON2_OPTIONS, DUMMY_HASH } from "./hashing/our-hash.ts";
import { createPasswords } from "./password.ts";

const passwords = createPasswords({ minLength: 8 });

const E_COMPOSED = "\u00e9";
const E_DECOMPOSED = "e\u0301";
const ABACUS = "\u{1F9EE}";

describe("the length of a new password, in code points after normalisation", () => {
  it.each([
    ["7 letters", "a".repeat(7), false],
    ["8 letters", "a".repeat(8), true],
    ["256 letters", "a".repeat(256), true],
    ["257 letters", "a".repeat(257), false],
    ["7 astral characters, 14 units of UTF-16", ABACUS.repeat(7), false],
    ["8 astral characters", ABACUS.repeat(8), true],
    ["256 astral characters, 512 units", ABACUS.repeat(256), true],
    ["257 astral characters", ABACUS.repeat(257), false],
    ["7 decomposed letters, 14 code points as typed", E_DECOMPOSED.repeat(7), false],
    ["256 decomposed letters, 512 code points as typed", E_DECOMPOSED.repeat(256), true],
    ["8 spaces", " ".repeat(8), true],
    ["nothing", "", false],
  ])("%s", async (_, password, allowed) => {
    const hashing = passwords.hash(password, "newPassword");
    if (allowed) expect(await hashing).toMatch(/^\$argon2id\$/);
    else {
      const refused = { code: "invalid_request", reason: "invalid_field", field: "newPassword" };
      await expect(hashing).rejects.toMatchObject(refused);
    }
  });

  it("has the minimum that was set", async () => {
    const strict = createPasswords({ minLength: 15 });
    await expect(strict.hash("a".repeat(14), "password")).rejects.toThrow("password must have 15 to 256 characters.");
    expect(await strict.hash("a".repeat(15), "password")).toMatch(/^\$argon2id\$/);
  });

  it("is no matter when comparing: a password outside the limits is only wrong", async () => {
    const known = await passwords.hash("a".repeat(8), "password");
    for (const password of ["", "a".repeat(7), "a".repeat(10_000), "\ud800"]) {
      expect(await passwords.verify(password, known)).toBe(false);
    }
  });
});

describe("the whole password counts", () => {
  const long = "correct horse battery staple ".repeat(9).slice(0, 256);
  const changedAt = (position: number) => `${long.slice(0, position - 1)}#${long.slice(position)}`;

  it("a change at the start, at position 73, at 200 and at the end is another password", async () => {
    const known = await passwords.hash(long, "password");
    expect(await passwords.verify(long, known)).toBe(true);
    const others = [1, 72, 73, 200, 256].map(changedAt);
    others.push(long.slice(0, -1), `${long}x`, ` ${long}`, `${long} `, long.toUpperCase());
    const matches = await Promise.all(others.map((password) => passwords.verify(password, known)));
    expect(matches).toEqual(others.map(() => false));
  });

  it("NUL ends nothing", async () => {
    const known = await passwords.hash("before\u0000after", "password");
    expect(await passwords.verify("before\u0000afteR", known)).toBe(false);
    expect(await passwords.verify("before", known)).toBe(false);
  });
});

describe("normalisation", () => {
  it("composed and decomposed input are the same password, both ways", async () => {
    const [composed, decomposed] = [`caf${E_COMPOSED} au lait`, `caf${E_DECOMPOSED} au lait`];
    expect(await passwords.verify(decomposed, await passwords.hash(composed, "password"))).toBe(true);
    expect(await passwords.verify(composed, await passwords.hash(decomposed, "password"))).toBe(true);
  });

  it("changes nothing else: compatible characters, case and space stay apart", async () => {
    const known = await passwords.hash("\ufb01sh & Chips", "password");
    for (const other of ["fish & Chips", "\ufb01sh & chips", "\ufb01sh\u00a0& Chips", " \ufb01sh & Chips"]) {
      expect(await passwords.verify(other, known)).toBe(false);
    }
  });
});

describe("no rule says what must be in a password", () => {
  it.each([
    "lettersonly",
    "MOSTLYCAPITALS",
    "3141592653",
    "          ",
    "!!!???!!!???",
    "ありがとうございます",
    "🎈🎈🎈🎈🎈🎈🎈🎈",
  ])("%j will do", async (password) => {
    expect(await passwords.verify(password, await passwords.hash(password, "password"))).toBe(true);
  });
});

describe("hashes", () => {
  const parametersOf = (phc: string) => phc.split("$").slice(1, 4);

  it("are argon2id with OWASP's parameters, salted each time", async () => {
    const [one, two] = [await passwords.hash("a".repeat(8), "password"), await passwords.hash("a".repeat(8), "password")];
    expect(parametersOf(one)).toEqual(["argon2id", "v=19", "m=19456,t=2,p=1"]);
    expect(one).not.toBe(two);
  });

  it("an unknown user's is compared with a hash of the same parameters, salt and length: the same work", async () => {
    const real = await hash("a".repeat(8), ARGON2_OPTIONS);
    expect(parametersOf(DUMMY_HASH)).toEqual(parametersOf(real));
    const lengths = (phc: string) => phc.split("$").map((part) => part.length);
    expect(lengths(DUMMY_HASH)).toEqual(lengths(real));
  });

  it("nothing matches no hash", async () => {
    for (const password of ["", "a".repeat(8), DUMMY_HASH]) expect(await passwords.verify(password, null)).toBe(false);
  });
});
