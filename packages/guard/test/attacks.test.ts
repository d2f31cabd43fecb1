/** What a forger may try with a token, against a guard that finds its keys over real HTTP. */
import { createHmac, createPublicKey, generateKeyPairSync, sign, type JsonWebKey } from "node:crypto";
import { generateKey, importSecret, signJws, type Key } from "@ostiary/jwt";
import { expect, onTestFinished, test } from "vitest";
import { createGuard, errorResponse, type Guard, type GuardError } from "../src/index.ts";
import { accessClaims, AUDIENCE, joinToken, refusalOf, signToken, startIssuer, type TestIssuer } from "./issuer.ts";

const NOW = 1_800_000_000_000;

async function setUp(key?: Key): Promise<{ issuer: TestIssuer; guard: Guard; verdict: (token: string) => Promise<unknown> }> {
  const issuer = await startIssuer(key === undefined ? {} : { key });
  const guard = createGuard({ issuer: issuer.url, audience: AUDIENCE, clock: () => NOW, onWarning: () => {} });
  onTestFinished(() => guard.close());
  await guard.ready();
  // A guard that refuses everything would pass every test here.
  await guard.verify(signToken(issuer.keys[0]!, accessClaims(issuer.url, NOW)));
  return { issuer, guard, verdict: async (token) => (await refusalOf(guard.verify(token))).reason };
}

const claimsOf = (issuer: TestIssuer, changes = {}) => accessClaims(issuer.url, NOW, changes);

test.each(["ES256", "RS256", "Ed25519"] as const)("a token with any bit flipped is refused: %s", async (algorithm) => {
  const { issuer, guard } = await setUp(generateKey(algorithm));
  const token = issuer.token({}, NOW);
  const bytes = Buffer.from(token, "latin1");
  const outcomes = new Set<unknown>();
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const { status, reason } = await refusalOf(guard.verify(flipped.toString("latin1")));
    expect(status).toBe(401);
    outcomes.add(reason);
  }
  expect(outcomes).toEqual(new Set(["signature_invalid", "token_malformed"]));
  await guard.verify(token);
});

test("alg none is refused in any spelling, with and without a signature", async () => {
  const { issuer, verdict } = await setUp();
  for (const alg of ["none", "None", "NONE", "nOnE", "none ", "", null, 0, [], ["ES256"]]) {
    for (const signature of ["", "x"]) {
      const token = joinToken({ alg, typ: "at+jwt", kid: issuer.keys[0]!.keyId }, claimsOf(issuer), () => signature);
      expect(await verdict(token)).toMatch(/^(signature_invalid|token_malformed)$/);
    }
  }
});

test.each(["RS256", "ES256", "Ed25519"] as const)(
  "an HMAC keyed with our public key proves nothing: %s",
  async (algorithm) => {
    const { issuer, verdict } = await setUp(generateKey(algorithm));
    const jwk = issuer.keys[0]!.publicJwk();
    const publicKey = createPublicKey({ key: jwk as unknown as JsonWebKey, format: "jwk" });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const secrets: (string | Buffer)[] = [
      pem,
      pem.trim(),
      pem.replaceAll("\n", "\r\n"),
      ` \n${pem}`,
      publicKey.export({ type: "spki", format: "der" }),
      JSON.stringify(jwk),
      JSON.stringify({ keys: [jwk] }),
      Buffer.from(jwk.x ?? jwk.n ?? "", "base64url"),
      "",
    ];
    if (algorithm === "RS256") {
      secrets.push(publicKey.export({ type: "pkcs1", format: "pem" }), publicKey.export({ type: "pkcs1", format: "der" }));
    }
    for (const secret of secrets) {
      for (const header of [{ kid: issuer.keys[0]!.keyId }, {}, { kid: "other" }]) {
        for (const [alg, hash] of [["HS256", "sha256"], ["HS512", "sha512"], [algorithm, "sha256"]] as const) {
          const token = joinToken({ alg, typ: "at+jwt", ...header }, claimsOf(issuer), (input) =>
            createHmac(hash, secret).update(input).digest(),
          );
          expect(await verdict(token)).toBe("signature_invalid");
        }
      }
    }
  },
);

test("a key in the token itself is never used, nor fetched", async () => {
  const { issuer, verdict } = await setUp();
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  const kid = issuer.keys[0]!.keyId;
  issuer.requests.length = 0;
  for (const extra of [
    { jwk },
    { jwk, kid },
    { jku: `${issuer.url}/forged`, kid },
    { x5u: `${issuer.url}/forged`, kid },
    { x5c: ["MIIB"], kid },
  ]) {
    const token = joinToken({ alg: "ES256", typ: "at+jwt", ...extra }, claimsOf(issuer), (input) =>
      sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }),
    );
    expect(await verdict(token)).toMatch(/^(signature_invalid|token_malformed)$/);
  }
  expect(issuer.requests.filter((path) => path.includes("forged"))).toEqual([]);
});

test("another issuer's token is refused, also with our name, our kid, or its name before ours", async () => {
  const [ours, theirs] = [await setUp(), await startIssuer()];
  const [key, kid] = [theirs.keys[0]!, ours.issuer.keys[0]!.keyId];
  expect(await ours.verdict(theirs.token({}, NOW))).toBe("signature_invalid");
  expect(await ours.verdict(signToken(key, claimsOf(ours.issuer)))).toBe("signature_invalid");
  const borrowed = joinToken({ alg: "ES256", typ: "at+jwt", kid }, claimsOf(ours.issuer), (input) => {
    const [, , signature = ""] = signToken(key, { input }).split(".");
    return Buffer.from(signature, "base64url");
  });
  expect(await ours.verdict(borrowed)).toBe("signature_invalid");
  const { url } = ours.issuer;
  for (const iss of [theirs.url, `${url}/`, url.slice(0, -1), url.toUpperCase(), [url], undefined, null, { toString: url }]) {
    expect(await ours.verdict(ours.issuer.token({ iss }, NOW))).toBe("claim_invalid");
  }
});

test("a token for a foreign audience is refused", async () => {
  const { issuer, verdict } = await setUp();
  const foreign = ["https://other.example", [], "", [""], [1], {}, null, undefined, `${AUDIENCE}/`, AUDIENCE.slice(0, -1), [[AUDIENCE]]];
  for (const aud of foreign) expect(await verdict(issuer.token({ aud }, NOW))).toBe("claim_invalid");
});

test("an expired token is refused, to the second, and one whose expiry is no number", async () => {
  const { issuer, guard, verdict } = await setUp();
  const now = NOW / 1000;
  await guard.verify(issuer.token({ exp: now + 1 }, NOW));
  for (const exp of [now, now - 1, 0, -1]) expect(await verdict(issuer.token({ exp }, NOW))).toBe("token_expired");
  for (const exp of [undefined, null, "9999999999", true, [now + 900], {}]) {
    expect(await verdict(issuer.token({ exp }, NOW))).toBe("claim_invalid");
  }
});

test("a token that is not valid yet is refused", async () => {
  const { issuer, guard, verdict } = await setUp();
  const now = NOW / 1000;
  await guard.verify(issuer.token({ nbf: now }, NOW));
  expect(await verdict(issuer.token({ nbf: now + 1 }, NOW))).toBe("token_not_active");
  expect(await verdict(issuer.token({ nbf: String(now) }, NOW))).toBe("claim_invalid");
});

test("only access tokens are accepted: a refresh token, an ID token and a bare JWT are refused", async () => {
  const { issuer, guard, verdict } = await setUp();
  const key = issuer.keys[0]!;
  for (const typ of ["rt+jwt", "JWT", "id+jwt", "at+jwt ", "at", undefined]) {
    const header = typ === undefined ? {} : { typ };
    const token = signJws(Buffer.from(JSON.stringify(claimsOf(issuer))), { key, header });
    expect(await verdict(token)).toMatch(/^(claim_invalid|token_malformed)$/);
  }
  const secret = importSecret(Buffer.alloc(32, 7), { algorithm: "HS256" });
  const refresh = { iss: issuer.url, sid: "session-1", gen: 1, jti: "x", iat: NOW / 1000, exp: NOW / 1000 + 900 };
  expect(await verdict(signToken(secret, refresh, { typ: "rt+jwt" }))).toBe("signature_invalid");
  await guard.verify(signToken(key, claimsOf(issuer), { typ: "application/AT+JWT" }));
});

test.each(["sub", "jti", "client_id", "sid", "ver", "scope", "roles"])(
  "a token of our issuer without a proper %s is refused",
  async (claim) => {
    const { issuer, verdict } = await setUp();
    const wrong = { ver: ["1", 0, 1.5, -1], roles: ["admin", [1], { 0: "admin" }, [null]], scope: [1, ["a"]] };
    for (const value of [undefined, null, {}, ...(wrong[claim as "ver"] ?? ["", 1, [], ["a"], true])]) {
      expect(await verdict(issuer.token({ [claim]: value }, NOW))).toBe("claim_invalid");
    }
  },
);

test("a signed payload that is no object is refused", async () => {
  const { issuer, verdict } = await setUp();
  for (const payload of ["[]", '"sub"', "1", "null", "{", "", `[${JSON.stringify(claimsOf(issuer))}]`]) {
    const token = signJws(Buffer.from(payload), { key: issuer.keys[0]!, header: { typ: "at+jwt" } });
    expect(await verdict(token)).toBe("token_malformed");
  }
});

test("the same token in other clothes is refused, so that a revoked one cannot be redressed", async () => {
  const { issuer, verdict } = await setUp();
  const token = issuer.token({}, NOW);
  const [header, payload, signature] = token.split(".") as [string, string, string];
  for (const other of [
    `${token}=`,
    `${token} `,
    ` ${token}`,
    `${token}.`,
    `${token}\n`,
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${header}..${payload}.${signature}`,
    JSON.stringify({ protected: header, payload, signature }),
    `${header}.${payload}.${signature}.${signature}.${signature}`,
    token.replaceAll("-", "+").replaceAll("_", "/") + "=",
  ]) {
    expect(await verdict(other)).toBe("token_malformed");
  }
});

test.each([
  "Bearer",
  "Bearer ",
  "Bearer %",
  "Bearer %E0%A4%A",
  "Bearer  {token}",
  "Bearer\t{token}",
  "Bearer {token} extra",
  "Bearer {token}\t",
  'Bearer "{token}"',
  "Bearer a=b",
  "Bearer =",
  "Bearer {token};{token}",
  "Bearer ünïcödé",
  `Bearer ${"a".repeat(1_000_000)}`,
])("malformed credentials are refused, and never an exception: %.60s", async (authorization) => {
  const { issuer, guard } = await setUp();
  const headers = { get: () => authorization.replaceAll("{token}", issuer.token({}, NOW)) };
  expect(await refusalOf(guard.authenticate({ method: "GET", url: "/", headers }))).toEqual({
    status: 401,
    error: "invalid_token",
    reason: "token_malformed",
  });
});

test("what is no token at all is refused like a bad one", async () => {
  const { verdict } = await setUp();
  for (const token of ["", ".", "..", "a.b.c", ".".repeat(1_000_000), "\0", "ünï.cö.dé", undefined, null, 1, {}, [], Symbol("x")]) {
    expect(await verdict(token as string)).toBe("token_malformed");
  }
});

test("a kid is only ever a name: paths, queries and prototype members find nothing", async () => {
  const { issuer, verdict } = await setUp();
  for (const kid of ["__proto__", "constructor", "toString", "../../dev/null", "' or 1=1 --", "https://evil.example/jwks", ""]) {
    const token = joinToken({ alg: "ES256", typ: "at+jwt", kid }, claimsOf(issuer), () => "x".repeat(64));
    expect(await verdict(token)).toBe("signature_invalid");
  }
});

test("a forged token tells nobody whether the key or the signature was wrong", async () => {
  const { issuer, guard } = await setUp();
  const forger = generateKey("ES256");
  const unknownKey = signToken(forger, claimsOf(issuer));
  const badSignature = `${issuer.token({}, NOW).slice(0, -4)}AAAA`;
  const answers = await Promise.all(
    [unknownKey, badSignature].map((token) =>
      guard.verify(token).catch(async (error: unknown) => {
        const response = errorResponse(error as GuardError);
        return [response.status, [...response.headers], await response.text()];
      }),
    ),
  );
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]).toContain(401);
});
