import { createHmac, generateKeyPairSync, sign, type JsonWebKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, test } from "vitest";
import { joinToken } from "../../test/issuer.ts";
import { createProver } from "../../test/prover.ts";
import { accessTokenHash, DPOP_ALGORITHMS, DpopProofError, readDpopHeader, verifyDpopProof } from "./dpop-proof.ts";

const NOW = 1_800_000_000;
const ADDRESS = "https://api.example/orders";
const TOKEN = "aaa.bbb.ccc";
const prover = createProver();
const request = { url: ADDRESS, nowSeconds: NOW };

/** What is said of a proof for `request`, or one that differs by `changes`; "good" when it is. */
function verdict(proof: unknown, changes: object = {}): string {
  try {
    verifyDpopProof(proof as string, { method: "GET", ...request, ...changes });
  } catch (error) {
    if (error instanceof DpopProofError) return error.message;
    throw error;
  }
  return "good";
}

/** The same of a proof that is good but for what is said here. */
const claiming = (claims: object) => verdict(prover.prove(request, claims));
const headed = (header: object) => verdict(prover.prove(request, {}, header));

test("a proof for this request tells whose it is", () => {
  const proof = prover.prove({ ...request, accessToken: TOKEN, nonce: "n" }, { jti: "one" });
  expect(verifyDpopProof(proof, { method: "GET", ...request, accessToken: TOKEN })).toEqual({
    thumbprint: prover.thumbprint,
    jti: "one",
    issuedAt: NOW,
    nonce: "n",
  });
  expect(verifyDpopProof(prover.prove(request), { method: "GET", ...request }).nonce).toBeNull();
});

test("the proofs that stand in RFC 9449 are good", () => {
  interface Vectors {
    access_token: string;
    ath: string;
    jkt: string;
    jwts: { compact: string; payload: { htm: string; htu: string; iat: number; ath?: string } }[];
  }
  const file = new URL("../../../jwt/test/vectors/rfc/rfc9449.json", import.meta.url);
  const { access_token: accessToken, ath, jkt, jwts } = JSON.parse(readFileSync(file, "utf8")) as Vectors;
  expect(accessTokenHash(accessToken)).toBe(ath);
  const proofs = jwts.filter(({ payload }) => "htu" in payload);
  expect(proofs.length).toBeGreaterThan(2);
  for (const { compact, payload } of proofs) {
    const { htm: method, htu: url, iat: nowSeconds } = payload;
    const withToken = payload.ath === undefined ? {} : { accessToken };
    expect(verifyDpopProof(compact, { method, url, nowSeconds, ...withToken }).thumbprint).toBe(jkt);
  }
});

test("another library's proofs are good, by each algorithm that is announced", async () => {
  for (const alg of DPOP_ALGORITHMS) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const shown = await exportJWK(publicKey);
    const named = { kid: "of mine", jwk: { ...shown, kid: "another", use: "sig", key_ops: ["verify"], alg } };
    for (const header of [{ jwk: shown }, named]) {
      const proof = new SignJWT({ htm: "GET", htu: ADDRESS }).setIssuedAt(NOW).setJti(alg);
      const text = await proof.setProtectedHeader({ typ: "dpop+jwt", alg, ...header }).sign(privateKey);
      expect([alg, verdict(text)]).toEqual([alg, "good"]);
    }
  }
});

test("§4.3 no. 1: there is one DPoP header at most", () => {
  const read = (...values: string[]) => readDpopHeader(new Headers(values.map((value) => ["DPoP", value])));
  expect(read()).toBeNull();
  expect(read("a.b.c")).toBe("a.b.c");
  expect(() => read("a.b.c", "a.b.c")).toThrow(DpopProofError);
  expect(() => read("a.b.c", "")).toThrow(DpopProofError);
});

test("§4.3 no. 2: a proof is one well-formed JWT", () => {
  const [head, body, signature] = prover.prove(request).split(".");
  for (const text of ["", ".", "..", `${head}.${body}`, `${head}.${body}.`, `${head}.${body}.${signature}=`, ` ${head}.${body}.${signature}`, undefined, 1, {}]) {
    expect(verdict(text)).not.toBe("good");
  }
  expect(headed({ crit: ["exp"] })).not.toBe("good");
  expect(headed({ b64: false })).not.toBe("good");
  expect(verdict(prover.prove(request, { padding: "x".repeat(4096) }))).toMatch("too long");
});

test("§4.3 no. 3: every claim that is required has to be there, and be of its type", () => {
  for (const value of [undefined, null, 1, "", [], {}, true, "x".repeat(257)]) {
    expect(claiming({ jti: value })).toMatch("jti");
    expect(claiming({ htm: value })).toMatch("htm");
    expect(claiming({ htu: value })).toMatch("htu");
  }
  for (const value of [undefined, null, "1800000000", [NOW], {}, true]) expect(claiming({ iat: value })).toMatch("iat");
  expect(claiming({ jti: "x".repeat(256) })).toBe("good");
});

test("§4.3 no. 4: the typ is dpop+jwt, and nothing else", () => {
  for (const typ of [undefined, "JWT", "at+jwt", "application/dpop+jwt", "DPoP+JWT", "dpop+jwt ", ["dpop+jwt"]]) {
    expect(headed({ typ })).not.toBe("good");
  }
});

test("§4.3 no. 5: a symmetric algorithm proves nothing, nor does none", () => {
  const jwk = { kty: "oct", k: Buffer.alloc(32, 1).toString("base64url") };
  const claims = { jti: "x", htm: "GET", htu: ADDRESS, iat: NOW };
  for (const alg of ["HS256", "none", "None", "", "es256", "ES256K", null, 5]) {
    for (const shown of [jwk, prover.jwk]) {
      const proof = joinToken({ typ: "dpop+jwt", alg, jwk: shown }, claims, (input) =>
        createHmac("sha256", Buffer.from(shown === jwk ? jwk.k : JSON.stringify(shown), "base64url")).update(input).digest());
      expect(verdict(proof)).not.toBe("good");
    }
  }
  expect(headed({ jwk })).toMatch("no public key");
});

test("§4.3 no. 6: the proof is signed by the key it shows", () => {
  const other = createProver();
  expect(headed({ jwk: other.jwk })).toMatch("not signed");
  const proof = prover.prove(request);
  const bytes = Buffer.from(proof.split(".")[2]!, "base64url");
  bytes[5]! ^= 1;
  expect(verdict(`${proof.slice(0, proof.lastIndexOf("."))}.${bytes.toString("base64url")}`)).toMatch("not signed");
  for (const jwk of [undefined, null, "x", [], [prover.jwk], {}, { kty: "EC" }, { ...prover.jwk, y: prover.jwk.x }]) {
    expect(headed({ jwk })).toMatch("jwk");
  }
  expect(headed({ jwk: undefined, jku: "https://api.example/keys", kid: "1" })).toMatch("jwk");
});

test("§4.3 no. 7: a key that is shown whole is no proof any more", () => {
  const whole = prover.privateKey.export({ format: "jwk" });
  expect(headed({ jwk: whole })).toMatch("private key");
  expect(headed({ jwk: { ...prover.jwk, d: "" } })).not.toBe("good");
  expect(headed({ jwk: { ...prover.jwk, k: "AAAA" } })).not.toBe("good");
  expect(headed({ jwk: { ...prover.jwk, p: "AAAA" } })).not.toBe("good");
});

test("an RSA key that takes long to verify with is refused unused", () => {
  const jwk: JsonWebKey = { kty: "RSA", e: "AQAB", n: Buffer.alloc(1000, 255).toString("base64url") };
  expect(headed({ alg: "RS256", jwk })).toMatch("4096 bits");
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const proof = joinToken({ typ: "dpop+jwt", alg: "RS256", jwk: weak.publicKey.export({ format: "jwk" }) },
    { jti: "x", htm: "GET", htu: ADDRESS, iat: NOW }, (input) => sign("sha256", Buffer.from(input), weak.privateKey));
  expect(verdict(proof)).toMatch("no public key");
});

test("§4.3 no. 8: a proof is for one method, letter by letter", () => {
  expect(verdict(prover.prove(request), { method: "POST" })).toMatch("htm");
  expect(claiming({ htm: "get" })).toMatch("htm");
  expect(claiming({ htm: "GET " })).toMatch("htm");
});

test("§4.3 no. 9: a proof is for one address, whatever its query and fragment", () => {
  for (const url of [`${ADDRESS}?page=2`, `${ADDRESS}#top`, `${ADDRESS}?a#b`, "https://API.example:443/orders", "HTTPS://api.example/%6Frders"]) {
    expect([url, verdict(prover.prove(request), { url })]).toEqual([url, "good"]);
    expect([url, claiming({ htu: url })]).toEqual([url, "good"]);
  }
  for (const htu of [
    "https://api.example/orders/", "https://api.example/Orders", "https://api.example/orders/1", "https://api.example/", "/orders",
    "http://api.example/orders", "https://api.example:444/orders", "https://api.example.evil.example/orders", "https://evil@api.example/orders",
    "https://api.example\\orders", "https://api.example/ord\ters", " https://api.example/orders", "https://api.example//orders", "urn:x", "",
  ]) {
    expect([htu, claiming({ htu })]).not.toEqual([htu, "good"]);
  }
  // An encoded slash is no slash.
  expect(verdict(prover.prove({ ...request, url: "https://api.example/a/b" }), { url: "https://api.example/a%2fb" })).toMatch("htu");
  expect(verdict(prover.prove({ ...request, url: "https://api.example/a%2Fb" }), { url: "https://api.example/a%2fb" })).toBe("good");
});

test("§4.3 no. 10: the nonce is handed on, and a text", () => {
  for (const nonce of [1, "", [], {}, true]) expect(claiming({ nonce })).toMatch("nonce");
});

test("§4.3 no. 11: a proof is good for a minute, by clocks that may be five seconds apart", () => {
  expect([-61, -60, 0, 5, 6].map((seconds) => claiming({ iat: NOW + seconds }) === "good")).toEqual([false, true, true, true, false]);
  const strict = { maxAgeSeconds: 10, clockToleranceSeconds: 0 };
  const at = (seconds: number) => verdict(prover.prove({ ...request, nowSeconds: NOW + seconds }), strict) === "good";
  expect([-11, -10, 0, 1].map(at)).toEqual([false, true, true, false]);
  expect(claiming({ exp: NOW - 5 })).toMatch("exp");
  expect(claiming({ exp: "9999999999" })).toMatch("exp");
  expect(claiming({ nbf: NOW + 6 })).toMatch("nbf");
  expect(claiming({ exp: NOW + 1, nbf: NOW })).toBe("good");
});

test("§4.3 no. 12: a proof is for one access token, or for none", () => {
  const proof = prover.prove({ ...request, accessToken: TOKEN });
  expect(verdict(proof, { accessToken: TOKEN })).toBe("good");
  expect(verdict(proof, { accessToken: `${TOKEN}d` })).toMatch("ath");
  expect(verdict(proof)).toMatch("ath");
  for (const ath of [undefined, null, "", TOKEN, [accessTokenHash(TOKEN)], `${accessTokenHash(TOKEN)}=`]) {
    expect(verdict(prover.prove(request, { ath }), { accessToken: TOKEN })).toMatch("ath");
  }
});

test("a refusal tells nothing of what was sent", () => {
  for (const message of [claiming({ htu: "https://secret.example" }), claiming({ jti: 5 }), headed({ typ: "secret" }), headed({ jwk: { kty: "secret" } })]) {
    expect(message).toMatch(/^The DPoP proof [ -~]+\.$/);
    expect(message).not.toMatch(/secret|["\\]/);
  }
});
