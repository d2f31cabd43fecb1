/** Tokens that are bound to a key (RFC 9449 §7), against a guard: what a thief of tokens and proofs may try. */
import { expect, onTestFinished, test } from "vitest";
import { createGuard, errorResponse, GuardError, ostiary, type DpopOptions, type Guard, type ReplayStore } from "../src/index.ts";
import { createEmbeddedGuard, createRevocationSet, redisReplays } from "../src/embedded.ts";
import { createKeySet, generateKey } from "@ostiary/jwt";
import { accessClaims, AUDIENCE, signToken, startIssuer } from "./issuer.ts";
import { createProver, type Prover } from "./prover.ts";

const NOW = 1_800_000_000_000;
const RESOURCE = "https://api.example/v1";
const ADDRESS = "https://api.example/v1/orders";
const owner = createProver();
const thief = createProver();

interface World {
  readonly guard: Guard;
  readonly warnings: string[];
  readonly token: (changes?: object) => string;
  /** What becomes of a request with these: "in", or `status error reason`. */
  readonly send: (token: string, proof?: string | string[] | null, request?: Partial<Sent>) => Promise<string>;
  readonly setClock: (now: number) => void;
}

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly scheme: string;
  readonly host: string;
}

async function setUp(options: { dpop?: DpopOptions; resource?: string | undefined } = {}): Promise<World> {
  const issuer = await startIssuer();
  const warnings: string[] = [];
  let now = NOW;
  const resource = "resource" in options ? options.resource : RESOURCE;
  const guard = createGuard({
    issuer: issuer.url,
    audience: AUDIENCE,
    ...(resource === undefined ? {} : { resource }),
    ...(options.dpop === undefined ? {} : { dpop: options.dpop }),
    clock: () => now,
    onWarning: (message) => warnings.push(message),
  });
  onTestFinished(() => guard.close());
  return {
    guard,
    warnings,
    token: (changes = { cnf: { jkt: owner.thumbprint } }) => issuer.token({ ...changes }, NOW),
    send: (token, proof, request) => verdictOf(guard, token, proof, request),
    setClock: (time) => void (now = time),
  };
}

async function refusalOf(guard: Guard, token: string, proof: string | string[] | null | undefined, request: Partial<Sent> = {}) {
  const { method = "GET", url = "/v1/orders", scheme = "DPoP", host = "api.example" } = request;
  const headers = new Headers({ authorization: `${scheme} ${token}`, host });
  for (const each of [proof ?? []].flat()) headers.append("dpop", each);
  try {
    await guard.authenticate({ method, url, headers });
  } catch (error) {
    if (error instanceof GuardError) return error;
    throw error;
  }
  return undefined;
}

async function verdictOf(...args: Parameters<typeof refusalOf>): Promise<string> {
  const refusal = await refusalOf(...args);
  if (refusal === undefined) return "in";
  return [refusal.status, refusal.error, refusal.reason].filter((each) => each !== undefined).join(" ");
}

function prove(accessToken: string, changes: { by?: Prover; method?: string; url?: string; nonce?: string; nowSeconds?: number } = {}, claims?: object): string {
  const { by = owner, method = "GET", url = ADDRESS, nonce, nowSeconds = NOW / 1000 } = changes;
  return by.prove({ method, url, accessToken, nowSeconds, ...(nonce === undefined ? {} : { nonce }) }, claims);
}

const BAD_PROOF = "401 invalid_dpop_proof";

test("a bound token comes in with a proof by its key, and says who asks", async () => {
  const { guard, token } = await setUp();
  const bound = token();
  const headers = new Headers({ authorization: `dpop ${bound}`, dpop: prove(bound) });
  const identity = await guard.authenticate({ method: "GET", url: "/v1/orders?page=2", headers });
  expect(identity).toMatchObject({ subject: "user-1", claims: { cnf: { jkt: owner.thumbprint } } });
  const again = { method: "GET", url: ADDRESS, headers: new Headers({ authorization: `DPoP ${bound}`, dpop: prove(bound) }) };
  expect(await guard.authenticate(again)).toBe(identity);
});

test("a bound token that is sent as a bearer token is refused, and a token bound to nothing as a bound one", async () => {
  const { guard, token, send } = await setUp();
  const [bound, free] = [token(), token({})];
  expect(await send(bound, prove(bound), { scheme: "Bearer" })).toBe("401 invalid_token proof_required");
  expect(await send(bound, null, { scheme: "Bearer" })).toBe("401 invalid_token proof_required");
  await expect(guard.verify(bound)).rejects.toMatchObject({ reason: "proof_required" });
  expect(await send(free, prove(free))).toBe("401 invalid_token claim_invalid");
  expect(await send(free, null, { scheme: "Bearer" })).toBe("in");
  // Not even after it came in by the right way.
  expect(await send(bound, prove(bound))).toBe("in");
  expect(await send(bound, null, { scheme: "Bearer" })).toBe("401 invalid_token proof_required");
  expect(await send(free, prove(free))).toBe("401 invalid_token claim_invalid");
});

test("a confirmation that cannot be read lets nobody in", async () => {
  const { token, send } = await setUp();
  for (const cnf of ["x", 1, null, true, { jkt: 1 }, { jkt: "" }, { jkt: null }, { jkt: [owner.thumbprint] }]) {
    const odd = token({ cnf });
    expect(await send(odd, null, { scheme: "Bearer" })).toBe("401 invalid_token claim_invalid");
    expect(await send(odd, prove(odd))).toBe("401 invalid_token claim_invalid");
  }
});

test("a token that is bound to a certificate is no bearer token, nor good with a proof of a key", async () => {
  const { guard, token, send } = await setUp();
  const certificate = { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" };
  for (const cnf of [certificate, { ...certificate, jkt: owner.thumbprint }, { "x5t#S256": null }]) {
    const bound = token({ cnf });
    expect(await send(bound, null, { scheme: "Bearer" })).toBe("401 invalid_token proof_required");
    expect(await send(bound, prove(bound))).toBe("401 invalid_token proof_required");
    await expect(guard.verify(bound)).rejects.toMatchObject({ reason: "proof_required" });
  }
  expect(await send(token({ cnf: { kid: "of nobody's concern here" } }), null, { scheme: "Bearer" })).toBe("in");
});

test("a stolen token is worth nothing with a thief's own proof, or none", async () => {
  const { token, send } = await setUp();
  const bound = token();
  expect(await send(bound, prove(bound, { by: thief }))).toBe(BAD_PROOF);
  expect(await send(bound)).toBe(BAD_PROOF);
  expect(await send(bound, "")).toBe(BAD_PROOF);
  expect(await send(bound, [prove(bound), prove(bound)])).toBe(BAD_PROOF);
});

test("a stolen proof is worth nothing a second time, for another request, or with another token", async () => {
  const { token, send } = await setUp();
  const bound = token();
  const proof = prove(bound);
  for (const request of [{ method: "POST" }, { url: "/v1/orders/1" }, { url: "/v1/orders/" }, { url: "//evil.example/v1/orders" }, { url: "/" }]) {
    expect([request, await send(bound, proof, request)]).toEqual([request, BAD_PROOF]);
  }
  const another = token({ cnf: { jkt: owner.thumbprint }, jti: "token-2" });
  expect(await send(another, proof)).toBe(BAD_PROOF);
  expect(await send(bound, proof)).toBe("in");
  expect(await send(bound, proof)).toBe(BAD_PROOF);
  // The same jti is the same proof, whatever else it says.
  expect(await send(bound, prove(bound, {}, { jti: "used" }))).toBe("in");
  expect(await send(bound, prove(bound, { nowSeconds: NOW / 1000 - 1 }, { jti: "used" }))).toBe(BAD_PROOF);
});

test("a hundred requests with one proof at once: one gets in", async () => {
  const { token, send } = await setUp();
  const bound = token();
  const proof = prove(bound);
  const verdicts = await Promise.all(Array.from({ length: 100 }, () => send(bound, proof)));
  expect(verdicts.filter((verdict) => verdict === "in")).toHaveLength(1);
});

test("processes that share what was used take a proof once between them", async () => {
  const kept = new Set<string>();
  const replays = redisReplays({
    sendCommand: async ([, key = ""]) => (kept.has(key) ? null : (kept.add(key), "OK")),
  });
  const issuer = await startIssuer();
  const [one, two] = Array.from({ length: 2 }, () =>
    createGuard({ issuer: issuer.url, audience: AUDIENCE, resource: RESOURCE, dpop: { replays }, clock: () => NOW, onWarning: () => {} }));
  const bound = issuer.token({ cnf: { jkt: owner.thumbprint } }, NOW);
  const proof = prove(bound);
  expect(await verdictOf(one!, bound, proof)).toBe("in");
  expect(await verdictOf(two!, bound, proof)).toBe(BAD_PROOF);
  expect(await verdictOf(two!, bound, prove(bound))).toBe("in");
});

test("when it cannot be told what was used, nobody comes in", async () => {
  const broken: ReplayStore = { use: () => Promise.reject(new Error("down")) };
  const { guard, token } = await setUp({ dpop: { replays: broken } });
  const bound = token();
  const refusal = await refusalOf(guard, bound, prove(bound));
  expect(refusal).toMatchObject({ status: 503, error: "unavailable", reason: "store_unavailable" });
  expect(refusal?.headers).toMatchObject({ "Retry-After": "1" });
  expect(refusal?.headers["WWW-Authenticate"]).toBeUndefined();
});

test("only what was good is remembered: a proof that was refused can still be used by its owner", async () => {
  const used: string[] = [];
  const { token, send, setClock } = await setUp({ dpop: { replays: { use: (key) => used.push(key) > 0 } } });
  const bound = token();
  await send(bound, prove(bound, { by: thief }));
  await send(bound, prove(bound), { method: "POST" });
  setClock(NOW + 61_000);
  expect(await send(bound, prove(bound))).toBe(BAD_PROOF);
  setClock(NOW + 901_000);
  const late = prove(bound, { nowSeconds: NOW / 1000 + 901 });
  expect(await send(bound, late)).toBe("401 invalid_token token_expired");
  expect(used).toEqual([]);
});

test("a nonce is asked for where there is a secret for it, and an old one is not enough", async () => {
  const { guard, token, setClock } = await setUp({ dpop: { nonceSecret: "n".repeat(32) } });
  const bound = token();
  const refusal = await refusalOf(guard, bound, prove(bound));
  expect(refusal).toMatchObject({ status: 401, error: "use_dpop_nonce" });
  expect(refusal?.headers["WWW-Authenticate"]).toMatch(/^DPoP error="use_dpop_nonce", error_description="[^"]+", .*algs="ES256 /);
  const nonce = refusal?.headers["DPoP-Nonce"] ?? "";
  expect(nonce).not.toBe("");
  expect(await verdictOf(guard, bound, prove(bound, { nonce }))).toBe("in");
  expect(await verdictOf(guard, bound, prove(bound, { nonce: `${nonce}x` }))).toBe("401 use_dpop_nonce");
  setClock(NOW + 120_000);
  expect(await verdictOf(guard, bound, prove(bound, { nonce, nowSeconds: NOW / 1000 + 120 }))).toBe("in");
  setClock(NOW + 180_000);
  expect(await verdictOf(guard, bound, prove(bound, { nonce, nowSeconds: NOW / 1000 + 180 }))).toBe("401 use_dpop_nonce");
  // Another process of the same API has the same nonces; a proof without its key is refused before they are looked at.
  expect(await verdictOf(guard, bound, prove(bound, { by: thief }))).toBe(BAD_PROOF);
});

test("whatever a proxy or a caller says of the host, the proof is for the API's own address", async () => {
  const { token, send } = await setUp();
  const bound = token();
  for (const request of [{ url: ADDRESS }, { url: "http://10.0.0.7:3000/v1/orders" }, { host: "10.0.0.7:3000" }, { host: "evil.example" }]) {
    expect([request, await send(bound, prove(bound), request)]).toEqual([request, "in"]);
    const elsewhere = prove(bound, { url: "http://10.0.0.7:3000/v1/orders" });
    expect([request, await send(bound, elsewhere, request)]).toEqual([request, BAD_PROOF]);
    expect([request, await send(bound, prove(bound, { url: "https://evil.example/v1/orders" }), request)]).toEqual([request, BAD_PROOF]);
  }
});

test("an API that was not told its address takes proofs on this machine alone, and says so once", async () => {
  const { token, send, warnings } = await setUp({ resource: undefined });
  const bound = token();
  for (const host of ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"]) {
    expect(await send(bound, prove(bound, { url: `http://${host}/v1/orders` }), { host })).toBe("in");
    expect(await send(bound, prove(bound, { url: `http://${host}/v1/orders` }), { url: `http://${host}/v1/orders` })).toBe("in");
  }
  const told = () => warnings.filter((warning) => warning.includes("option resource"));
  expect(told()).toEqual([]);
  for (const host of ["api.example", "localhost.evil.example", "", "localhost@evil.example"]) {
    expect(await send(bound, prove(bound), { host })).toBe(BAD_PROOF);
  }
  expect(told()).toHaveLength(1);
});

test("where bound tokens are required, others are refused, and callers are asked for nothing else", async () => {
  const { guard, token, send } = await setUp({ dpop: { required: true } });
  const [bound, free] = [token(), token({})];
  expect(await send(free, null, { scheme: "Bearer" })).toBe("401 invalid_token proof_required");
  expect(await send(free, prove(free))).toBe("401 invalid_token claim_invalid");
  expect(await send(bound, prove(bound))).toBe("in");
  const headers = new Headers();
  const missing = await guard.authenticate({ method: "GET", url: "/", headers }).catch((error: unknown) => error as GuardError);
  expect((missing as GuardError).headers["WWW-Authenticate"]).toMatch(/^DPoP resource_metadata="[^"]+", algs="[^"]+"$/);
  expect(guard.resourceMetadata?.document).toMatchObject({ dpop_bound_access_tokens_required: true });
});

test("a session that is signed out while its proof is looked up is out", async () => {
  const key = generateKey("ES256");
  const revocations = createRevocationSet({ clock: () => NOW });
  const issuer = "http://localhost:4000/auth";
  const guard = createEmbeddedGuard({
    issuer,
    audience: AUDIENCE,
    algorithms: ["ES256"],
    keys: () => createKeySet([key.publicKey()]),
    revocations,
    resource: "https://api.example",
    clock: () => NOW,
    dpop: {
      replays: {
        async use() {
          revocations.apply({ seq: 1, kind: "session", value: "session-1", effect: "revoked", expiresAt: NOW / 1000 + 900, reason: "logout" });
          return Promise.resolve(true);
        },
      },
    },
  });
  const bound = signToken(key, accessClaims(issuer, NOW, { cnf: { jkt: owner.thumbprint } }));
  expect(await verdictOf(guard, bound, prove(bound))).toBe("401 invalid_token session_revoked");
});

test("an embedded guard for introspection takes bound tokens as they are", async () => {
  const key = generateKey("ES256");
  const issuer = "http://localhost:4000/auth";
  const options = {
    issuer, audience: AUDIENCE, algorithms: ["ES256"] as const, keys: () => createKeySet([key.publicKey()]),
    revocations: createRevocationSet(), clock: () => NOW,
  };
  const bound = signToken(key, accessClaims(issuer, NOW, { cnf: { jkt: owner.thumbprint } }));
  expect(await createEmbeddedGuard({ ...options, dpop: { acceptsUnproven: true } }).verify(bound)).toMatchObject({ subject: "user-1" });
  await expect(createEmbeddedGuard(options).verify(bound)).rejects.toMatchObject({ reason: "proof_required" });
});

test("a guard of several issuers takes bound tokens of each, and no proof twice between them", async () => {
  const [one, two] = [await startIssuer(), await startIssuer()];
  const guard = createGuard({
    issuers: [one, two].map(({ url }) => ostiary({ issuer: url, audience: AUDIENCE })),
    resource: RESOURCE,
    clock: () => NOW,
    onWarning: () => {},
  }) as unknown as Guard;
  onTestFinished(() => guard.close());
  for (const issuer of [one, two]) {
    const bound = issuer.token({ cnf: { jkt: owner.thumbprint } }, NOW);
    expect(await verdictOf(guard, bound, prove(bound, {}, { jti: issuer.url }))).toBe("in");
    expect(await verdictOf(guard, bound, prove(bound))).toBe("in");
    expect(await verdictOf(guard, bound, prove(bound, {}, { jti: one.url }))).toBe(BAD_PROOF);
    expect(await verdictOf(guard, bound, null, { scheme: "Bearer" })).toBe("401 invalid_token proof_required");
  }
  const stranger = (await startIssuer()).token({ cnf: { jkt: owner.thumbprint } }, NOW);
  expect(await verdictOf(guard, stranger, prove(stranger))).toBe("401 invalid_token claim_invalid");
});

test("each refusal challenges by the scheme that was used, or has to be", async () => {
  const { guard, token } = await setUp();
  const bound = token();
  const challengeOf = async (...args: [string, string | null, Partial<Sent>?]) => {
    const response = errorResponse((await refusalOf(guard, ...args))!);
    expect(response.status).toBe(401);
    return response.headers.get("www-authenticate");
  };
  const metadata = 'resource_metadata="https://api.example/.well-known/oauth-protected-resource/v1"';
  expect(await challengeOf("nonsense", null, { scheme: "Bearer" })).toMatch(new RegExp(`^Bearer error="invalid_token", error_description="[^"]+", ${metadata}$`));
  expect(await challengeOf("nonsense", null)).toMatch(new RegExp(`^DPoP error="invalid_token", error_description="[^"]+", ${metadata}, algs="ES256 [\\w ]+"$`));
  expect(await challengeOf(bound, null, { scheme: "Bearer" })).toMatch(/^DPoP error="invalid_token"/);
  expect(await challengeOf(bound, null)).toMatch(/^DPoP error="invalid_dpop_proof"/);
  expect(await challengeOf("x", null, { scheme: "Basic" })).toMatch(new RegExp(`^Bearer ${metadata}, DPoP ${metadata}, algs="ES256 [\\w ]+"$`));
});

test("what is no option for proofs is refused when the guard is made", () => {
  const make = (dpop: unknown) => () => createGuard({ issuer: "https://id.example", audience: "a", dpop: dpop as DpopOptions });
  for (const dpop of [{ require: true }, { required: "yes" }, { replays: {} }, { nonceSecret: "short" }, { nonceSecret: 5 }, { maxAgeSeconds: 0 }, { maxAgeSeconds: 301 }]) {
    expect(make(dpop)).toThrow(TypeError);
  }
  expect(make({ nonceSecret: "short and secret" })).not.toThrow(/short and/);
});
