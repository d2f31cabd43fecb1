/** What a token must say. The numbers are those of docs/jwt.md, "What is tested". */
import { describe, expect, it } from "vitest";

import { createVerifier, type VerifierOptions } from "../src/index.ts";
import { AUDIENCE, goodClaims, ISSUER, keyFor, NOW, refusal, signText, encode, thrownBy, tokenOf, verifierFor } from "./fixtures.ts";

const key = keyFor("HS256");
const verify = verifierFor(key);
const judge = (claims: object, options?: Partial<VerifierOptions>) =>
  refusal(() => (options ? verifierFor(key, options) : verify)(tokenOf(key, claims)));
const without = (name: string) => Object.fromEntries(Object.entries(goodClaims).filter(([claim]) => claim !== name));

describe("times are finite numbers [checklist 16; advisories 23, 25]", () => {
  it.each(["exp", "nbf", "iat"])("%s", (name) => {
    for (const value of ["1", "9999999999", "", true, false, null, [NOW], [], {}, { valueOf: 1 }]) {
      expect(judge({ ...goodClaims, [name]: value })).toBe(`claim_invalid ${name}`);
    }
    for (const text of ["1e400", "-1e400"]) {
      const payload = JSON.stringify({ ...goodClaims, [name]: 0 }).replace(`"${name}":0`, `"${name}":${text}`);
      const head = encode({ alg: "HS256", typ: "JWT", kid: key.keyId });
      expect(refusal(() => verify(signText(key, `${head}.${encode(payload)}`)))).toBe(`claim_invalid ${name}`);
    }
  });

  it("exp is required, and a token is refused from that second on", () => {
    expect(judge(without("exp"))).toBe("claim_missing exp");
    expect(judge({ ...goodClaims, exp: NOW })).toBe("token_expired exp");
    expect(judge({ ...goodClaims, exp: NOW - 1 })).toBe("token_expired exp");
    expect(judge({ ...goodClaims, exp: 0 })).toBe("token_expired exp");
    expect(judge({ ...goodClaims, exp: -1 })).toBe("token_expired exp");
    expect(verify(tokenOf(key, { ...goodClaims, exp: NOW + 0.5 })).claims.exp).toBe(NOW + 0.5);
  });

  it("nbf is heeded to the second", () => {
    expect(judge({ ...goodClaims, nbf: NOW + 1 })).toBe("token_not_active nbf");
    expect(verify(tokenOf(key, { ...goodClaims, nbf: NOW })).claims.nbf).toBe(NOW);
  });

  it("the tolerance moves both edges, and by no more than it says", () => {
    const clockToleranceSeconds = 5;
    const tolerant = verifierFor(key, { clockToleranceSeconds });
    expect(tolerant(tokenOf(key, { ...goodClaims, exp: NOW - 4, nbf: NOW + 5 })).claims.sub).toBe("user-1");
    expect(judge({ ...goodClaims, exp: NOW - 5 }, { clockToleranceSeconds })).toBe("token_expired exp");
    expect(judge({ ...goodClaims, nbf: NOW + 6 }, { clockToleranceSeconds })).toBe("token_not_active nbf");
  });

  it("a clock that is no clock lets nothing through", () => {
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, undefined, "x"]) {
      expect(judge(goodClaims, { clock: () => now as number })).toMatch(/^token_/);
    }
  });
});

describe("options are checked when they are given [advisory 24]", () => {
  it.each([Number.POSITIVE_INFINITY, Number.NaN, -1, "5", 60.1, 61, null, {}])("tolerance %s throws", (clockToleranceSeconds) => {
    const options = { clockToleranceSeconds } as Partial<VerifierOptions>;
    expect(thrownBy(() => verifierFor(key, options))).toBeInstanceOf(TypeError);
  });

  it.each<[string, object]>([
    ["no issuer", { issuer: undefined }], ["empty issuer", { issuer: "" }], ["issuers", { issuer: [ISSUER] }],
    ["a pattern", { issuer: /x/ }], ["no audience", { audience: undefined }], ["empty audience", { audience: "" }],
    ["no audiences", { audience: [] }], ["a pattern of audiences", { audience: /api/g }], ["a number", { audience: [1] }],
    ["type", { type: "" }], ["requiredClaims", { requiredClaims: "sub" }], ["required numbers", { requiredClaims: [1] }],
    ["max age 0", { maxTokenAgeSeconds: 0 }], ["max age Infinity", { maxTokenAgeSeconds: Number.POSITIVE_INFINITY }],
    ["max age text", { maxTokenAgeSeconds: "1h" }], ["clock", { clock: 5 }], ["cache true", { cache: true }],
    ["cache 0", { cache: { maxTokens: 0 } }], ["cache Infinity", { cache: { maxTokens: Number.POSITIVE_INFINITY } }],
    ["a foreign option", { ignoreExpiration: true }], ["another", { maxAge: 5 }], ["a misspelt one", { clockTolerance: 5 }],
  ])("%s throws", (_, options) => {
    expect(thrownBy(() => verifierFor(key, options))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => createVerifier(null as never))).toBeInstanceOf(TypeError);
  });
});

describe("iss is ours, exactly [checklist 17; advisory 30]", () => {
  it.each<unknown>([
    "https://auth.exampl", "https://auth.example/", "ttps://auth.example", "https://auth.example.evil", "HTTPS://auth.example",
    " https://auth.example", "", [ISSUER], { 0: ISSUER }, 1, null, true,
  ])("%j is not", (iss) => {
    expect(judge({ ...goodClaims, iss })).toBe("claim_invalid iss");
  });
  it("nor is none", () => expect(judge(without("iss"))).toBe("claim_missing iss"));
});

describe("aud contains us, exactly [checklist 18; advisory 31]", () => {
  it.each<unknown>([
    [], "", [1], {}, null, 1, true, "https://api.exampl", `${AUDIENCE}/`, AUDIENCE.toUpperCase(), [[AUDIENCE]], ["other"],
    [AUDIENCE, 1], [AUDIENCE, null], { 0: AUDIENCE, length: 1 }, `${AUDIENCE} other`,
  ])("%j does not", (aud) => {
    expect(judge({ ...goodClaims, aud })).toBe("claim_invalid aud");
  });
  it("nor does none", () => expect(judge(without("aud"))).toBe("claim_missing aud"));

  it("one of several is enough, on either side", () => {
    expect(verify(tokenOf(key, { ...goodClaims, aud: ["other", AUDIENCE] })).key).toBe(key);
    expect(verifierFor(key, { audience: ["mine", AUDIENCE] })(tokenOf(key)).key).toBe(key);
    expect(judge(goodClaims, { audience: ["mine", "yours"] })).toBe("claim_invalid aud");
  });
});

describe("typ keeps kinds of tokens apart [checklist 19]", () => {
  const typed = (typ: unknown) => tokenOf(key, goodClaims, { typ });
  const access = verifierFor(key, { type: "at+jwt" });

  it.each(["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"])("%s is an access token", (typ) => {
    expect(access(typed(typ)).header.typ).toBe(typ);
    expect(verifierFor(key, { type: typ })(typed("at+jwt")).key).toBe(key);
  });

  it.each(["JWT", "rt+jwt", "at+jwt2", "xat+jwt", "", "application/", "text/at+jwt", "application/x/at+jwt", "at+jwt "])(
    "%j is not",
    (typ) => expect(refusal(() => access(typed(typ)))).toBe("claim_invalid typ"),
  );

  it("a type with a slash keeps what is before it", () => {
    const odd = verifierFor(key, { type: "text/x" });
    expect(odd(typed("Text/X")).key).toBe(key);
    expect(refusal(() => odd(typed("application/text/x")))).toBe("claim_invalid typ");
  });

  it("a token without typ is no kind", () => {
    expect(refusal(() => access(typed(undefined)))).toBe("claim_missing typ");
    expect(refusal(() => verify(typed(undefined)))).toBe("claim_missing typ");
  });

  it.each([1, null, ["at+jwt"], {}])("%j is no typ", (typ) => {
    expect(refusal(() => access(typed(typ)))).toBe("token_malformed");
  });
});

describe("other claims", () => {
  it.each(["sub", "jti"])("%s is a text", (name) => {
    for (const value of [1, null, true, [], {}]) expect(judge({ ...goodClaims, [name]: value })).toBe(`claim_invalid ${name}`);
  });

  it("required ones are the token's own [advisory 29]", () => {
    const requiredClaims = ["sub", "toString"];
    expect(judge(goodClaims, { requiredClaims })).toBe("claim_missing toString");
    const claims = { ...goodClaims, toString: null };
    expect(verifierFor(key, { requiredClaims })(tokenOf(key, claims)).claims.sub).toBe("user-1");
    expect(judge({ ...claims, exp: NOW - 1 }, { requiredClaims })).toBe("token_expired exp");
    expect(judge({ ...claims, iss: "x" }, { requiredClaims })).toBe("claim_invalid iss");
  });
});

describe("maxTokenAgeSeconds bounds a token's life [advisory 28]", () => {
  const maxTokenAgeSeconds = 100;
  it.each<[object, string]>([
    [{ iat: NOW - 100, exp: NOW + 1 }, "claim_invalid exp"],
    [{ iat: NOW, exp: NOW + 101 }, "claim_invalid exp"],
    [{ iat: NOW, exp: 1e300 }, "claim_invalid exp"],
    [{ iat: NOW + 1, exp: NOW + 2 }, "token_not_active iat"],
    [{ iat: NOW - 100, exp: NOW }, "token_expired exp"],
    [{ iat: undefined, exp: NOW + 1 }, "claim_missing iat"],
  ])("%j", (claims, expected) => {
    expect(judge({ ...goodClaims, ...claims }, { maxTokenAgeSeconds })).toBe(expected);
  });

  it("an age is reached even where the tolerance holds exp open", () => {
    const claims = { ...goodClaims, iat: NOW - 104, exp: NOW - 4 };
    expect(verifierFor(key, { maxTokenAgeSeconds, clockToleranceSeconds: 5 })(tokenOf(key, claims)).key).toBe(key);
    expect(judge({ ...claims, iat: NOW - 106, exp: NOW - 6 }, { maxTokenAgeSeconds, clockToleranceSeconds: 5 })).toBe("token_expired exp");
  });
});
