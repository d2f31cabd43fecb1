/** Nobody chooses the algorithm or the key but the verifier.
 * The numbers are those of docs/jwt.md, "What is tested". */
import { createPublicKey, type KeyObject } from "node:crypto";

import { describe, expect, it } from "vitest";

import {
  type Algorithm, createKeySet, createSigner, createVerifier, importKey, importPem, importSecret, type Key, signJws,
  type VerifierOptions, verifyJws,
} from "../src/index.ts";
import {
  AUDIENCE, encode, forge, forgeHmac, ISSUER, keyFor, NOW, refusal, signText, thrownBy, tokenOf, verifierFor,
} from "./fixtures.ts";

const rsa = keyFor("RS256");
const publicObject = (key: Key): KeyObject => createPublicKey({ key: key.publicJwk(), format: "jwk" });
const pem = (key: Key, type: "spki" | "pkcs1") => publicObject(key).export({ type, format: "pem" }) as string;
const der = (key: Key, type: "spki" | "pkcs1") => publicObject(key).export({ type, format: "der" });

describe("an allow-list is required [checklist 1; advisories 11, 12]", () => {
  const without = { keys: rsa, issuer: ISSUER, audience: AUDIENCE };
  it.each([undefined, null, [], "RS256", ["none"], ["None"], ["rs256"], [""], [undefined], [{}]])("%j throws", (algorithms) => {
    const options = { ...without, algorithms } as VerifierOptions;
    expect(thrownBy(() => createVerifier(options))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => verifyJws("a.b.c", { keys: rsa, algorithms: options.algorithms }))).toBeInstanceOf(TypeError);
  });
});

describe("alg none is never accepted [checklist 5; advisories 10, 11]", () => {
  it.each(["none", "None", "NONE", "nOnE"])("%s", (alg) => {
    const verify = verifierFor(rsa);
    const head = encode({ alg, typ: "JWT", kid: rsa.keyId });
    const body = tokenOf(rsa).split(".")[1];
    expect(refusal(() => verify(`${head}.${body}.`))).toBe("token_malformed");
    expect(refusal(() => verify(`${head}.${body}.AAAA`))).toBe("algorithm_not_allowed");
  });
});

describe("a public key is no secret [checklist 2; advisories 1 to 6]", () => {
  const edwards = keyFor("Ed25519");
  const rawEd25519 = Buffer.from(edwards.publicJwk().x ?? "", "base64url");
  const jwks = { keys: [rsa.publicJwk()] };
  const secrets: [string, string | Uint8Array][] = [
    ["SPKI PEM", pem(rsa, "spki")],
    ["PKCS#1 PEM", pem(rsa, "pkcs1")],
    ["Ed25519 PEM", pem(edwards, "spki")],
    ["PEM after a space", ` ${pem(rsa, "spki")}`],
    ["PEM after a line break", `\n${pem(rsa, "spki")}`],
    ["PEM after a byte order mark", `\ufeff${pem(rsa, "spki")}`],
    ["PEM after a comment", `# our key\n${pem(rsa, "spki")}`],
    ["PEM after a character", `x${pem(rsa, "spki")}`],
    ["PEM with CRLF", pem(rsa, "spki").replaceAll("\n", "\r\n")],
    ["PEM in one line", pem(rsa, "spki").replaceAll("\n", "")],
    ["SPKI DER", der(rsa, "spki")],
    ["PKCS#1 DER", der(rsa, "pkcs1")],
    ["JWK text", JSON.stringify(rsa.publicJwk())],
    ["JWK Set text", JSON.stringify(jwks)],
    ["JWK Set text, indented", JSON.stringify(jwks, null, 2)],
    ["nested JWK text", JSON.stringify({ x: rsa.publicJwk() })],
    ["JWK text after a byte order mark", `\ufeff ${JSON.stringify(rsa.publicJwk())}`],
    ["ssh-rsa text", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDf5cv1pT7 me@host"],
    ["ssh-ed25519 text", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8V1l9xkq2 me@host"],
  ];

  it.each(secrets)("%s is refused as a secret", (_, secret) => {
    const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
    expect(refusal(() => importSecret(bytes, { algorithm: "HS256" }))).toBe("key_invalid");
    const k = Buffer.from(bytes).toString("base64url");
    expect(refusal(() => importKey({ kty: "oct", k, alg: "HS256" }))).toBe("key_invalid");
  });

  it.each([...secrets, ["raw Ed25519 key", rawEd25519] as const, ["nothing", ""] as const])(
    "a token signed with %s is refused",
    (_, secret) => {
      for (const key of [rsa, edwards]) {
        for (const header of [{}, { kid: key.keyId }]) {
          const token = forgeHmac(secret, header);
          expect(refusal(() => verifierFor(key)(token))).toBe("algorithm_not_allowed");
          const both = verifierFor(key, { algorithms: [key.algorithm, "HS256"] });
          expect(["unknown_key", "algorithm_not_allowed"]).toContain(refusal(() => both(token)));
        }
      }
    },
  );
});

describe("a key is a Key [advisories 8, 9, 15]", () => {
  const called: string[] = [];
  const trap = { toString: () => called.push("toString"), valueOf: () => called.push("valueOf") };
  const proxy = new Proxy(rsa, { get: (_, name) => called.push(String(name)) });
  const lookalike = { algorithm: "RS256", keyId: "k", type: "public", verify: () => called.push("verify") };
  class NotAKey { readonly algorithm = "RS256"; }
  const values: [string, unknown][] = [
    ["empty text", ""], ["text", "secret"], ["PEM", pem(rsa, "spki")], ["null", null], ["undefined", undefined],
    ["empty bytes", Buffer.alloc(0)], ["bytes", Buffer.alloc(64)], ["{}", {}], ["toString", trap], ["Proxy", proxy],
    ["lookalike", lookalike], ["instance", new NotAKey()], ["KeyObject", publicObject(rsa)], ["JWK", rsa.publicJwk()],
    ["list", [rsa]], ["promise", Promise.resolve(rsa)], ["copy", Object.create(rsa)],
  ];

  it.each(values)("%s is a TypeError when it is configured, and nothing on it is called", (_, value) => {
    const keys = value as Key;
    const options = { algorithms: ["RS256" as const], issuer: ISSUER, audience: AUDIENCE };
    expect(thrownBy(() => createVerifier({ keys, ...options }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => createSigner({ key: keys }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => signJws("", { key: keys }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => createKeySet([keys]))).toBeInstanceOf(TypeError);
    expect(called).toEqual([]);
  });

  it.each(values)("%s returned for the key set verifies nothing", (_, value) => {
    const verify = verifierFor(rsa, { keys: () => value as never });
    expect(refusal(() => verify(tokenOf(rsa)))).toBe("unknown_key");
    expect(refusal(() => verify(forgeHmac("")))).toBe("algorithm_not_allowed");
  });

  it("an empty k is refused", () => {
    for (const k of ["", "=", "AA"]) {
      expect(refusal(() => importKey({ kty: "oct", k, alg: "HS256" }))).toBe("key_invalid");
    }
  });
});

describe("header.alg equals the key's algorithm [checklist 3; advisories 7, 13, 14]", () => {
  it("PS256 by an RS256 key, with both allowed", () => {
    const jwk = { ...rsa.privateJwk(), alg: "PS256" };
    const verify = verifierFor(rsa, { algorithms: ["RS256", "PS256"] });
    const token = tokenOf(importKey(jwk));
    expect(refusal(() => verify(token))).toBe("algorithm_not_allowed");
    const [, body, signature] = token.split(".");
    const relabelled = `${encode({ alg: "RS256", typ: "JWT", kid: rsa.keyId })}.${body}.${signature}`;
    expect(refusal(() => verify(relabelled))).toBe("signature_invalid");
  });

  it("HS256 with the kid of an RSA key, and the MAC of no key", () => {
    const verify = verifierFor(rsa, { algorithms: ["RS256", "HS256"] });
    expect(refusal(() => verify(forgeHmac("", { kid: rsa.keyId })))).toBe("algorithm_not_allowed");
  });

  it.each(["rs256", "RS256 ", "Rs256", "RS256\0", "RS384", "ES256K", "HS1", "RSA-OAEP", "dir"])("%j is not RS256", (alg) => {
    expect(refusal(() => verifierFor(rsa)(forge(rsa, { alg, typ: "JWT", kid: rsa.keyId })))).toBe("algorithm_not_allowed");
  });

  it.each([null, 1, true, ["RS256"], { RS256: 1 }, undefined])("%j is no alg at all", (alg) => {
    expect(refusal(() => verifierFor(rsa)(forge(rsa, { alg, typ: "JWT", kid: rsa.keyId })))).toBe("token_malformed");
  });
});

describe("a token brings no key [checklist 10; advisory 16]", () => {
  const attacker = keyFor("RS384");
  it.each([
    ["jwk", attacker.publicJwk()], ["jku", "https://evil.example/jwks"], ["x5u", "https://evil.example/cert"],
    ["x5c", ["MIIB"]], ["jwk", rsa.publicJwk()], ["jwk", null],
  ])("%s", (name, value) => {
    const verify = verifierFor(rsa, { algorithms: ["RS256", "RS384"] });
    expect(refusal(() => verify(tokenOf(rsa, undefined, { [name]: value })))).toBe("token_malformed");
    expect(refusal(() => verify(forge(attacker, { alg: "RS384", typ: "JWT", [name]: value })))).toBe("token_malformed");
    expect(refusal(() => verify(forge(attacker, { alg: "RS384", typ: "JWT" })))).toBe("unknown_key");
  });
});

describe("kid is a Map key and nothing else [checklist 11]", () => {
  const set = createKeySet([rsa, keyFor("ES256")]);
  it.each([
    "__proto__", "constructor", "toString", "hasOwnProperty", "' OR 1=1 --", "../../../dev/null", "key-RS256\0",
    "KEY-RS256", " key-RS256", "", "*", "https://evil.example",
  ])("%j finds nothing", (kid) => {
    expect(set.get(kid)).toBeUndefined();
    const token = forge(rsa, { alg: "RS256", typ: "JWT", kid });
    expect(refusal(() => verifierFor(rsa, { keys: set })(token))).toBe("unknown_key");
  });

  it.each([1, null, true, ["key-RS256"], { kid: "key-RS256" }])("%j is no kid", (kid) => {
    expect(refusal(() => verifierFor(rsa)(forge(rsa, { alg: "RS256", typ: "JWT", kid })))).toBe("token_malformed");
  });

  it("a token without kid takes the only key of its algorithm, and none where there are two", () => {
    const bare = forge(rsa, { alg: "RS256", typ: "JWT" });
    expect(verifierFor(rsa, { keys: set })(bare).key).toBe(rsa);
    const twin = importKey({ ...keyFor("PS256").privateJwk(), alg: "RS256", kid: "twin" });
    expect(refusal(() => verifierFor(rsa, { keys: createKeySet([rsa, twin]) })(bare))).toBe("unknown_key");
  });
});

describe("signatures nobody made [advisories 10, 17]", () => {
  const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
  const zero = Buffer.alloc(32);
  const one = Buffer.from([...zero.subarray(1), 1]);

  it.each<[Algorithm, string, Uint8Array]>([
    ["ES256", "zeros", Buffer.alloc(64)],
    ["ES256", "r = 0", Buffer.concat([zero, one])],
    ["ES256", "s = 0", Buffer.concat([one, zero])],
    ["ES256", "r = n", Buffer.concat([order, one])],
    ["ES256", "s = n", Buffer.concat([one, order])],
    ["ES256", "r = s = n", Buffer.concat([order, order])],
    ["ES256", "one byte", Buffer.alloc(1)],
    ["ES256", "half", Buffer.alloc(32, 1)],
    ["ES384", "zeros", Buffer.alloc(96)],
    ["ES512", "zeros", Buffer.alloc(132)],
    ["ES512", "ones", Buffer.alloc(132, 0xff)],
    ["Ed25519", "zeros", Buffer.alloc(64)],
    ["RS256", "zeros", Buffer.alloc(256)],
    ["RS256", "ones", Buffer.alloc(256, 0xff)],
    ["PS256", "zeros", Buffer.alloc(256)],
    ["HS256", "zeros", Buffer.alloc(32)],
    ["HS256", "the first half", Buffer.alloc(16)],
  ])("%s: %s", (algorithm, _, signature) => {
    const key = keyFor(algorithm);
    const input = tokenOf(key).split(".").slice(0, 2).join(".");
    expect(refusal(() => verifierFor(key)(`${input}.${encode(signature)}`))).toBe("signature_invalid");
  });

  it("ES256 as DER", () => {
    const key = keyFor("ES256");
    const token = tokenOf(key);
    const raw = Buffer.from(token.split(".")[2] ?? "", "base64url");
    const asDer = Buffer.concat([Buffer.from([0x30, 68, 2, 32]), raw.subarray(0, 32), Buffer.from([2, 32]), raw.subarray(32)]);
    const forged = `${token.slice(0, token.lastIndexOf(".") + 1)}${encode(asDer)}`;
    expect(refusal(() => verifierFor(key)(forged))).toBe("signature_invalid");
  });

  it("no signature at all", () => {
    const input = tokenOf(rsa).split(".").slice(0, 2).join(".");
    expect(refusal(() => verifierFor(rsa)(`${input}.`))).toBe("token_malformed");
    expect(refusal(() => verifierFor(rsa)(input))).toBe("token_malformed");
  });
});

describe("the order of checks is format, algorithm, key, signature, claims [advisory 18; checklist 20]", () => {
  const expired = { iss: "other", exp: NOW - 1 };
  const stranger = keyFor("ES256");
  it("each stage speaks before the next", () => {
    const verify = verifierFor(rsa);
    const badSignature = `${tokenOf(rsa, expired).slice(0, -8)}AAAAAAAA`;
    expect(refusal(() => verify(`${badSignature}=`))).toBe("token_malformed");
    expect(refusal(() => verify(forge(stranger, { alg: "ES256", kid: "x" }, expired)))).toBe("algorithm_not_allowed");
    expect(refusal(() => verify(forge(rsa, { alg: "RS256", kid: "x" }, expired)))).toBe("unknown_key");
    expect(refusal(() => verify(badSignature))).toBe("signature_invalid");
    expect(refusal(() => verify(tokenOf(rsa, { ...expired, aud: AUDIENCE })))).toBe("claim_invalid iss");
    expect(refusal(() => verify(tokenOf(rsa, { iss: ISSUER, aud: AUDIENCE, exp: NOW - 1 })))).toBe("token_expired exp");
  });
});

describe("errors give nothing away [checklist 20, 21]", () => {
  it("neither token, nor claims, nor keys, nor OpenSSL's words", () => {
    const verify = verifierFor(rsa);
    const tokens = [
      tokenOf(rsa, { iss: "iss-of-token", secret: "do-not-print" }), `${tokenOf(rsa).slice(0, -8)}AAAAAAAA`,
      forge(rsa, { alg: "alg-of-token" }), forge(rsa, { alg: "RS256", kid: "kid-of-token" }), signText(rsa, "a.b"),
    ];
    for (const token of tokens) {
      const error = thrownBy(() => verify(token));
      const said = JSON.stringify([Object.entries(error), error.message, error.cause]);
      expect(said).not.toMatch(/of-token|do-not-print|error:|OpenSSL|0x|ERR_/);
      expect(said).not.toContain(token.slice(0, 12));
      expect(error).not.toHaveProperty("claims");
    }
    expect(thrownBy(() => importPem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", { algorithm: "RS256" })).message)
      .toBe("The PEM block cannot be read as a key.");
  });

  it("MACs are compared in constant time: the one comparison is timingSafeEqual", async () => {
    const { readFile } = await import("node:fs/promises");
    const source = await readFile(new URL("../src/hmac.ts", import.meta.url), "utf8");
    expect(source).toContain("return timingSafeEqual(expected, signature);");
    expect(source).not.toMatch(/===\s*signature|\.equals\(|compare\(/);
  });

});
