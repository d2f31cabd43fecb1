/**
 * A token has exactly one text, and hostile text costs nothing.
 * The numbers are those of docs/jwt.md, "What is tested".
 */
import { describe, expect, it } from "vitest";

import { createVerifier, decode, JwtError, signJws, verifyJws } from "../src/index.ts";
import {
  AUDIENCE, encode, forge, goodClaims, ISSUER, jwsOf, keyFor, NOW, refusal, signText, thrownBy, tokenOf, verifierFor,
} from "./fixtures.ts";

const key = keyFor("HS256");
const ec = keyFor("ES256");
const verify = verifierFor(key);
const uncached = verifierFor(key, { cache: false });
const head = encode({ alg: "HS256", typ: "JWT", kid: key.keyId });

/** Every way in refuses the token in the same words. */
function refusedEverywhere(token: unknown): string {
  const codes = [verify, uncached, decode, (text: string) => verifyJws(text, { keys: key, algorithms: ["HS256"] })].map(
    (call) => refusal(() => call(token as string)),
  );
  expect(new Set(codes).size).toBe(1);
  return codes[0] ?? "";
}

describe("anything but three parts of base64url is refused before decoding [checklist 6, 7; advisories 33, 34]", () => {
  const [one = "", two = "", three = ""] = tokenOf(key).split(".");
  it.each<[string, unknown]>([
    ["nothing", ""], ["a dot", "."], ["dots", ".."], ["three dots", "..."], ["one part", one], ["two parts", `${one}.${two}`],
    ["four parts", `${one}.${two}.${three}.${three}`], ["five parts, as a JWE", `${one}.${two}.${three}.${two}.${three}`],
    ["no header", `.${two}.${three}`], ["no signature", `${one}.${two}.`], ["a dot behind", `${one}.${two}.${three}.`],
    ["a dot before", `.${one}.${two}.${three}`], ["Bearer", `Bearer ${one}.${two}.${three}`],
    ["a percent", "%"], ["percent encoding", "%E0%A4%A"], ["64 KB", "a".repeat(65_536)], ["undefined", undefined],
    ["null", null], ["a number", 1], ["bytes", Buffer.from(tokenOf(key))], ["a list", [tokenOf(key)]],
    ["an object", { toString: () => tokenOf(key) }], ["a String", Object(tokenOf(key))],
    ["flattened JSON", JSON.stringify({ payload: two, protected: one, signature: three })],
    ["general JSON", JSON.stringify({ payload: two, signatures: [{ protected: one, signature: three }] })],
    ["flattened JSON as an object", { payload: two, protected: one, signature: three }],
  ])("%s", (_, token) => {
    expect(refusedEverywhere(token)).toBe("token_malformed");
  });

  it("zip and p2c make no difference to a JWS and do not start anything", () => {
    expect(refusal(() => verify(tokenOf(key, undefined, { zip: "DEF" })))).toBe("token_malformed");
    expect(refusal(() => verify(forge(key, { alg: "PBES2-HS256+A128KW", p2c: 2 ** 31, kid: key.keyId })))).toBe("algorithm_not_allowed");
  });
});

describe("base64url is strict [checklist 6; advisory 20]", () => {
  const token = tokenOf(key);
  const cut = (index: number, part: string) => token.split(".").map((old, i) => (i === index ? part : old)).join(".");
  const junk = ["=", "==", " ", "\n", "\r\n", "\t", "\0", "+", "/", "%3D", "é", "Ａ", "\u{10000}", "\ufeff", "_=", "\u0101"];

  it.each(junk)("%j is in no part, at no place", (text) => {
    for (const index of [0, 1, 2]) {
      const part = token.split(".")[index] ?? "";
      for (const at of [0, 5, part.length - 1, part.length]) {
        expect(refusedEverywhere(cut(index, part.slice(0, at) + text + part.slice(at)))).toBe("token_malformed");
      }
    }
  });

  it.each(["A", "AAAAA"])("a part of length 1 mod 4 is no part: %s", (part) => {
    for (const index of [0, 1, 2]) expect(refusedEverywhere(cut(index, part))).toBe("token_malformed");
  });

  it("unused bits are zero, in every part: a token has one spelling", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Lengths that leave two and four bits over.
    for (const pad of ["", " ", "  "]) {
      const spaced = signText(key, `${encode(`${JSON.stringify({ alg: "HS256", typ: "JWT", kid: key.keyId })}${pad}`)}.${encode(`${JSON.stringify(goodClaims)}${pad}`)}`);
      expect(verify(spaced).claims).toEqual(goodClaims);
      spaced.split(".").forEach((part, index) => {
        const bytes = Buffer.from(part, "base64url");
        const others = alphabet.split("").map((last) => part.slice(0, -1) + last).filter((other) => other !== part);
        for (const other of others.filter((text) => Buffer.from(text, "base64url").equals(bytes))) {
          const spelling = spaced.split(".").map((old, i) => (i === index ? other : old)).join(".");
          expect(refusedEverywhere(spelling)).toBe("token_malformed");
        }
      });
    }
  });

  it("the other signature (r, n-s) of an ES256 token carries the same jti, by which tokens are revoked", () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const signed = tokenOf(ec, { ...goodClaims, jti: "j" });
    const signature = Buffer.from(signed.split(".")[2] ?? "", "base64url");
    const s = (order - BigInt(`0x${signature.toString("hex", 32)}`)).toString(16).padStart(64, "0");
    const other = `${signed.slice(0, signed.lastIndexOf("."))}.${encode(Buffer.concat([signature.subarray(0, 32), Buffer.from(s, "hex")]))}`;
    expect(verifierFor(ec)(other).claims.jti).toBe("j");
  });
});

describe("header and payload are one JSON object each [checklist 8; advisories 21, 22]", () => {
  const texts: [string, string | Uint8Array][] = [
    ["a list", "[]"], ["a list of claims", JSON.stringify([goodClaims])], ["a text", `"${ISSUER}"`], ["a number", "1"],
    ["null", "null"], ["true", "true"], ["nothing", ""], ["a space", " "], ["half an object", `{"alg":"HS256"`],
    ["two objects", `{"alg":"HS256"}{}`], ["a comma too many", `{"alg":"HS256",}`], ["single quotes", `{'alg':'HS256'}`],
    ["a comment", `{"alg":"HS256"/**/}`], ["NaN", `{"alg":"HS256","a":NaN}`], ["a byte order mark", `\ufeff{"alg":"HS256"}`],
    ["a control character", `{"alg":"HS256","a":"\u0001"}`], ["a lone 0xff", Buffer.from([0x7b, 0xff, 0x7d])],
    ["an overlong slash", Buffer.concat([Buffer.from(`{"alg":"HS256","a":"`), Buffer.from([0xc0, 0xaf]), Buffer.from(`"}`)])],
    ["half a character", Buffer.concat([Buffer.from(`{"alg":"HS256","a":"`), Buffer.from([0xe2, 0x82]), Buffer.from(`"}`)])],
    ["a surrogate", Buffer.concat([Buffer.from(`{"alg":"HS256","a":"`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(`"}`)])],
    ["UTF-16", Buffer.from(`{"alg":"HS256"}`, "utf16le")], ["a member twice", `{"alg":"HS256","alg":"HS256"}`],
    ["a member twice, escaped", `{"alg":"HS256","\\u0061lg":"HS256"}`], ["a member twice, spaced", `{"alg" :"HS256","alg":"HS256"}`],
    ["a member twice, deep", `{"alg":"HS256","a":[{"b":{"c":1,"c":1}}]}`], ["__proto__ twice", `{"alg":"HS256","__proto__":1,"__proto__":1}`],
    ["33 levels", `{"alg":"HS256","a":${"[".repeat(33)}${"]".repeat(33)}}`],
  ];

  it.each(texts)("not %s", (_, text) => {
    expect(refusal(() => decode(signText(key, `${encode(text)}.${encode(goodClaims)}`)))).toBe("token_malformed");
    expect(refusal(() => verify(signText(key, `${encode(text)}.${encode(goodClaims)}`)))).toBe("token_malformed");
    expect(refusal(() => verify(signText(key, `${head}.${encode(text)}`)))).toBe("token_malformed");
  });

  it("a member name in two objects, colons in texts, escapes and a real U+FFFD are nothing special", () => {
    const claims = { ...goodClaims, a: { a: [{ a: ":" }] }, ":": "\":\\\"{[", "\"": "\u0041\ufffd", "é": "日本" };
    expect(verify(signText(key, `${head}.${encode(JSON.stringify(claims))}`)).claims).toEqual(claims);
  });

  it("__proto__ and constructor are claims like others, and pollute nothing", () => {
    const text = `{"iss":"${ISSUER}","aud":"${AUDIENCE}","exp":${NOW + 1},"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}`;
    const { claims } = verify(signText(key, `${head}.${encode(text)}`));
    expect(claims).not.toHaveProperty("admin");
    expect({}).not.toHaveProperty("admin");
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
  });

  const outcomeOf = (read: () => unknown) => {
    try {
      return JSON.stringify(read()) === `["admin"]` ? "read rightly" : "read wrongly";
    } catch (error) {
      return (error as JwtError).code;
    }
  };

  it("an escaped name is read rightly, or refused, whatever JSON the process has read before (nodejs/node#63785)", () => {
    const before = `{"iss":"${ISSUER}","aud":"${AUDIENCE}","exp":${NOW + 1}`;
    const payload = (name: string) => signText(key, `${head}.${encode(`${before},"${name}":["admin"]}`)}`);
    for (const poison of ["\\\\", "\\\\u0", "https:\\\\/\\\\/api.exam", "https:\\\\/\\\\"]) JSON.parse(`${before},"${poison}":[]}`);
    expect(verify(payload("https:\\/\\/api.example")).claims["https://api.example"]).toEqual(["admin"]);
    expect(verify(payload("https:\\/\\/a")).claims["https://a"]).toEqual(["admin"]);
    expect(verify(payload("\\u006ebf2")).claims["nbf2"]).toEqual(["admin"]);
    expect(refusal(() => verify(payload("\\u006ebf")))).toBe("claim_invalid nbf");
    expect(refusal(() => verify(payload("\\\\")))).toBe("token_malformed");
    // The one escape that a name cannot lose. Node 22 reads it rightly, Node 24 may not.
    expect(["token_malformed", "read rightly"]).toContain(outcomeOf(() => verify(payload('\\"')).claims['"']));
  });

  it("claims hidden in __proto__ do not count", () => {
    const text = `{"__proto__":{"iss":"${ISSUER}","aud":"${AUDIENCE}","exp":${NOW + 1}}}`;
    expect(refusal(() => verify(signText(key, `${head}.${encode(text)}`)))).toBe("claim_missing exp");
  });
});

describe("crit and b64 are refused, whatever they say [checklist 9; advisory 19]", () => {
  it.each<object>([
    { crit: ["x"] }, { crit: [] }, { crit: "exp" }, { crit: null }, { crit: ["exp"], exp: NOW + 1 }, { crit: ["b64"], b64: false },
    { crit: ["b64"], b64: true }, { b64: false }, { b64: true }, { crit: ["crit"] }, { crit: [null] }, { crit: {} }, { zip: "DEF" },
  ])("%j", (more) => {
    expect(refusal(() => verify(tokenOf(key, undefined, more)))).toBe("token_malformed");
    expect(refusal(() => verifyJws(tokenOf(key, undefined, more), { keys: key, algorithms: ["HS256"] }))).toBe("token_malformed");
  });
});

describe("hostile text takes neither time nor memory [advisories 21, 32]", () => {
  const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  const texts: [string, string][] = [
    ["a million dots", ".".repeat(1_000_000)],
    ["10 MB of letters", "a".repeat(10_000_000)],
    ["10 MB in the payload", `${head}.${"A".repeat(10_000_000)}.AAAA`],
    ["64 K dots", ".".repeat(65_000)],
    ["a header nested as deep as fits", `${encode(deep(20_000))}.e30.AAAA`],
    ["a signed payload nested as deep as fits", jwsOf(key, deep(20_000))],
    ["a signed payload of objects", jwsOf(key, `{"a":`.repeat(9_000))],
  ];

  it.each(texts)("%s", (_, token) => {
    const call = () => expect(thrownBy(() => verify(token))).toBeInstanceOf(JwtError);
    call();
    const before = process.memoryUsage().rss;
    const started = performance.now();
    for (let i = 0; i < 20; i++) call();
    expect(performance.now() - started).toBeLessThan(20 * 50); // does not hang
    expect(process.memoryUsage().rss - before).toBeLessThan(20_000_000);
  });

  it("a payload nested 100,000 deep is refused, header or payload", () => {
    const text = deep(100_000);
    for (const token of [`${encode(text)}.e30.AAAA`, `${head}.${encode(text)}.AAAA`]) {
      expect(refusedEverywhere(token)).toBe("token_malformed");
    }
    expect(thrownBy(() => signJws(text, { key }))).toBeInstanceOf(TypeError);
  });

  it("an audience of 50 KB is compared, not searched", () => {
    const strange = createVerifier({ keys: key, algorithms: ["HS256"], issuer: ISSUER, audience: "^(a+)+$", clock: () => NOW * 1000 });
    const token = tokenOf(key, { ...goodClaims, aud: "a".repeat(45_000) });
    const started = performance.now();
    expect(refusal(() => strange(token))).toBe("claim_invalid aud");
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
