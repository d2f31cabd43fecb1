/** API keys at a guard: asked about with its credentials, and known by the feed to be revoked. */
import { expect, onTestFinished, test, vi } from "vitest";
import { createGuard, ostiary, type Guard } from "../src/index.ts";
import { createEmbeddedGuard, createRevocationSet } from "../src/embedded.ts";
import { createKeySet, generateKey } from "@ostiary/jwt";
import { apiKeyText } from "./api-key-text.ts";
import { CLIENT, startFeed, type TestFeed } from "./feed-server.ts";
import { follow } from "./following.ts";
import { accessClaims, AUDIENCE, refusalOf, startIssuer } from "./issuer.ts";

const KEY = apiKeyText("mine");

/** The server's introspection of one key; every form that was sent is kept. */
function introspect(feed: TestFeed, changes: Record<string, unknown> | null = {}): URLSearchParams[] {
  const asked: URLSearchParams[] = [];
  feed.issuer.routes.set("/auth/oauth/introspect", (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      asked.push(form);
      const claims = accessClaims(feed.issuer.url, feed.seconds * 1000, { sid: "key-id", jti: "secret-id", client_id: "api-key", ...changes });
      const active = changes !== null && form.get("token") === KEY && request.headers.authorization?.startsWith("Basic ");
      const answer = active ? { active, ...claims, token_type: "Bearer", key_id: "key-id" } : { active: false };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  return asked;
}

test("a key comes in as its owner, is asked about once, and is out the moment it is revoked", async () => {
  const our = await follow();
  const asked = introspect(our.feed);
  await our.guard.ready();
  const headers = new Headers({ authorization: `Bearer ${KEY}` });
  const identity = await our.guard.authenticate({ method: "GET", url: "/", headers });
  expect(identity).toMatchObject({ subject: "user-1", sessionId: "key-id", scopes: ["orders:read", "orders:write"], roles: ["user", "editor"] });
  expect(identity.claims).toMatchObject({ client_id: "api-key", jti: "secret-id", iss: our.feed.issuer.url });
  expect(identity.claims).not.toHaveProperty("active");
  expect(() => Object.assign(identity.claims.roles, { 0: "admin" })).toThrow(TypeError);
  expect(await our.guard.verify(KEY)).toBe(identity);
  expect(asked.map((form) => form.get("token"))).toEqual([KEY]);
  const { seq } = our.feed.revoke("key-id");
  await expect.poll(() => our.status().seq).toBe(seq);
  expect(await refusalOf(our.guard.verify(KEY))).toEqual({ status: 401, error: "invalid_token", reason: "session_revoked" });
  expect(asked).toHaveLength(1);
});

test.each([
  ["another issuer", { iss: "https://evil.example" }],
  ["another API", { aud: "https://other.example" }],
  ["no API", { aud: undefined }],
  ["a time that is over", { exp: 1_799_999_999 }],
  ["a time that is none", { exp: "9999999999" }],
  ["nobody", { sub: "" }],
  ["roles that are none", { roles: "admin" }],
  ["a key that it is bound to", { cnf: { jkt: "x" } }],
  ["nothing at all", null],
])("an answer that is for %s lets nobody in", async (_, changes) => {
  const our = await follow();
  introspect(our.feed, changes);
  await our.guard.ready();
  expect(await refusalOf(our.guard.verify(KEY))).toMatchObject({ status: 401, error: "invalid_token" });
});

test("a server that is down is no verdict, and not asked for each request; keys it has told of go on", async () => {
  const our = await follow();
  const asked = introspect(our.feed);
  await our.guard.ready();
  await our.guard.verify(KEY);
  let tried = 0;
  our.feed.issuer.routes.set("/auth/oauth/introspect", (_, response) => void (tried++, response.writeHead(500).end()));
  for (let i = 0; i < 5; i++) {
    expect(await refusalOf(our.guard.verify(apiKeyText(`other${i}`)))).toEqual({ status: 503, error: "unavailable", reason: "store_unavailable" });
  }
  expect(tried).toBe(1);
  await our.guard.verify(KEY);
  expect(asked).toHaveLength(1);
});

test("a key is asked about anew where no feed can be held", async () => {
  const feed = await startFeed();
  const asked = introspect(feed);
  const guard = createGuard({
    issuer: feed.issuer.url,
    audience: AUDIENCE,
    revocation: { ...CLIENT, feed: false, whenStale: "introspect" },
    clock: () => feed.seconds * 1000,
    monotonicClock: () => feed.seconds * 1000,
    onWarning: () => {},
  });
  onTestFinished(() => guard.close());
  await guard.verify(KEY);
  introspect(feed, null);
  feed.seconds += 2;
  expect(await refusalOf(guard.verify(KEY))).toMatchObject({ status: 401, reason: "token_revoked" });
  expect(asked.length).toBeGreaterThan(0);
});

test("where no feed can be held, what a key may do is what it may do now, and one answer a second serves all", async () => {
  const feed = await startFeed();
  const asked = [introspect(feed)];
  const guard = createGuard({
    issuer: feed.issuer.url,
    audience: AUDIENCE,
    revocation: { ...CLIENT, feed: false, whenStale: "introspect" },
    clock: () => feed.seconds * 1000,
    monotonicClock: () => feed.seconds * 1000,
    onWarning: () => {},
  });
  onTestFinished(() => guard.close());
  const identity = await guard.verify(KEY);
  expect(identity).toMatchObject({ roles: ["user", "editor"] });
  expect(await guard.verify(KEY)).toBe(identity);
  expect(asked[0]).toHaveLength(1);
  asked.push(introspect(feed, { roles: ["user"], scope: "" }));
  feed.seconds += 2;
  for (const seen of await Promise.all(Array.from({ length: 5 }, () => guard.verify(KEY)))) {
    expect([seen.roles, seen.scopes]).toEqual([["user"], []]);
  }
  asked.push(introspect(feed, { aud: "https://other.example" }));
  feed.seconds += 2;
  for (let i = 0; i < 3; i++) expect(await refusalOf(guard.verify(KEY))).toMatchObject({ status: 401, reason: "claim_invalid" });
  expect(asked.map((forms) => forms.length)).toEqual([1, 1, 1]);
  feed.seconds += 6;
  guard.close();
  expect(await refusalOf(guard.verify(KEY))).toMatchObject({ status: 503 });
  expect(asked.map((forms) => forms.length)).toEqual([1, 1, 1]);
});

test("while the feed cannot be had, a guard that asks instead takes the answer as it is now", async () => {
  const our = await follow({ whenStale: "introspect" });
  introspect(our.feed);
  await our.guard.ready();
  expect(await our.guard.verify(KEY)).toMatchObject({ roles: ["user", "editor"] });
  const asked = introspect(our.feed, { roles: [] });
  our.pass(10_000);
  expect(await our.guard.verify(KEY)).toMatchObject({ roles: [] });
  expect(asked).toHaveLength(1);
});

test("a guard that can ask nobody refuses keys, and says so once", async () => {
  const issuer = await startIssuer();
  const warnings: string[] = [];
  const guard = createGuard({ issuer: issuer.url, audience: AUDIENCE, onWarning: (message) => warnings.push(message) });
  onTestFinished(() => guard.close());
  for (let i = 0; i < 3; i++) expect(await refusalOf(guard.verify(KEY))).toEqual({ status: 401, error: "invalid_token", reason: "token_malformed" });
  expect(warnings.filter((warning) => warning.includes("API keys"))).toHaveLength(1);
  expect(issuer.requests).toEqual([]);
});

test("a key is shown to the only issuer it can be of, and to none where there are several", async () => {
  const [one, two] = [await startFeed(), await startFeed()];
  const asked = [introspect(one), introspect(two)];
  const make = (...credentials: boolean[]) => {
    const issuers = [one, two].map(({ issuer }, i) =>
      ostiary({ issuer: issuer.url, audience: AUDIENCE, ...(credentials[i] ? { revocation: CLIENT } : {}) }));
    const guard = createGuard({ issuers, clock: () => one.seconds * 1000, onWarning: () => {} }) as unknown as Guard;
    onTestFinished(() => guard.close());
    return guard;
  };
  expect(await make(false, true).verify(KEY)).toMatchObject({ issuer: two.issuer.url });
  expect(await refusalOf(make(true, true).verify(KEY))).toMatchObject({ status: 401, reason: "claim_invalid" });
  expect(asked.map((forms) => forms.length)).toEqual([0, 1]);
});

test("no guard keeps a key's text in memory", async () => {
  const feed = await startFeed();
  introspect(feed);
  const revocation = { ...CLIENT, feed: false, whenStale: "introspect" } as const;
  const options = { clock: () => feed.seconds * 1000, onWarning: () => {} };
  const guards = [
    createGuard({ issuer: feed.issuer.url, audience: AUDIENCE, revocation, ...options }),
    createGuard({ issuers: [ostiary({ issuer: feed.issuer.url, audience: AUDIENCE, revocation })], ...options }),
  ];
  onTestFinished(() => guards.forEach((guard) => guard.close()));
  const kept = vi.spyOn(Map.prototype, "set");
  onTestFinished(() => kept.mockRestore());
  for (const guard of guards) for (let i = 0; i < 2; i++) await guard.verify(KEY);
  expect(kept.mock.calls.some(([, value]) => Object.hasOwn(Object(value) as object, "askedAt"))).toBe(true);
  expect(kept.mock.calls.filter(([name]) => name === KEY)).toEqual([]);
});

test("a server's own guard asks its own process, and an error of that stays what it is", async () => {
  const issuer = "http://localhost:4000/auth";
  let fails = false;
  const guard = createEmbeddedGuard({
    issuer,
    audience: AUDIENCE,
    algorithms: ["ES256"],
    keys: () => createKeySet([generateKey("ES256").publicKey()]),
    revocations: createRevocationSet(),
    async resolveApiKey(key) {
      if (fails) throw new RangeError("a bug");
      return Promise.resolve(key === KEY ? { ...accessClaims(issuer), sid: "key-id" } : null);
    },
  });
  expect(await guard.verify(KEY)).toMatchObject({ sessionId: "key-id" });
  expect(await refusalOf(guard.verify(apiKeyText("other")))).toMatchObject({ reason: "token_revoked" });
  fails = true;
  await expect(guard.verify(apiKeyText("third"))).rejects.toThrow(RangeError);
});
