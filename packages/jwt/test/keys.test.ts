/** What is a key, and what is none. The numbers are those of docs/jwt.md, "What is tested". */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import {
  type Algorithm, createKeySet, createSigner, decode, generateKey, importKey, importPem, importSecret, type Jwk, JwtError, signJws,
  verifyJws,
} from "../src/index.ts";
import { ALGORITHMS, forge, keyFor, refusal, thrownBy, tokenOf, verifierFor } from "./fixtures.ts";

const rsaJwk = keyFor("RS256").privateJwk();
const ecJwk = keyFor("ES256").privateJwk();
const edJwk = keyFor("Ed25519").privateJwk();
const bytesOf = (text = "") => Buffer.from(text, "base64url");
const publicOf = ({ kty, crv, n, e, x, y }: Jwk): Jwk =>
  JSON.parse(JSON.stringify({ kty, crv, n, e, x, y })) as Jwk;

describe("one key, one algorithm [checklist 4; advisories 13, 14]", () => {
  it.each<[string, Jwk, Algorithm]>([
    ["an RSA key", rsaJwk, "ES256"], ["an RS256 key", rsaJwk, "PS256"], ["an RS256 key", rsaJwk, "RS384"],
    ["a P-256 key", ecJwk, "ES384"], ["a P-256 key", ecJwk, "RS256"], ["a P-256 key", ecJwk, "Ed25519"],
    ["an Ed25519 key", edJwk, "ES256"], ["an Ed25519 key", edJwk, "HS256"], ["an RSA key", rsaJwk, "HS256"],
  ])("%s is refused for another: %s", (_, jwk, algorithm) => {
    expect(refusal(() => importKey(jwk, { algorithm }))).toBe("key_invalid");
    expect(refusal(() => importKey({ ...publicOf(jwk), alg: jwk.alg }, { algorithm }))).toBe("key_invalid");
  });

  it("an alg that the kind of key cannot have is refused", () => {
    for (const [jwk, alg] of [[rsaJwk, "ES256"], [ecJwk, "ES384"], [ecJwk, "RS256"], [edJwk, "ES256"], [edJwk, "HS256"], [rsaJwk, "HS256"]] as const) {
      expect(refusal(() => importKey({ ...jwk, alg }))).toBe("key_invalid");
      expect(refusal(() => importKey({ ...publicOf(jwk), alg }))).toBe("key_invalid");
    }
  });

  it("the same key under two algorithms does not get into a set", () => {
    const set = createKeySet([importKey(publicOf(rsaJwk), { algorithm: "RS256" }), importKey({ ...publicOf(rsaJwk), kid: "2" }, { algorithm: "PS256" })]);
    expect([...set].map((key) => key.algorithm)).toEqual(["RS256"]);
    expect(set.ignored).toMatchObject([{ index: 1, kid: "2" }]);
  });

  it("an RSA JWK without alg needs the option, EC and OKP say it themselves", () => {
    expect(refusal(() => importKey(publicOf(rsaJwk)))).toBe("key_invalid");
    expect(importKey(publicOf(rsaJwk), { algorithm: "PS512" }).algorithm).toBe("PS512");
    expect(importKey(publicOf(ecJwk)).algorithm).toBe("ES256");
    expect(importKey(publicOf(edJwk)).algorithm).toBe("Ed25519");
  });

  it.each(["RS1", "none", "RSA-OAEP", "ES256K", "dir", "", 5, null, "rs256"])("alg %j is no signature algorithm", (alg) => {
    expect(refusal(() => importKey({ ...publicOf(rsaJwk), alg }))).toBe("key_invalid");
  });
});

describe("RSA keys have 2048 bits and an exponent of 65537 or more [checklist 13]", () => {
  it.each([512, 1024, 2040])("%i bits", (modulusLength) => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength });
    for (const key of [publicKey, privateKey]) {
      expect(refusal(() => importKey(key.export({ format: "jwk" }), { algorithm: "RS256" }))).toBe("key_invalid");
    }
    const pem = publicKey.export({ type: "pkcs1", format: "pem" }) as string;
    expect(refusal(() => importPem(pem, { algorithm: "PS256" }))).toBe("key_invalid");
  });

  it.each(["Aw", "AQ", "EQ", "AQAA", "AAAA", "AQAC", "AQAAAAAAAAAB"])("e = %s", (e) => {
    expect(refusal(() => importKey({ ...publicOf(rsaJwk), e }, { algorithm: "RS256" }))).toBe("key_invalid");
  });

  it("a modulus too long is refused before anything is computed with it", () => {
    const n = Buffer.alloc(100_000, 0xff).toString("base64url");
    expect(refusal(() => importKey({ ...publicOf(rsaJwk), n }, { algorithm: "RS256" }))).toBe("key_invalid");
  });
});

describe("RSA keys that ROCA can factor are refused (CVE-2017-15361)", () => {
  it("none of a few thousand others is", () => {
    for (let i = 0; i < 3000; i++) {
      const n = createHash("shake256", { outputLength: 256 }).update(`${i}`).digest();
      n[0] = (n[0] ?? 0) | 0x80;
      n[255] = (n[255] ?? 0) | 1;
      expect(importKey({ kty: "RSA", n: n.toString("base64url"), e: "AQAB" }, { algorithm: "RS256" }).type).toBe("public");
    }
  });
});

describe("points are on their curve, and members are as they should be [checklist 13]", () => {
  const flip = (text = "") => {
    const bytes = bytesOf(text);
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    return bytes.toString("base64url");
  };
  const point = publicOf(ecJwk);
  it.each<[string, Record<string, unknown>]>([
    ["y off the curve", { y: flip(point.y) }], ["x = y = 0", { x: Buffer.alloc(32).toString("base64url"), y: Buffer.alloc(32).toString("base64url") }],
    ["x of 31 bytes", { x: bytesOf(point.x).subarray(1).toString("base64url") }],
    ["x of 33 bytes", { x: Buffer.concat([Buffer.alloc(1), bytesOf(point.x)]).toString("base64url") }],
    ["x padded", { x: `${point.x}=` }], ["x missing", { x: undefined }], ["x a number", { x: 5 }], ["y empty", { y: "" }],
    ["crv P-384", { crv: "P-384" }], ["crv missing", { crv: undefined }], ["crv secp256k1", { crv: "secp256k1" }],
    ["kty missing", { kty: undefined }], ["kty ec", { kty: "ec" }], ["kid empty", { kid: "" }], ["kid a number", { kid: 5 }],
    ["kid too long", { kid: "k".repeat(257) }], ["d of another key", { d: keyFor("ES384").privateJwk().d }],
    ["d of another P-256 key", { d: generateKey("ES256").privateJwk().d }], ["d = 0", { d: Buffer.alloc(32).toString("base64url") }],
  ])("%s", (_, members) => {
    expect(refusal(() => importKey({ ...point, ...members }))).toBe("key_invalid");
  });

  it("halves of different Ed25519 keys", () => {
    expect(refusal(() => importKey({ ...edJwk, x: generateKey("Ed25519").publicJwk().x }))).toBe("key_invalid");
  });

  it("halves of different RSA keys: a signature with them would give the key away", () => {
    const other = keyFor("RS384").privateJwk();
    for (const members of [{ n: other.n }, { d: other.d }, { dp: other.dp }, { qi: other.qi }, { p: other.p, q: other.q }]) {
      expect(refusal(() => importKey({ ...rsaJwk, ...members }))).toBe("key_invalid");
    }
    expect(refusal(() => importKey({ ...rsaJwk, p: undefined }))).toBe("key_invalid");
    expect(refusal(() => importKey({ ...rsaJwk, oth: [] }))).toBe("key_invalid");
  });

  it.each<[string, unknown]>([
    ["null", null], ["a list", [ecJwk]], ["a text", JSON.stringify(ecJwk)], ["a class", new (class { readonly kty = "EC"; })()],
    ["inherited members", Object.create(ecJwk)], ["members on a Map", Object.assign(new Map(), ecJwk)], ["{}", {}], ["a set", { keys: [ecJwk] }],
  ])("%s is no JWK", (_, jwk) => {
    expect(refusal(() => importKey(jwk as object))).toBe("key_invalid");
  });
});

describe("use and key_ops are honoured", () => {
  it.each<object>([
    { use: "enc" }, { use: "" }, { use: 5 }, { key_ops: [] }, { key_ops: ["encrypt"] }, { key_ops: "verify" }, { key_ops: ["sign"] },
    { key_ops: ["verify", "verify"] }, { key_ops: [null] }, { use: "sig", key_ops: ["deriveKey"] },
  ])("a public key with %j", (more) => {
    expect(refusal(() => importKey({ ...publicOf(ecJwk), ...more }))).toBe("key_invalid");
  });

  it("a private key must be for signing", () => {
    expect(refusal(() => importKey({ ...ecJwk, key_ops: ["verify"] }))).toBe("key_invalid");
    expect(importKey({ ...ecJwk, key_ops: ["sign"] }).publicKey().type).toBe("public");
  });

  it("a secret does only what it is for", () => {
    const jwk = { ...keyFor("HS256").privateJwk(), use: undefined };
    const [signing, verifying] = [importKey({ ...jwk, key_ops: ["sign"] }), importKey({ ...jwk, key_ops: ["verify"] })];
    const token = tokenOf(signing);
    expect(verifierFor(verifying)(token).key).toBe(verifying);
    expect(refusal(() => verifierFor(signing)(token))).toBe("unknown_key");
    expect(thrownBy(() => createSigner({ key: verifying }))).toBeInstanceOf(TypeError);
  });
});

describe("secrets are random bytes of the hash's length or more [checklist 12]", () => {
  it.each<[Algorithm, number]>([["HS256", 31], ["HS384", 47], ["HS512", 63], ["HS256", 0], ["HS512", 32]])("%s: %i are too few", (algorithm, length) => {
    expect(refusal(() => importSecret(randomBytes(length), { algorithm }))).toBe("key_invalid");
    expect(refusal(() => importKey({ kty: "oct", k: randomBytes(length).toString("base64url") }, { algorithm }))).toBe("key_invalid");
  });

  it.each([
    "your-256-bit-secret-your-256-bit-secret", "super-secret-jwt-token-with-at-least-32-characters-long", "a".repeat(64),
    "correct horse battery staple correct horse", "passwordpasswordpasswordpassword1!", "MySuperSecretPasswordForProduction2026",
    "00000000000000000000000000000000", "01234567890123456789012345678901", "abcdefghijklmnopqrstuvwxyz0123456789",
    "550e8400-e29b-41d4-a716-446655440000", "日本語の長い合言葉、誰にも言わないでください", "Qwertyuiopasdfghjklzxcvbnm,./Qwerty", "{\"secret\": \"0123456789abcdef0123\"}",
    "\"0123456789abcdef0123456789abcdef\"", "abababababababababababababababababababab",
  ])("%j looks written", (text) => {
    expect(refusal(() => importSecret(new TextEncoder().encode(text), { algorithm: "HS256" }))).toBe("key_invalid");
  });

  it("random bytes pass, raw or as the text of an encoding", () => {
    for (let i = 0; i < 1000; i++) {
      const bytes = createHash("sha256").update(`${i}`).digest();
      for (const secret of [bytes, Buffer.from(bytes.toString("hex")), Buffer.from(bytes.toString("base64")), Buffer.from(bytes.toString("base64url"))]) {
        expect(importSecret(secret, { algorithm: "HS256" }).type).toBe("secret");
      }
    }
  });

  it("a text is a TypeError that says what to do", () => {
    expect(thrownBy(() => importSecret("x".repeat(64) as never, { algorithm: "HS256" })).message).toContain("Buffer.from");
    expect(thrownBy(() => importSecret(randomBytes(32), { algorithm: "RS256" }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => importSecret(randomBytes(32), {} as never))).toBeInstanceOf(TypeError);
  });

  it("the caller's bytes can be overwritten afterwards", () => {
    const bytes = randomBytes(32);
    const key = importSecret(bytes, { algorithm: "HS256", keyId: "k" });
    const token = tokenOf(key);
    const jwk = key.privateJwk();
    bytes.fill(0);
    expect([tokenOf(key), key.privateJwk()]).toEqual([token, jwk]);
  });
});

describe("PEM", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const spki = publicKey.export({ type: "spki", format: "pem" }) as string;
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

  it("takes SPKI, PKCS#8, PKCS#1 and SEC 1, also with CRLF and a comment before it", () => {
    const texts = [spki, publicKey.export({ type: "pkcs1", format: "pem" }) as string, privateKey.export({ type: "pkcs1", format: "pem" }) as string];
    for (const text of [...texts, spki.replaceAll("\n", "\r\n"), `a comment\n${spki}`]) {
      expect(importPem(text, { algorithm: "RS256" }).algorithm).toBe("RS256");
    }
    expect(importPem(ec.export({ type: "sec1", format: "pem" }) as string, { algorithm: "ES256" }).type).toBe("private");
  });

  it.each<[string, string]>([
    ["nothing", ""], ["text", "hello"], ["two keys", spki + spki], ["an encrypted key", privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }) as string],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"], ["half a key", spki.slice(0, 200)],
    ["an EC key for RS256", ec.export({ type: "pkcs8", format: "pem" }) as string],
    ["an RSA-PSS key", generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" }) as string],
    ["an Ed448 key", generateKeyPairSync("ed448").publicKey.export({ type: "spki", format: "pem" }) as string],
  ])("refuses %s", (_, text) => {
    expect(refusal(() => importPem(text, { algorithm: "RS256" }))).toBe("key_invalid");
  });

  it("refuses a key on another curve", () => {
    for (const namedCurve of ["P-384", "P-521", "secp256k1"]) {
      const pem = generateKeyPairSync("ec", { namedCurve }).publicKey.export({ type: "spki", format: "pem" }) as string;
      expect(refusal(() => importPem(pem, { algorithm: "ES256" }))).toBe("key_invalid");
    }
  });

  it("refuses to be a secret, and to guess the algorithm", () => {
    expect(thrownBy(() => importPem(spki, { algorithm: "HS256" }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => importPem(spki, {} as never))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => importPem(Buffer.from(spki) as never, { algorithm: "RS256" }))).toBeInstanceOf(TypeError);
  });
});

describe("Ed25519 is the name, EdDSA is understood [checklist 14]", () => {
  const key = keyFor("Ed25519");
  it("in tokens, JWKs and options", () => {
    expect(decode(tokenOf(key)).header.alg).toBe("Ed25519");
    const older = forge(key, { alg: "EdDSA", typ: "JWT", kid: key.keyId });
    expect(verifierFor(key)(older).header.alg).toBe("EdDSA");
    expect(verifierFor(key, { algorithms: ["EdDSA"] })(tokenOf(key)).key).toBe(key);
    expect(importKey({ ...edJwk, alg: "EdDSA" }).publicJwk().alg).toBe("Ed25519");
    expect(importKey({ ...publicOf(edJwk) }, { algorithm: "EdDSA" }).algorithm).toBe("Ed25519");
  });
  it("Ed448 is neither", () => {
    const jwk = generateKeyPairSync("ed448").publicKey.export({ format: "jwk" });
    expect(refusal(() => importKey({ ...jwk, alg: "EdDSA" }))).toBe("key_invalid");
  });
});

describe("PS salts are as long as the hash [checklist 15]", () => {
  it.each<[Algorithm, number]>([["PS256", 32], ["PS384", 48], ["PS512", 64]])("%s: %i", async (algorithm, length) => {
    const { constants, sign, verify, createPrivateKey } = await import("node:crypto");
    const key = keyFor(algorithm);
    const token = tokenOf(key);
    const at = token.lastIndexOf(".");
    const input = Buffer.from(token.slice(0, at));
    const object = createPrivateKey({ key: key.privateJwk(), format: "jwk" });
    const hash = `sha${length * 8}`;
    const pss = (saltLength: number) => ({ key: object, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
    expect(verify(hash, input, { ...pss(length), key: createPublicKey(object) }, bytesOf(token.slice(at + 1)))).toBe(true);
    for (const other of [0, 20, length - 1, length + 1]) {
      const forged = `${token.slice(0, at)}.${sign(hash, input, pss(other)).toString("base64url")}`;
      expect(refusal(() => verifierFor(key)(forged))).toBe("signature_invalid");
    }
  });
});

describe("a set from elsewhere [advisory 37]", () => {
  const good = keyFor("ES256").publicJwk();
  const members: unknown[] = [
    { ...publicOf(rsaJwk), alg: "RS256", n: "AAAA", kid: "broken" }, { kty: "LMS", kid: "unknown" }, keyFor("HS256").privateJwk(), keyFor("ES384").privateJwk(),
    null, 5, "key", [], {}, { kty: "oct" }, { kty: "EC", d: null }, good, { ...good, x: "AAAA" }, good,
  ];

  it("one bad member spoils nothing; private and symmetric ones are ignored and reported", () => {
    const set = createKeySet({ keys: members });
    expect([...set].map((key) => key.keyId)).toEqual([good.kid]);
    expect(verifierFor(keyFor("ES256"), { keys: set })(tokenOf(keyFor("ES256"))).key.type).toBe("public");
    expect(set.ignored.map(({ index }) => index)).toEqual(members.flatMap((member, index) => (index === 11 || member === undefined ? [] : [index])));
    const reasons = Object.fromEntries(set.ignored.map(({ index, reason }) => [index, reason]));
    expect(reasons[2]).toContain("private or symmetric");
    expect(reasons[3]).toContain("private or symmetric");
    expect(JSON.stringify(set.ignored)).not.toContain(keyFor("HS256").privateJwk().k);
  });

  it("of different keys under one kid none is used; the same key twice is one", () => {
    const twin = { ...publicOf(edJwk), kid: good.kid };
    const set = createKeySet({ keys: [good, keyFor("RS256").publicJwk(), twin, good] });
    expect([...set].map((key) => key.algorithm)).toEqual(["RS256"]);
    expect(set.ignored.map(({ index, kid }) => [index, kid])).toEqual([[0, good.kid], [2, good.kid], [3, good.kid]]);
    expect(createKeySet([keyFor("ES256"), importKey(good)])).toMatchObject({ size: 1, ignored: [{ index: 1, kid: good.kid }] });
  });

  it("keys without kid are told apart by what they are", () => {
    const [one, other] = [importSecret(randomBytes(32), { algorithm: "HS256" }), importSecret(randomBytes(32), { algorithm: "HS256" })];
    const set = createKeySet([one, other]);
    expect(set.size).toBe(2);
    expect(refusal(() => verifierFor(one, { keys: set })(tokenOf(one)))).toBe("unknown_key");
  });

  it.each<unknown>([null, undefined, 5, "{}", {}, { keys: {} }, { keys: null }, { keys: "x" }, { Keys: [] }, Object.create({ keys: [] })])("%j is no JWK Set", (document) => {
    expect(refusal(() => createKeySet(document as object))).toBe("key_invalid");
  });

  it("an empty set is a set in which no token finds a key", () => {
    expect(refusal(() => verifierFor(keyFor("ES256"), { keys: createKeySet({ keys: [] }) })(tokenOf(keyFor("ES256"))))).toBe("unknown_key");
  });

  it("algorithms that are not allowed are left out; RSA without alg takes the first RSA algorithm", () => {
    const keys = [good, { ...publicOf(rsaJwk), kid: "r" }];
    expect([...createKeySet({ keys })].map((key) => key.algorithm)).toEqual(["ES256", "RS256"]);
    const set = createKeySet({ keys }, { algorithms: ["PS384", "RS256"] });
    expect([...set].map((key) => key.algorithm)).toEqual(["PS384"]);
    expect(set.ignored).toMatchObject([{ index: 0, kid: good.kid }]);
  });

  it("cannot be changed afterwards", () => {
    const list = [keyFor("ES256")];
    const set = createKeySet(list);
    list.push(keyFor("RS256"));
    expect(set.size).toBe(1);
    expect(() => Object.assign(set, { size: 5 })).toThrow(TypeError);
    expect(() => (set.ignored as unknown[]).push(1)).toThrow(TypeError);
    expect(Object.isFrozen(keyFor("ES256"))).toBe(true);
  });

  it("secrets and public keys do not mix", () => {
    expect(thrownBy(() => createKeySet([keyFor("HS256"), keyFor("ES256")]))).toBeInstanceOf(TypeError);
  });
});

describe("keys tell what they should", () => {
  it.each(ALGORITHMS)("%s: JWKs have one algorithm, and the public one no private member", (algorithm) => {
    const key = keyFor(algorithm);
    expect(key.privateJwk()).toMatchObject({ kid: key.keyId, alg: algorithm, use: "sig" });
    if (key.type === "secret") {
      expect(thrownBy(() => key.publicJwk())).toBeInstanceOf(TypeError);
      expect(thrownBy(() => key.publicKey())).toBeInstanceOf(TypeError);
      return;
    }
    expect(Object.keys(key.publicJwk()).toSorted()).toEqual(
      (key.algorithm.startsWith("E") ? (algorithm === "Ed25519" ? ["alg", "crv", "kid", "kty", "use", "x"] : ["alg", "crv", "kid", "kty", "use", "x", "y"]) : ["alg", "e", "kid", "kty", "n", "use"]),
    );
    const half = key.publicKey();
    expect([half.type, half.keyId, half.publicJwk()]).toEqual(["public", key.keyId, key.publicJwk()]);
    expect(thrownBy(() => half.privateJwk())).toBeInstanceOf(TypeError);
    expect(thrownBy(() => createSigner({ key: half }))).toBeInstanceOf(TypeError);
    expect(verifyJws(signJws("x", { key }), { keys: half, algorithms: [algorithm] }).key).toBe(half);
  });

  it("generated secrets have a random kid, not one made of the secret", () => {
    expect(generateKey("HS256").keyId).toMatch(/^[\w-]{22}$/);
    expect(thrownBy(() => generateKey("HS256", { keyId: "" }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => generateKey("none" as never))).toBeInstanceOf(TypeError);
  });

  it("JwtErrors are Errors", () => {
    expect(new JwtError("key_invalid", "x")).toBeInstanceOf(Error);
  });
});
