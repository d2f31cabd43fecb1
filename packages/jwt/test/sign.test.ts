/** What a signer says and refuses to say. */
import { describe, expect, it } from "vitest";

import { createSigner, decode, signJws, type SignerOptions, verifyJws } from "../src/index.ts";
import { AUDIENCE, goodClaims, ISSUER, NOW, secretKey, thrownBy, verifierFor } from "./fixtures.ts";

const key = secretKey;
const clock = () => NOW * 1000 + 999;
const signer = (options: Partial<SignerOptions> = {}) =>
  createSigner({ key, issuer: ISSUER, audience: AUDIENCE, expiresInSeconds: 60, clock, ...options });
const sign = signer();

describe("a token says who, for whom, when and until when", () => {
  it("header members come in the order alg, typ, kid; claims as given, then iss, aud, iat, exp", () => {
    const [head = "", body = ""] = sign({ sub: "u" }).split(".");
    expect(Buffer.from(head, "base64url").toString()).toBe(`{"alg":"HS256","typ":"JWT","kid":"s"}`);
    expect(Buffer.from(body, "base64url").toString()).toBe(
      `{"sub":"u","iss":"${ISSUER}","aud":"${AUDIENCE}","iat":${NOW},"exp":${NOW + 60}}`,
    );
  });

  it("the caller's own times count, and equal claims make equal bytes", () => {
    const claims = { iat: 5, exp: NOW + 1, jti: "j", sid: "s", gen: 3 };
    const token = createSigner({ key, type: "rt+jwt" })(claims);
    expect(decode(token).claims).toEqual(claims);
    expect(createSigner({ key, type: "rt+jwt", expiresInSeconds: 9 })(claims)).toBe(token);
  });

  it("claims cannot make the signer forget exp, iss or aud [advisory 28]", () => {
    for (const claims of [{ exp: undefined, iss: undefined, aud: undefined, iat: undefined }, {}, { sub: "u" }]) {
      expect(decode(sign(claims)).claims).toMatchObject({ exp: NOW + 60, iss: ISSUER, aud: AUDIENCE, iat: NOW });
    }
    for (const exp of [null, "1", Number.NaN, Number.POSITIVE_INFINITY, false, {}]) {
      expect(thrownBy(() => sign({ exp }))).toBeInstanceOf(TypeError);
    }
    expect(thrownBy(() => createSigner({ key })({}))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => createSigner({ key })({ exp: undefined }))).toBeInstanceOf(TypeError);
  });

  it("claims cannot contradict the signer", () => {
    for (const claims of [{ iss: "other" }, { aud: "other" }, { aud: [AUDIENCE] }, { iss: null }]) {
      expect(thrownBy(() => sign(claims))).toBeInstanceOf(TypeError);
    }
    expect(sign({ iss: ISSUER, aud: AUDIENCE })).toBe(sign({ iss: ISSUER, aud: AUDIENCE }));
  });
});

describe("claims are plain data, or refused", () => {
  class Money { readonly amount = 1; }
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const counting = { reads: 0, get twice() { return ++this.reads; } };

  it.each<[string, unknown]>([
    ["NaN", Number.NaN], ["Infinity", Number.NEGATIVE_INFINITY], ["BigInt", 1n], ["a function", () => 1], ["a symbol", Symbol("x")],
    ["a Date", new Date(0)], ["a Map", new Map()], ["bytes", new Uint8Array(1)], ["an instance", new Money()], ["a String", Object("x")],
    ["toJSON", { toJSON: () => ({ admin: true }) }], ["a list of functions", [() => 1]],
    ["undefined in a list", [undefined]], ["a hole in a list", Array.from({ length: 1 })], ["a cycle", cycle],
    ["__proto__", JSON.parse(`{"__proto__":{"admin":true}}`)], ["a promise", Promise.resolve(1)], ["an Error", new Error("x")],
  ])("%s", (_, value) => {
    expect(thrownBy(() => sign({ value }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => sign({ deep: { list: [{ value }] } }))).toBeInstanceOf(TypeError);
  });

  it.each<[string, unknown]>([["null", null], ["a text", "{}"], ["a list", []], ["an instance", new Money()], ["a Map", new Map()], ["a function", () => 1]])(
    "%s is no set of claims",
    (_, claims) => expect(thrownBy(() => sign(claims as object))).toBeInstanceOf(TypeError),
  );

  it("a hidden toJSON is not called", () => {
    const claims = Object.defineProperty({ sub: "u" }, "toJSON", { value: () => ({ sub: "admin" }), enumerable: false });
    expect(decode(sign(claims)).claims.sub).toBe("u");
  });

  it("each value is read once: what was checked is what is signed", () => {
    expect(decode(sign(counting)).claims["twice"]).toBe(1);
  });

  it("members that are undefined are left out; everything else arrives as it was", () => {
    const claims = { a: [1, -0.5, "é\u2028\ud83d\ude00", null, true, {}], o: { __proto__: null, x: "\0" } };
    expect(decode(sign({ ...claims, gone: undefined })).claims).toMatchObject({ a: claims.a, o: { x: "\0" } });
    expect(decode(sign({ gone: undefined })).claims).not.toHaveProperty("gone");
  });

  it("what is too long or too deep for a verifier is not signed", () => {
    expect(thrownBy(() => sign({ text: "x".repeat(60_000) }))).toBeInstanceOf(TypeError);
    let deep: unknown = 1;
    for (let i = 0; i < 31; i++) deep = [deep];
    const token = sign({ deep });
    expect(verifierFor(key)(token).claims["deep"]).toEqual(deep);
    expect(thrownBy(() => sign({ deep: [deep] }))).toBeInstanceOf(TypeError);
  });
});

describe("options are checked when they are given", () => {
  it.each<[string, object]>([
    ["issuer", { issuer: "" }], ["audience", { audience: [] }], ["audience", { audience: 5 }], ["expiry 0", { expiresInSeconds: 0 }],
    ["negative expiry", { expiresInSeconds: -1 }], ["expiry as text", { expiresInSeconds: "15m" }], ["type", { type: "" }], ["clock", { clock: 1 }],
    ["a foreign option", { expiresIn: 60 }], ["null type", { type: null }], ["NaN expiry", { expiresInSeconds: Number.NaN }],
  ])("%s", (_, options) => {
    expect(thrownBy(() => signer(options))).toBeInstanceOf(TypeError);
  });

  it("a clock gone wrong signs nothing", () => {
    expect(thrownBy(() => signer({ clock: () => Number.NaN })({}))).toBeInstanceOf(TypeError);
  });
});

describe("signJws", () => {
  it("signs bytes and text, also none", () => {
    for (const payload of ["", "text é", new Uint8Array([0, 255]), new Uint8Array([9, 0, 255, 9]).subarray(1, 3)]) {
      const { payload: read } = verifyJws(signJws(payload, { key }), { keys: key, algorithms: ["HS256"] });
      expect(Buffer.from(read)).toEqual(Buffer.from(payload));
    }
  });

  it("hands out a payload of its own memory", () => {
    const { payload } = verifyJws(signJws("x", { key }), { keys: key, algorithms: ["HS256"] });
    expect(payload.buffer.byteLength).toBe(1);
  });

  it("header parameters come after alg, typ and kid, and those that are refused cannot be set", () => {
    const [head = ""] = signJws("", { key, header: { cty: "json", typ: "x", "x-y": [1] } }).split(".");
    expect(Buffer.from(head, "base64url").toString()).toBe(`{"alg":"HS256","typ":"x","kid":"s","cty":"json","x-y":[1]}`);
    for (const name of ["alg", "kid", "crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"]) {
      expect(thrownBy(() => signJws("", { key, header: { [name]: "x" } }))).toBeInstanceOf(TypeError);
    }
    expect(thrownBy(() => signJws("", { key, header: { typ: 5 } }))).toBeInstanceOf(TypeError);
  });

  it("verifyJws compares typ where it is told to", () => {
    const token = signJws("", { key, header: { typ: "rt+jwt" } });
    expect(verifyJws(token, { keys: key, algorithms: ["HS256"], type: "application/RT+JWT" }).header.typ).toBe("rt+jwt");
    expect(thrownBy(() => verifyJws(token, { keys: key, algorithms: ["HS256"], type: "at+jwt" })).code).toBe("claim_invalid");
  });

  it.each<unknown>([null, undefined, 5, {}, [1], new ArrayBuffer(1)])("%s is no payload", (payload) => {
    expect(thrownBy(() => signJws(payload as string, { key }))).toBeInstanceOf(TypeError);
  });
});

it("a token decodes and verifies to the same claims", () => {
  const token = sign(goodClaims);
  expect(verifierFor(key)(token).claims).toEqual(decode(token).claims);
});
