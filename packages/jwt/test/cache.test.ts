/** What is remembered is worth no more than what is verified anew. The numbers are those of docs/jwt.md, "What is tested". */
import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { createKeySet, createSigner, createVerifier, generateKey, importKey, type KeySet } from "../src/index.ts";
import { TokenCache } from "../src/cache.ts";
import { ALGORITHMS, AUDIENCE, goodClaims, ISSUER, keyFor, NOW, refusal, tokenOf, verifierFor } from "./fixtures.ts";

const key = keyFor("HS256");

/** A verifier whose clock and keys can be moved. */
function movable(options: { maxTokenAgeSeconds?: number; maxTokens?: number } = {}) {
  const state: { now: number; keys: KeySet } = { now: NOW, keys: createKeySet([key]) };
  const verify = createVerifier({
    keys: () => state.keys, algorithms: ["HS256"], issuer: ISSUER, audience: AUDIENCE, clock: () => state.now * 1000,
    maxTokenAgeSeconds: options.maxTokenAgeSeconds, cache: { maxTokens: options.maxTokens ?? 100 },
  });
  return { state, verify };
}

describe("times are checked on every use [advisory 25]", () => {
  it("an expired token is refused from that second on, also one without iat", () => {
    for (const claims of [goodClaims, { iss: ISSUER, aud: AUDIENCE, exp: NOW + 840 }]) {
      const { state, verify } = movable();
      const token = tokenOf(key, claims);
      verify(token);
      state.now = NOW + 839;
      expect(verify(token).claims).toEqual(claims);
      state.now = NOW + 840;
      expect(refusal(() => verify(token))).toBe("token_expired exp");
    }
  });

  it("nbf holds when the clock is set back, and the greatest age when it goes on", () => {
    const { state, verify } = movable({ maxTokenAgeSeconds: 900 });
    const token = tokenOf(key, { ...goodClaims, nbf: NOW });
    verify(token);
    state.now = NOW - 1;
    expect(refusal(() => verify(token))).toBe("token_not_active nbf");
    state.now = NOW + 845;
    expect(refusal(() => verify(token))).toBe("token_expired exp");
  });
});

describe("the key is looked for on every use", () => {
  it("a removed key is forgotten at once", () => {
    const { state, verify } = movable();
    const token = tokenOf(key);
    verify(token);
    state.keys = createKeySet([]);
    expect(refusal(() => verify(token))).toBe("unknown_key");
  });

  it("another key of the same kid is another key", () => {
    const { state, verify } = movable();
    const token = tokenOf(key);
    verify(token);
    state.keys = createKeySet([generateKey("HS256", { keyId: key.keyId })]);
    expect(refusal(() => verify(token))).toBe("signature_invalid");
  });

  it("the same key in a new set still counts, and goes with that set", () => {
    const { state, verify } = movable();
    const token = tokenOf(key);
    const { claims } = verify(token);
    state.keys = createKeySet([importKey(key.privateJwk())]);
    expect(verify(token).claims).toBe(claims);
    state.keys = createKeySet([]);
    expect(refusal(() => verify(token))).toBe("unknown_key");
  });

  it("a token without kid stops counting when its key is no longer the only one", () => {
    const { state, verify } = movable();
    const token = tokenOf(key, goodClaims, { kid: undefined });
    verify(token);
    state.keys = createKeySet([key, generateKey("HS256", { keyId: "second" })]);
    expect(refusal(() => verify(token))).toBe("unknown_key");
  });
});

describe("a verifier answers for itself only [advisory 26]", () => {
  it("a token remembered for one audience is refused by another's verifier", () => {
    const [one, other] = [verifierFor(key), verifierFor(key, { audience: "other" })];
    const token = tokenOf(key);
    one(token);
    expect(refusal(() => other(token))).toBe("claim_invalid aud");
    expect(one(token).claims.aud).toBe(AUDIENCE);
  });

  it("tokens of equal claims keep their own", () => {
    const verify = verifierFor(key);
    const tokens = ["a", "b", "c"].map((sub) => tokenOf(key, { ...goodClaims, sub }));
    for (let i = 0; i < 3; i++) expect(tokens.map((token) => verify(token).claims.sub)).toEqual(["a", "b", "c"]);
  });

  it("a good token is accepted a thousand times [advisory 27]", () => {
    for (const cache of [false, { maxTokens: 1 }, undefined] as const) {
      const verify = verifierFor(key, cache === undefined ? {} : { cache });
      const token = tokenOf(key);
      for (let i = 0; i < 1000; i++) expect(verify(token).claims.sub).toBe("user-1");
    }
  });
});

describe("what a caller gets cannot be used to poison later requests", () => {
  const claims = { ...goodClaims, roles: ["user"], nested: { list: [{ admin: false }] } };

  it.each([true, false])("cache %s: header and claims are frozen all the way down", (isCached) => {
    const verify = verifierFor(key, { cache: isCached ? { maxTokens: 10 } : false });
    const token = tokenOf(key, claims);
    const verified = verify(token);
    const { nested, roles } = verified.claims as unknown as typeof claims;
    for (const change of [
      () => Object.assign(verified.claims, { sub: "admin" }), () => roles.push("admin"), () => Object.assign(nested, { list: [] }),
      () => Object.assign(nested.list[0] ?? {}, { admin: true }), () => Object.assign(verified.header, { kid: "x" }),
      () => void Object.setPrototypeOf(verified.claims, { admin: true }), () => delete (verified.claims as { sub?: string }).sub,
    ]) expect(change).toThrow(TypeError);
    expect(verify(token).claims).toEqual(claims);
  });

  it("the result itself is the caller's own", () => {
    const verify = verifierFor(key);
    const token = tokenOf(key);
    Object.assign(verify(token), { claims: { sub: "admin" }, key: undefined });
    expect(verify(token)).toMatchObject({ claims: { sub: "user-1" }, key });
  });
});

/** A cache's entry that says which it is. */
const entry = (token: string, number = 1) => ({ token, number });

/** What a cache still has of the numbered tokens that `textOf` makes. */
function kept(cache: TokenCache<{ token: string; number: number }>, count: number, textOf: (i: number) => string): number[] {
  return Array.from({ length: count }, (_, i) => cache.get(textOf(i))?.number).filter((number) => number !== undefined);
}

describe("the cache is bounded", () => {
  const numbered = (i: number) => `token-number-${i}-`;

  it("in entries: what is in use stays, what is not goes", () => {
    const cache = new TokenCache<{ token: string; number: number }>(100);
    for (let i = 0; i < 1000; i++) {
      cache.add(entry(numbered(i), i));
      if (i > 0) expect(cache.get(numbered(0))?.number).toBe(0);
    }
    const numbers = kept(cache, 1000, numbered);
    expect(numbers.length).toBeLessThanOrEqual(100);
    expect(numbers.length).toBeGreaterThanOrEqual(50);
  });

  it("in bytes: long tokens make it hold fewer", () => {
    const long = (i: number) => `${"x".repeat(10_000)}-end-number-${i}-`;
    const cache = new TokenCache<{ token: string; number: number }>(100);
    for (let i = 0; i < 100; i++) cache.add(entry(long(i), i));
    const numbers = kept(cache, 100, long);
    expect(numbers.length).toBeLessThanOrEqual(10);
    expect(numbers).toContain(99);
  });

  it("a token longer than all it may hold is not held", () => {
    const cache = new TokenCache(2);
    for (const length of [1024, 1025]) cache.add(entry("x".repeat(length)));
    expect([1024, 1025].map((length) => cache.get("x".repeat(length)) !== undefined)).toEqual([true, false]);
  });
});

describe("the cache knows a token by its whole text", () => {
  it("two texts that end alike are two, and the later one stays", () => {
    const cache = new TokenCache<{ token: string; number: number }>(100);
    cache.add(entry("aaaa.bbbb.signature-of-both"));
    expect(cache.get("aaab.bbbb.signature-of-both")).toBeUndefined();
    cache.add(entry("aaab.bbbb.signature-of-both", 2));
    expect(cache.get("aaab.bbbb.signature-of-both")?.number).toBe(2);
    expect(cache.get("aaaa.bbbb.signature-of-both")).toBeUndefined();
  });

  it("also in the old generation, and when one is there and the other here", () => {
    const cache = new TokenCache<{ token: string; number: number }>(2);
    for (const token of ["aaaa.signature-of-both", "aaac.signature-of-both"]) cache.add(entry(token, token.length));
    expect(cache.get("aaab.signature-of-both")).toBeUndefined();
    for (const token of ["aaaa.other-one", "another"]) cache.add(entry(token));
    expect(cache.get("aaab.other-one")).toBeUndefined();
    expect(cache.get("aaaa.other-one")?.token).toBe("aaaa.other-one");
  });

  it.each([
    "", "a", "abcde", "abcdef", "abcdefg", "A".repeat(300), "\0".repeat(9), "\uffff".repeat(9), "\u{1f600}".repeat(5),
  ])("of any length and alphabet, however it was put together: %j", (text) => {
    const cache = new TokenCache<{ token: string; number: number }>(100);
    cache.add(entry(text, 7));
    const same = [`Bearer ${text}`.slice(7), [...text].join(""), Buffer.from(text, "utf16le").toString("utf16le")];
    expect(same.map((one) => cache.get(one)?.number)).toEqual([7, 7, 7]);
    for (const other of [`${text}a`, `a${text}`, text.slice(1), text.slice(0, -1), text.replace(/^./, "b")]) {
      if (other !== text) expect(cache.get(other)).toBeUndefined();
    }
  });

  it("random signatures do not get in each other's way", () => {
    const cache = new TokenCache<{ token: string; number: number }>(20_000);
    const random = (i: number) => `header.payload.${createHash("sha256").update(`${i}`).digest("base64url")}`;
    for (let i = 0; i < 10_000; i++) cache.add(entry(random(i), i));
    expect(kept(cache, 10_000, random).length).toBeGreaterThan(9990);
  });

  it("forgets what it is told to, in either generation and in both", () => {
    const cache = new TokenCache<{ token: string; number: number }>(4);
    for (const token of ["number-one-", "number-two-", "number-three-"]) cache.add(entry(token));
    expect(cache.get("number-one-")?.token).toBe("number-one-"); // now in both
    for (const token of ["number-one-", "number-two-", "number-three-"]) {
      cache.delete(token);
      expect(cache.get(token)).toBeUndefined();
    }
  });
});

describe("a flood", () => {
  it("of invalid tokens neither evicts a good one nor stays in memory", () => {
    const { verify } = movable({ maxTokens: 2 });
    const good = tokenOf(key);
    const { claims } = verify(good);
    const [head, body] = good.split(".");
    for (let i = 0; i < 5000; i++) {
      const signature = Buffer.alloc(32, i).toString("base64url");
      expect(refusal(() => verify(`${head}.${body}.${signature}`))).toBe("signature_invalid");
      expect(refusal(() => verify(tokenOf(key, { ...goodClaims, exp: NOW - i })))).toBe("token_expired exp");
    }
    expect(verify(good).claims).toBe(claims);
  });
});

describe("no flipped bit gets through [every bit, cache on and off]", () => {
  it.each(ALGORITHMS.filter((name) => name.endsWith("256") || name === "Ed25519"))("%s", (algorithm) => {
    const signing = keyFor(algorithm);
    const token = createSigner({ key: signing, clock: () => NOW * 1000, issuer: ISSUER, audience: AUDIENCE, expiresInSeconds: 9 })({});
    const verifiers = [verifierFor(signing), verifierFor(signing, { cache: false })];
    for (const verify of verifiers) verify(token);
    const bytes = Buffer.from(token, "latin1");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const flipped = bytes.toString("latin1");
      for (const verify of verifiers) refusal(() => verify(flipped));
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    }
    for (const verify of verifiers) expect(verify(token).key).toBe(signing);
  });
});
