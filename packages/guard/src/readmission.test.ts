import type { IncomingMessage } from "node:http";
import { createKeySet, generateKey, type KeySet } from "@ostiary/jwt";
import type { RevocationEntry } from "@ostiary/protocol";
import { expect, test } from "vitest";
import { accessClaims, AUDIENCE, signToken } from "../test/issuer.ts";
import { authenticate } from "./adapters/express.ts";
import { createEmbeddedGuard } from "./embedded.ts";
import type { GuardedRequest } from "./extract-token.ts";
import type { Guard } from "./guard.ts";
import type { Identity } from "./identity.ts";
import { createReadmission } from "./readmission.ts";
import { createRevocationSet } from "./revocation-set.ts";
import { heldRevocations } from "./revocation-source.ts";

const ISSUER = "http://localhost:4000/auth";
const START = 1_800_000_000_000;

/** A guard whose keys, revocations and clock are the test's, and an Express middleware before it. */
function setUp(options: { maxCachedTokens?: number } = {}) {
  const key = generateKey("ES256");
  const state = { now: START, keys: createKeySet([key]) };
  const revocations = createRevocationSet({ clock: () => state.now });
  const guard = createEmbeddedGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ["ES256"],
    keys: () => state.keys,
    revocations,
    clock: () => state.now,
    ...options,
  });
  const token = (changes = {}) => signToken(key, accessClaims(ISSUER, START, changes));
  return { state, key, revocations, guard, token, ask: asking(guard) };
}

/** What becomes of a request: who asked, or the refusal's reason or error; and whether that was known at once. */
function asking(guard: Guard) {
  const middleware = authenticate(guard);
  return async (rawHeaders: readonly string[], url = "/orders") => {
    const req = { method: "GET", originalUrl: url, url, rawHeaders } as unknown as IncomingMessage & { auth?: Identity };
    let passed = false;
    let answer: { error: string; reason?: string } | undefined;
    const res = { status: () => res, set: () => res, json: (body: typeof answer) => void (answer = body) };
    const judged = middleware(req as never, res as never, () => void (passed = true));
    const atOnce = passed;
    await judged;
    return { auth: passed ? req.auth : undefined, refused: answer?.reason ?? answer?.error, atOnce };
  };
}

const bearer = (token: string, scheme = "Bearer") => ["Host", "api.example", "Authorization", `${scheme} ${token}`];
/** As it comes from a parser: another text each time, of the same characters. */
const again = (headers: readonly string[]) => headers.map((header) => Buffer.from(header).toString("latin1"));

const revocation = (entry: Partial<RevocationEntry>): RevocationEntry => ({
  seq: 1, kind: "session", value: "session-1", effect: "revoked", expiresAt: START / 1000 + 900, reason: "logout", ...entry,
});

test("who comes again with the same header is let in at once, as the same identity", async () => {
  const { token, ask } = setUp();
  const headers = bearer(token());
  const first = await ask(headers);
  expect([first.auth?.subject, first.atOnce]).toEqual(["user-1", false]);
  const second = await ask(again(headers));
  expect([second.auth, second.atOnce]).toEqual([first.auth, true]);
  expect(second.auth).toBe(first.auth);
  expect(Object.isFrozen(second.auth) && Object.isFrozen(second.auth?.claims) && Object.isFrozen(second.auth?.roles)).toBe(true);
});

test.each<[string, Partial<RevocationEntry>, string]>([
  ["session", {}, "session_revoked"],
  ["token", { kind: "token", value: "token-1" }, "token_revoked"],
  ["user", { kind: "subject", value: "user-1", version: 2, effect: "stale" }, "token_stale"],
])("a %s that was revoked between two requests is refused", async (_what, entry, reason) => {
  const { token, ask, revocations } = setUp();
  const headers = bearer(token());
  await ask(headers);
  expect((await ask(headers)).atOnce).toBe(true);
  revocations.apply(revocation({ value: "somebody-else" }));
  expect((await ask(headers)).atOnce).toBe(true);
  revocations.apply(revocation(entry));
  for (const refused of [await ask(headers), await ask(headers)]) expect(refused).toMatchObject({ auth: undefined, refused: reason });
});

test("the token's end counts to the millisecond, and a clock that was set back has it judged anew", async () => {
  const { state, token, ask } = setUp();
  const headers = bearer(token({ nbf: START / 1000 }));
  await ask(headers);
  state.now = START + 900_000 - 1;
  expect((await ask(headers)).atOnce).toBe(true);
  state.now = START + 900_000;
  expect(await ask(headers)).toMatchObject({ auth: undefined, refused: "token_expired" });
  state.now = START - 1;
  expect(await ask(headers)).toMatchObject({ auth: undefined, refused: "token_not_active" });
});

test("a key that is gone takes what it signed with it, and a key that stays does not", async () => {
  const { state, key, token, ask } = setUp();
  const headers = bearer(token());
  await ask(headers);
  state.keys = createKeySet([key, generateKey("ES256")]);
  expect(await ask(headers)).toMatchObject({ auth: { subject: "user-1" }, atOnce: false });
  expect((await ask(headers)).atOnce).toBe(true);
  state.keys = createKeySet([generateKey("ES256")]);
  expect(await ask(headers)).toMatchObject({ auth: undefined, refused: "signature_invalid" });
});

test("a header that differs in any one character is not the one that was let in", async () => {
  const { token, ask } = setUp();
  const headers = bearer(token());
  await ask(headers);
  const header = headers[3] ?? "";
  for (let i = "Bearer ".length; i < header.length; i++) {
    const changed = header.slice(0, i) + (header[i] === "A" ? "B" : "A") + header.slice(i + 1);
    const { auth, refused } = await ask(["Authorization", changed]);
    expect([auth, refused]).toEqual([undefined, expect.stringMatching(/^(signature_invalid|token_malformed)$/)]);
  }
  expect((await ask(headers)).atOnce).toBe(true);
});

test("a second token, in the query or in another header, is refused although the first was let in before", async () => {
  const { token, ask } = setUp();
  const headers = bearer(token());
  await ask(headers);
  expect(await ask(headers, "/orders?access_token=x")).toMatchObject({ auth: undefined, refused: "invalid_request" });
  expect(await ask([...headers, ...headers])).toMatchObject({ auth: undefined, refused: "invalid_request" });
  expect(await ask(headers, "/orders?page=2")).toMatchObject({ atOnce: true });
});

test("who was let in by Bearer is not let in by another scheme", async () => {
  const { token, ask } = setUp();
  await ask(bearer(token()));
  expect(await ask(bearer(token(), "DPoP"))).toMatchObject({ auth: undefined });
  expect(await ask(bearer(token(), "Basic"))).toMatchObject({ auth: undefined, refused: "missing_token" });
});

test("a guard that remembers nothing judges each request", async () => {
  const { token, ask } = setUp({ maxCachedTokens: 0 });
  const headers = bearer(token());
  for (const { auth, atOnce } of [await ask(headers), await ask(headers)]) expect([auth?.subject, atOnce]).toEqual(["user-1", false]);
});

test("an authenticate that was put in the guard's place is asked each time", async () => {
  const { guard, token } = setUp();
  const headers = bearer(token());
  const wrapped = { ...guard };
  const ask = asking(wrapped);
  await ask(headers);
  expect((await ask(headers)).atOnce).toBe(true);
  let asked = 0;
  Reflect.set(wrapped, "authenticate", (request: GuardedRequest) => {
    asked += 1;
    return guard.authenticate(request);
  });
  expect((await ask(headers)).atOnce).toBe(false);
  expect(asked).toBe(1);
});

test("of two tokens that end alike, neither is taken for the other", () => {
  const { readmit, remember, knownOf } = createReadmission<Identity>({ revocations: undefined, maxTokens: 10, clock: () => START });
  const keys: KeySet = createKeySet([]);
  const revocable = { jti: "token-1", kid: undefined, sid: "session-1", sub: "user-1", ver: 1 };
  const [one, other] = [accessClaims(ISSUER, START), accessClaims(ISSUER, START)];
  const known = { identity: { claims: one } as unknown as Identity, revocable };
  remember("header.one.signature", "Bearer header.one.signature", { known, source: { current: () => keys } as never, keys });
  expect(readmit("Bearer header.one.signature", "/")).toBe(known.identity);
  expect(readmit("Bearer header.other.signature", "/")).toBeUndefined();
  expect(knownOf("header.one.signature", one)?.identity).toBe(known.identity);
  expect(knownOf("header.other.signature", other)).toBeUndefined();
});

test("while nothing is heard of revocations, nobody is let in at once", () => {
  const revocations = createRevocationSet({ clock: () => START });
  let isFresh = true;
  const source = { ...heldRevocations(revocations), isFresh: () => isFresh };
  const { readmit, remember } = createReadmission<Identity>({ revocations: source, maxTokens: 10, clock: () => START });
  const keys: KeySet = createKeySet([]);
  const identity = { claims: accessClaims(ISSUER, START) } as unknown as Identity;
  const revocable = { jti: "token-1", kid: undefined, sid: "session-1", sub: "user-1", ver: 1 };
  remember("header.claims.signature", "Bearer header.claims.signature", { known: { identity, revocable }, source: { current: () => keys } as never, keys });
  expect(readmit("Bearer header.claims.signature", "/")).toBe(identity);
  isFresh = false;
  expect(readmit("Bearer header.claims.signature", "/")).toBeUndefined();
});
