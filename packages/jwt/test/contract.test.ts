import { describe, expect, it } from "vitest";

import {
  type Algorithm, createKeySet, createSigner, createVerifier, decode, generateKey, importKey, importPem, importSecret,
  JwtError, signJws, verifyJws,
} from "../src/index.ts";

const algorithms: Algorithm[] = [
  "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519",
];
const claims = { sub: "user-1", roles: ["admin"] };

describe.each(algorithms)("%s", (algorithm) => {
  const key = generateKey(algorithm, { keyId: "k1" });
  const parties = { issuer: "https://auth.example", audience: "api" };
  const sign = createSigner({ key, ...parties, expiresInSeconds: 60, clock: () => 1000_000 });
  const verify = createVerifier({ keys: key, algorithms: [algorithm], ...parties, clock: () => 1059_999 });

  it("verifies what it signed", () => {
    const { header, claims: verified, key: by } = verify(sign(claims));
    expect(header).toEqual({ alg: algorithm, typ: "JWT", kid: "k1" });
    expect(verified).toEqual({ ...claims, iss: "https://auth.example", aud: "api", iat: 1000, exp: 1060 });
    expect(by).toBe(key);
  });

  it("survives a round trip of its JWK", () => {
    const copy = importKey(key.privateJwk());
    expect(copy).toMatchObject({ algorithm, keyId: "k1", type: key.type });
    expect(verify(createSigner({ key: copy, ...parties, expiresInSeconds: 60, clock: () => 1000_000 })(claims)).key).toBe(key);
  });

  it("signs and verifies bytes", () => {
    const token = signJws(new Uint8Array([0, 255, 1]), { key, header: { typ: "rt+jwt" } });
    const { header, payload } = verifyJws(token, { keys: createKeySet([key]), algorithms: [algorithm] });
    expect([...payload]).toEqual([0, 255, 1]);
    expect(header.typ).toBe("rt+jwt");
  });

  it("refuses a flipped signature", () => {
    const [head, body, signature = ""] = sign(claims).split(".");
    const flipped = Buffer.from(signature, "base64url");
    flipped[5]! ^= 1;
    expect(() => verify(`${head}.${body}.${flipped.toString("base64url")}`)).toThrow(
      expect.objectContaining({ code: "signature_invalid" }),
    );
  });
});

describe("keys", () => {
  it("have their thumbprint as kid", () => {
    const key = generateKey("ES256");
    expect(key.keyId).toMatch(/^[\w-]{43}$/);
    expect(importKey({ ...key.publicJwk(), kid: undefined }).keyId).toBe(key.keyId);
  });

  it("come from PEM", () => {
    const pem = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`;
    const key = importPem(pem, { algorithm: "EdDSA", keyId: "pem" });
    expect(key).toMatchObject({ algorithm: "Ed25519", keyId: "pem", type: "private" });
  });

  it("come from secret bytes, without a kid that would give them away", () => {
    const key = importSecret(new Uint8Array(32).fill(200), { algorithm: "HS256" });
    expect(key.keyId).toBeUndefined();
    expect(decode(signJws("{}", { key })).header).toEqual({ alg: "HS256" });
  });

  it("show nothing when printed", () => {
    const key = generateKey("HS256", { keyId: "k" });
    expect(JSON.parse(JSON.stringify(key))).toEqual({ algorithm: "HS256", keyId: "k", type: "secret" });
  });
});

describe("key sets", () => {
  const [one, two] = [generateKey("ES256"), generateKey("Ed25519")];

  it("take public members of a document and list the rest", () => {
    const document = {
      keys: [one.publicJwk(), two.privateJwk(), { kty: "oct", k: "x" }, { kty: "RSA", kid: "bad" }, one.publicJwk(), 5],
    };
    const set = createKeySet(document);
    expect(set.size).toBe(1);
    expect(set.get(one.keyId ?? "")?.type).toBe("public");
    expect(set.ignored.map(({ index, kid }) => [index, kid])).toEqual([
      [1, two.keyId], [2, undefined], [3, "bad"], [4, one.keyId], [5, undefined],
    ]);
  });

  it("are swapped under a verifier whose cache lives on", () => {
    let set = createKeySet([one, two]);
    const options = { issuer: "i", audience: "a", clock: () => 0 };
    const verify = createVerifier({ keys: () => set, algorithms: ["ES256", "Ed25519"], ...options });
    const token = createSigner({ key: one, ...options, expiresInSeconds: 10 })({});
    const first = verify(token).claims;
    expect(verify(token).claims).toBe(first);
    set = createKeySet({ keys: [one.publicJwk()] });
    expect(verify(token).claims).toBe(first);
    set = createKeySet([two]);
    expect(() => verify(token)).toThrow(expect.objectContaining({ code: "unknown_key" }));
  });
});

it("errors are JwtErrors", () => {
  expect(() => decode("a.b.c")).toThrow(JwtError);
});
