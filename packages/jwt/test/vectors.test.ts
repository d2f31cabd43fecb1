import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
  type AlgorithmName, createKeySet, createVerifier, decode, importKey, type Jwk, JwtError, signJws, verifyJws,
} from "../src/index.ts";

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, "vectors", path), "utf8"));
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const refusedWith = (code: string) => expect.objectContaining({ name: "JwtError", code }) as JwtError;

interface Rfc7515 {
  vectors: { id: string; alg: AlgorithmName; deterministic: boolean; privateJwk: Jwk; publicJwk: Jwk; compact: string; header_text: string; payload_text: string }[];
}

describe("RFC 7515, Appendix A", () => {
  const { vectors } = read("rfc/rfc7515.json") as Rfc7515;
  const signed = vectors.filter(({ id }) => id !== "rfc7515-A.5");

  it.each(signed)("$id verifies", ({ alg, publicJwk, compact, payload_text }) => {
    const keys = importKey(publicJwk, { algorithm: alg });
    expect(textOf(verifyJws(compact, { keys, algorithms: [alg] }).payload)).toBe(payload_text);
  });

  it.each(signed)("$id: the private key makes a signature for the same input", ({ alg, privateJwk, payload_text }) => {
    const key = importKey(privateJwk, { algorithm: alg });
    expect(textOf(verifyJws(signJws(payload_text, { key }), { keys: key, algorithms: [alg] }).payload)).toBe(payload_text);
  });

  it("A.5, unsecured, is refused", () => {
    const { compact } = vectors.find(({ id }) => id === "rfc7515-A.5") ?? { compact: "" };
    const keys = importKey(signed[1]?.publicJwk ?? {}, { algorithm: "RS256" });
    expect(() => verifyJws(compact, { keys, algorithms: ["RS256"] })).toThrow(refusedWith("token_malformed"));
  });
});

describe("RFC 7517, Appendix A", () => {
  type Document = { keys: Jwk[] };
  const sets = read("rfc/rfc7517.json") as Record<"A.1_public_set" | "A.2_private_set" | "A.3_symmetric_set", Document>;

  it("A.1: takes the RSA key, leaves out the one for encryption", () => {
    const set = createKeySet(sets["A.1_public_set"]);
    expect([...set].map((key) => key.keyId)).toEqual(["2011-04-29"]);
    expect(set.ignored).toEqual([{ index: 0, kid: "1", reason: "The JWK's use is not sig." }]);
  });

  it.each(["A.2_private_set", "A.3_symmetric_set"] as const)("%s yields nothing as a published set", (name) => {
    const set = createKeySet(sets[name]);
    expect(set.size).toBe(0);
    expect(set.ignored.length).toBe(2);
  });
});

describe("RFC 7519", () => {
  interface Rfc7519 {
    "s3.1": { compact: string; clock_cases: { now: number; clockToleranceSec: number; expect: string }[] };
    "s6.1_unsecured": { compact: string };
    "A.1_encrypted": { compact: string };
    "A.2_nested": { compact: string };
  }
  const vectors = read("rfc/rfc7519.json") as Rfc7519;
  const [hs256] = (read("rfc/rfc7515.json") as Rfc7515).vectors;
  const key = importKey(hs256?.privateJwk ?? {}, { algorithm: "HS256" });

  // The example has no aud, which our verifiers insist on: its claims are signed again with one.
  it.each(vectors["s3.1"].clock_cases)("section 3.1 at $now, tolerance $clockToleranceSec: $expect", (one) => {
    const { claims } = decode(vectors["s3.1"].compact);
    const token = signJws(JSON.stringify({ ...claims, aud: "a" }), { key, header: { typ: "JWT" } });
    const clock = () => one.now * 1000;
    const verify = createVerifier({
      keys: key, algorithms: ["HS256"], issuer: "joe", audience: "a", clockToleranceSeconds: one.clockToleranceSec, clock,
    });
    if (one.expect === "valid") expect(verify(token).claims["http://example.com/is_root"]).toBe(true);
    else expect(() => verify(token)).toThrow(refusedWith("token_expired"));
  });

  it.each(["s6.1_unsecured", "A.1_encrypted", "A.2_nested"] as const)("%s is refused", (name) => {
    expect(() => verifyJws(vectors[name].compact, { keys: key, algorithms: ["HS256"] })).toThrow(
      refusedWith("token_malformed"),
    );
  });
});

describe("RFC 7520", () => {
  interface Example {
    title: string;
    reproducible?: boolean;
    input: { payload: string; key: Jwk; alg: AlgorithmName };
    signing: { protected: Record<string, unknown> };
    output: { compact: string };
  }
  const { jws } = read("rfc/rfc7520.json") as { jws: Record<string, Example> };
  const compact = ["4_1", "4_2", "4_3", "4_4"].map((section) => {
    const [name = ""] = Object.keys(jws).filter((key) => key.startsWith(section));
    return { section, ...(jws[name] as Example) };
  });

  it.each(compact)("$section $title", ({ input, output, reproducible }) => {
    const key = importKey(input.key, { algorithm: input.alg });
    const { header, payload } = verifyJws(output.compact, { keys: key, algorithms: [input.alg] });
    expect(textOf(payload)).toBe(input.payload);
    expect(header.kid).toBe(key.keyId);
    if (reproducible) expect(signJws(input.payload, { key })).toBe(output.compact);
  });

  it("4.5: a detached payload is not one we were given", () => {
    const { input, output } = jws["4_5.signature_with_detached_content"] as Example;
    const options = { keys: importKey(input.key, { algorithm: input.alg }), algorithms: [input.alg] };
    expect(() => verifyJws(output.compact, options)).toThrow(refusedWith("signature_invalid"));
    const [head, , signature] = output.compact.split(".");
    const attached = `${head}.${Buffer.from(input.payload).toString("base64url")}.${signature}`;
    expect(textOf(verifyJws(attached, options).payload)).toBe(input.payload);
  });
});

describe("RFC 7638, RFC 8037 and RFC 9449 thumbprints", () => {
  const { more, ...rfc7638 } = (read("rfc/rfc7638.json") as { jwk: Jwk; sha256: string; more: Record<string, { jwk: Jwk; sha256: string }> });

  it.each(Object.entries({ rfc7638, ...more }))("%s", (_, { jwk, sha256 }) => {
    expect(importKey({ ...jwk, kid: undefined }).keyId).toBe(sha256);
  });
});

describe("RFC 7797", () => {
  it("b64 is refused", () => {
    const { b64_false_detached: example } = (read("rfc/rfc7797.json") as { b64_false_detached: { input: { key: Jwk }; output: { compact: string } } });
    const keys = importKey(example.input.key);
    const [head, payload = "", signature] = example.output.compact.split(".");
    const encoded = `${head}.${Buffer.from(payload).toString("base64url")}.${signature}`;
    for (const token of [example.output.compact, encoded, `${head}..${signature}`]) {
      expect(() => verifyJws(token, { keys, algorithms: ["HS256"] })).toThrow(refusedWith("token_malformed"));
    }
  });
});

describe("RFC 8037, Appendix A.4", () => {
  interface Example { input: { payload: string; key: Jwk }; output: { compact: string } }
  const { input, output } = (read("rfc/rfc8037.json") as { rfc8037_A4_ed25519: Example }).rfc8037_A4_ed25519;

  it("verifies under the older name, and signs under the newer one", () => {
    const key = importKey(input.key);
    const { header, payload } = verifyJws(output.compact, { keys: key, algorithms: ["Ed25519"] });
    expect([header.alg, textOf(payload)]).toEqual(["EdDSA", input.payload]);
    expect(decode(signJws("{}", { key })).header.alg).toBe("Ed25519");
  });
});

describe("RFC 9449", () => {
  const { jwts } = (read("rfc/rfc9449.json") as { jwts: { compact: string; header: { jwk?: Jwk }; payload: object }[] });
  const proofs = jwts.filter(({ header }) => header.jwk);

  it.each(proofs)("proof $payload.jti at $payload.iat verifies with its own key, when asked to", ({ compact, header, payload }) => {
    const options = { keys: importKey(header.jwk ?? {}), algorithms: ["ES256" as const] };
    expect(() => verifyJws(compact, options)).toThrow(refusedWith("token_malformed"));
    const proof = verifyJws(compact, { ...options, type: "dpop+jwt", allowJwkHeader: true });
    expect(JSON.parse(textOf(proof.payload))).toEqual(payload);
  });

  it("the bound access token decodes", () => {
    const { compact, payload } = jwts.find(({ header }) => !header.jwk) ?? { compact: "", payload: {} };
    expect(decode(compact).claims).toEqual(payload);
  });
});

describe("Wycheproof, json_web_crypto_test", () => {
  interface Group {
    comment: string;
    public?: Jwk;
    private?: Jwk;
    tests: { tcId: number; comment: string; jws?: unknown; jwe?: unknown; result: "valid" | "invalid" }[];
  }
  const { testGroups } = read("wycheproof/json_web_crypto_test.json") as { testGroups: Group[] };

  /** As a caller would: one key by itself, a set member by member; exactly as written. */
  function payloadOf(jwk: Jwk, token: unknown): string {
    const members = (Array.isArray(jwk["keys"]) ? jwk["keys"] : [jwk]) as Jwk[];
    const keys = createKeySet(members.map((member) => importKey(member)));
    const algorithms = members.map(({ alg }) => alg as AlgorithmName);
    return textOf(verifyJws(token as string, { keys, algorithms }).payload);
  }

  const signatures = testGroups.flatMap((group) => group.tests.filter(({ jws }) => jws !== undefined).map((test) => ({ ...group, ...test })));
  it.each(signatures)("$tcId $comment: $result", ({ tcId, jws, result, ...group }) => {
    const jwk = group.public ?? group.private ?? ({} as Jwk);
    if (result === "valid") {
      expect(payloadOf(jwk, jws)).toBe(textOf(Buffer.from(String(jws).split(".")[1] ?? "", "base64url")));
    } else if (tcId === 47) {
      expect(() => payloadOf(jwk, jws)).toThrow("Secrets and public keys do not go into one set");
    } else {
      expect(() => payloadOf(jwk, jws)).toThrow(JwtError);
    }
  });

  const encrypted = testGroups.flatMap(({ tests }) => tests.filter(({ jwe }) => jwe !== undefined));
  it.each(encrypted)("$tcId, a JWE, is not a JWS", ({ jwe }) => {
    const keys = importKey((read("rfc/rfc7515.json") as Rfc7515).vectors[0]?.privateJwk ?? {}, { algorithm: "HS256" });
    expect(() => verifyJws(jwe as string, { keys, algorithms: ["HS256"] })).toThrow(refusedWith("token_malformed"));
  });

  it("are all there", () => {
    expect([signatures.length, encrypted.length]).toEqual([49, 34]);
  });
});
