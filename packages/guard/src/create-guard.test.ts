import { createKeySet, generateKey, importSecret } from "@ostiary/jwt";
import { expect, expectTypeOf, onTestFinished, test } from "vitest";
import { CLIENT } from "../test/feed-server.ts";
import { accessClaims, AUDIENCE, refusalOf, signToken, startIssuer } from "../test/issuer.ts";
import { createGuard, type Guard, type GuardOptions } from "./index.ts";

const options: GuardOptions = { issuer: "https://auth.example", audience: AUDIENCE, onWarning: () => {} };

async function setUp(changes: Partial<GuardOptions> = {}) {
  const issuer = await startIssuer();
  const time = { now: 1_800_000_000_000 };
  const guard = createGuard({ ...options, issuer: issuer.url, clock: () => time.now, ...changes });
  onTestFinished(() => guard.close());
  return { issuer, time, guard };
}

test("a good token becomes a frozen identity", async () => {
  const { issuer, guard, time } = await setUp();
  const identity = await guard.verify(issuer.token({ plan: { name: "pro" } }, time.now));
  expect(identity).toEqual({
    subject: "user-1",
    sessionId: "session-1",
    roles: ["user", "editor"],
    scopes: ["orders:read", "orders:write"],
    claims: { ...accessClaims(issuer.url, time.now), plan: { name: "pro" } },
    issuer: issuer.url,
  });
  for (const part of [identity, identity.roles, identity.scopes, identity.claims, identity.claims.roles]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
  expect((await guard.verify(issuer.token({ scope: "" }, time.now))).scopes).toEqual([]);
});

test("own claims are typed by one parameter", () => {
  const guard = createGuard<{ plan: "free" | "pro" }>(options);
  expectTypeOf<Awaited<ReturnType<typeof guard.verify>>["claims"]["plan"]>().toEqualTypeOf<"free" | "pro">();
  expectTypeOf(guard).toExtend<Guard>();
  expectTypeOf<Awaited<ReturnType<Guard["verify"]>>["claims"]["sub"]>().toEqualTypeOf<string>();
  guard.close();
});

test("a web request is authenticated by its bearer token", async () => {
  const { issuer, guard, time } = await setUp();
  const headers = { authorization: `Bearer ${issuer.token({}, time.now)}` };
  expect((await guard.authenticate(new Request("https://api.example/", { headers }))).subject).toBe("user-1");
  expect(await refusalOf(guard.authenticate(new Request("https://api.example/")))).toMatchObject({
    status: 401,
    error: "missing_token",
  });
});

test("a warm token is answered with the very same identity, and without the issuer", async () => {
  const { issuer, guard, time } = await setUp();
  const token = issuer.token({}, time.now);
  const first = await guard.verify(token);
  issuer.answer = (_, res) => void res.destroy();
  expect(await guard.verify(token)).toBe(first);
  expect(await guard.verify(issuer.token({}, time.now))).toMatchObject({ subject: "user-1" });
  expect(issuer.requests).toHaveLength(2);
});

test("without a cache every token is verified anew", async () => {
  const { issuer, guard, time } = await setUp({ maxCachedTokens: 0 });
  const token = issuer.token({}, time.now);
  const first = await guard.verify(token);
  expect(await guard.verify(token)).toEqual(first);
  expect(await guard.verify(token)).not.toBe(first);
});

test("a warm token is refused the second it expires", async () => {
  const { issuer, guard, time } = await setUp();
  const token = issuer.token({}, time.now);
  time.now += 899_999;
  await guard.verify(token);
  await guard.verify(token);
  time.now += 1;
  expect(await refusalOf(guard.verify(token))).toEqual({ status: 401, error: "invalid_token", reason: "token_expired" });
});

test("a warm token is refused when a clock set back makes it not valid yet", async () => {
  const { issuer, guard, time } = await setUp();
  const token = issuer.token({ nbf: time.now / 1000 }, time.now);
  await guard.verify(token);
  time.now -= 1000;
  expect((await refusalOf(guard.verify(token))).reason).toBe("token_not_active");
});

test("a warm token is refused when its key is no longer published", async () => {
  const { issuer, guard, time } = await setUp();
  const token = issuer.token({}, time.now);
  await guard.verify(token);
  issuer.keys = [generateKey("ES256")];
  await guard.verify(issuer.token({}, time.now));
  expect(await refusalOf(guard.verify(token))).toEqual({
    status: 401,
    error: "invalid_token",
    reason: "signature_invalid",
  });
});

test("a warm token is refused when its kid now names another key", async () => {
  const { issuer, guard, time } = await setUp();
  const token = issuer.token({}, time.now);
  await guard.verify(token);
  const { keyId } = issuer.keys[0]!;
  issuer.keys = [generateKey("ES256", { keyId: keyId! }), generateKey("ES256")];
  await refusalOf(guard.verify(signToken(issuer.keys[1]!, accessClaims(issuer.url, time.now, { ver: 0 }))));
  expect((await refusalOf(guard.verify(token))).reason).toBe("signature_invalid");
});

test("tokens signed with a new key are accepted within one fetch, a hundred at once", async () => {
  const { issuer, guard, time } = await setUp();
  await guard.verify(issuer.token({}, time.now));
  issuer.keys = [generateKey("RS256"), ...issuer.keys];
  const tokens = Array.from({ length: 100 }, (_, i) => issuer.token({ jti: `token-${i}` }, time.now));
  await Promise.all(tokens.map((token) => guard.verify(token)));
  expect(issuer.requests).toHaveLength(3);
});

test("malformed tokens and foreign algorithms cost no fetch", async () => {
  const { issuer, guard, time } = await setUp();
  const secret = importSecret(Buffer.alloc(32, 1), { algorithm: "HS256" });
  for (const token of ["nonsense", "a.b.c", signToken(secret, accessClaims(issuer.url, time.now))]) {
    expect((await refusalOf(guard.verify(token))).status).toBe(401);
  }
  expect(issuer.requests).toEqual([]);
});

test("a guard without keys answers 503, and is well again when the issuer is", async () => {
  const { issuer, guard, time } = await setUp();
  const token = issuer.token({}, time.now);
  issuer.answer = (_, res) => void res.destroy();
  expect(await refusalOf(guard.verify(token))).toEqual({ status: 503, error: "unavailable", reason: undefined });
  expect((await refusalOf(guard.verify("nonsense"))).status).toBe(401);
  issuer.answer = undefined;
  time.now += 1000;
  await guard.verify(token);
});

test("an unknown key while the issuer is down is 401, and known keys go on working", async () => {
  const { issuer, guard, time } = await setUp();
  const token = issuer.token({}, time.now);
  await guard.verify(token);
  issuer.answer = (_, res) => void res.destroy();
  const unknown = signToken(generateKey("ES256"), accessClaims(issuer.url, time.now));
  expect((await refusalOf(guard.verify(unknown))).status).toBe(401);
  await guard.verify(token);
});

test("a secret works as an explicit key, and nothing is fetched", async () => {
  const key = importSecret(Buffer.alloc(32, 1), { algorithm: "HS256" });
  const fetch = () => Promise.reject(new Error("no fetch is due"));
  const guard = createGuard({ ...options, keys: key, fetch });
  await guard.ready();
  const claims = accessClaims(options.issuer);
  expect((await guard.verify(signToken(key, claims))).subject).toBe("user-1");
  const other = importSecret(Buffer.alloc(32, 2), { algorithm: "HS256" });
  expect((await refusalOf(guard.verify(signToken(other, claims)))).reason).toBe("signature_invalid");
});

test("static public keys work offline, as one, several or a set", async () => {
  const key = generateKey("RS256");
  const other = generateKey("Ed25519");
  for (const keys of [key, [other, key], createKeySet({ keys: [key.publicJwk()] })]) {
    const guard = createGuard({ ...options, keys });
    await guard.verify(signToken(key, accessClaims(options.issuer)));
    expect(guard.status().keys.fetchedAt).toBeNull();
  }
});

test("an algorithm that was not allowed is refused, though the key is published", async () => {
  const { issuer, guard, time } = await setUp({ algorithms: ["RS256"] });
  issuer.keys.push(generateKey("RS256"));
  await guard.ready();
  expect((await refusalOf(guard.verify(issuer.token({}, time.now)))).reason).toBe("signature_invalid");
  await guard.verify(signToken(issuer.keys[1]!, accessClaims(issuer.url, time.now)));
});

test("a guard says once, at its start, that it cannot see revocations", async () => {
  const warnings: string[] = [];
  const { issuer, guard, time } = await setUp({ onWarning: (message) => void warnings.push(message) });
  await guard.verify(issuer.token({}, time.now));
  expect(warnings).toEqual([expect.stringContaining("no revocation feed")]);
  expect(guard.status()).toEqual({
    issuer: issuer.url,
    keys: { count: 1, fetchedAt: new Date(time.now).toISOString(), lastError: null },
    connected: false,
    seq: null,
    staleness: null,
    entries: 0,
    lastError: null,
  });
});

test.each([
  [{ audience: undefined }, "audience is required"],
  [{ audience: "" }, "audience is required"],
  [{ audience: [] }, "audience is required"],
  [{ audience: [AUDIENCE, 1] }, "audience is required"],
  [{ issuer: undefined }, "issuer must be an absolute URL"],
  [{ issuer: "http://auth.example" }, "issuer must be https"],
  [{ issuer: "https://user:secret@auth.example" }, "issuer must not contain a user"],
  [{ issuer: "https://auth.example?tenant=1" }, "issuer must not have a query"],
  [{ algorithms: [] }, "algorithms"],
  [{ algorithms: ["none"] }, "none"],
  [{ algorithms: ["HS256"] }, "HS256 needs its key"],
  [{ algorithms: ["ES256", "HS512"] }, "HS512 needs its key"],
  [{ keys: "secret" }, "must be a Key"],
  [{ keys: Buffer.alloc(32) }, "must be a Key"],
  [{ keys: {} }, "must be a Key"],
  [{ keys: ["secret"] }, "must be a Key"],
  [{ keys: null }, "must be a Key"],
  [{ keys: [] }, "keys must hold at least one key"],
  [{ keys: "" }, "keys must hold at least one key"],
  [{ keys: generateKey("ES256"), algorithms: ["RS256"] }, "keys: The key is for ES256"],
  [{ keys: [generateKey("ES256"), generateKey("HS256")] }, "Secrets and public keys"],
  [{ algorithms: "ES256" }, "algorithms"],
  [{ clockToleranceSeconds: Infinity }, "clockToleranceSeconds must be a number from 0 to 60"],
  [{ clockToleranceSeconds: NaN }, "clockToleranceSeconds must be a number from 0 to 60"],
  [{ clockToleranceSeconds: -1 }, "clockToleranceSeconds must be a number from 0 to 60"],
  [{ clockToleranceSeconds: "5" }, "clockToleranceSeconds must be a number from 0 to 60"],
  [{ maxCachedTokens: -1 }, "maxCachedTokens must be a whole number"],
  [{ maxCachedTokens: 0.5 }, "maxCachedTokens must be a whole number"],
  [{ keyCooldownSeconds: 0 }, "keyCooldownSeconds must be"],
  [{ fetchTimeoutSeconds: 0 }, "fetchTimeoutSeconds must be"],
  [{ onWarning: "quiet" }, "onWarning must be a function"],
  [{ clock: 0 }, "clock must be a function"],
  [{ monotonicClock: 0 }, "monotonicClock must be a function"],
  [{ revocation: null }, "revocation takes an object of options"],
  [{ revocation: "secret" }, "revocation takes an object of options"],
  [{ revocation: { clientId: "api" } }, "revocation.clientSecret must be a text"],
  [{ revocation: { clientId: "", clientSecret: "secret" } }, "revocation.clientId must be a text"],
  [{ revocation: { clientId: "api", clientSecret: 7 } }, "revocation.clientSecret must be a text"],
  [{ revocation: { ...CLIENT, secret: "x" } }, "revocation has no option secret"],
  [{ revocation: { ...CLIENT, maxStalenessSeconds: 0.9 } }, "revocation.maxStalenessSeconds must be a number from 1 to 300"],
  [{ revocation: { ...CLIENT, maxStalenessSeconds: 301 } }, "revocation.maxStalenessSeconds must be a number from 1 to 300"],
  [{ revocation: { ...CLIENT, maxStalenessSeconds: NaN } }, "revocation.maxStalenessSeconds must be a number from 1 to 300"],
  [{ revocation: { ...CLIENT, feed: "no" } }, "revocation.feed must be true or false"],
  [{ revocation: { ...CLIENT, feed: false } }, 'revocation.feed can be false only with whenStale: "introspect"'],
  [{ revocation: { ...CLIENT, feed: false, whenStale: "accept" } }, 'revocation.feed can be false only with whenStale: "introspect"'],
  [{ revocation: { ...CLIENT, whenStale: "ignore" } }, 'revocation.whenStale must be "reject", "introspect" or "accept"'],
  [{ audiance: "typo" }, "createGuard has no option audiance"],
])("options that cannot work are refused at once: %j", (changes, sentence) => {
  expect(() => createGuard({ ...options, ...(changes as object) })).toThrow(sentence);
  expect(() => createGuard({ ...options, ...(changes as object) })).toThrow(TypeError);
});
