import { createKeySet, generateKey } from "@ostiary/jwt";
import type { RevocationEntry } from "@ostiary/protocol";
import { expect, test } from "vitest";
import { accessClaims, AUDIENCE, refusalOf, signToken } from "../test/issuer.ts";
import { createEmbeddedGuard, createRevocationSet } from "./embedded.ts";

const ISSUER = "https://auth.example";
const NOW = 1_800_000_000_000;

function setUp() {
  const key = generateKey("ES256");
  const state = { now: NOW, keys: createKeySet([key]) };
  const clock = () => state.now;
  const revocations = createRevocationSet({ clock });
  const guard = createEmbeddedGuard({
    issuer: ISSUER,
    audience: [AUDIENCE, ISSUER],
    algorithms: ["ES256"],
    keys: () => state.keys,
    revocations,
    clock,
  });
  const token = signToken(key, accessClaims(ISSUER, NOW));
  const revoke = (kind: RevocationEntry["kind"], value: string, fields: Partial<RevocationEntry> = {}) =>
    revocations.apply({ seq: 1, kind, value, effect: "revoked", expiresAt: NOW / 1000 + 900, reason: "logout", ...fields });
  return { key, state, guard, token, revoke };
}

test.each([
  ["session", "session-1", {}, "session_revoked"],
  ["token", "token-1", {}, "token_revoked"],
  ["key", undefined, {}, "token_revoked"],
  ["subject", "user-1", { version: 2 }, "token_revoked"],
  ["subject", "user-1", { version: 2, effect: "stale" }, "token_stale"],
] as const)("a warm token is refused as soon as its %s %s is revoked %j", async (kind, value, fields, reason) => {
  const { guard, key, token, revoke } = setUp();
  await guard.verify(token);
  await guard.verify(token);
  revoke(kind, "someone else's", fields);
  await guard.verify(token);
  revoke(kind, value ?? key.keyId!, fields);
  const refused = { status: 401, error: "invalid_token", reason };
  expect(await refusalOf(guard.verify(token))).toEqual(refused);
  expect(await refusalOf(guard.verify(token))).toEqual(refused);
});

test("a cold token is refused when it was revoked, also one that names no key", async () => {
  const { guard, key, revoke } = setUp();
  revoke("session", "session-2");
  expect((await refusalOf(guard.verify(signToken(key, accessClaims(ISSUER, NOW, { sid: "session-2" }))))).reason).toBe(
    "session_revoked",
  );
  revoke("key", key.keyId!);
  expect((await refusalOf(guard.verify(signToken(key, accessClaims(ISSUER, NOW))))).reason).toBe("token_revoked");
});

test("a token of the user's current version passes where older ones are stale", async () => {
  const { guard, key, token, revoke } = setUp();
  revoke("subject", "user-1", { version: 2, effect: "stale" });
  expect((await refusalOf(guard.verify(token))).reason).toBe("token_stale");
  await guard.verify(signToken(key, accessClaims(ISSUER, NOW, { ver: 2 })));
});

test("a forged token is never told that its session was revoked", async () => {
  const { guard, revoke } = setUp();
  revoke("session", "session-1");
  const forged = signToken(generateKey("ES256"), accessClaims(ISSUER, NOW));
  expect((await refusalOf(guard.verify(forged))).reason).toBe("signature_invalid");
});

test("a warm token is refused when the server drops its key, and accepted again when it is back", async () => {
  const { guard, key, state, token } = setUp();
  await guard.verify(token);
  state.keys = createKeySet([generateKey("ES256")]);
  expect((await refusalOf(guard.verify(token))).reason).toBe("signature_invalid");
  state.keys = createKeySet([key]);
  await guard.verify(token);
});

test("a warm token is refused when it expires", async () => {
  const { guard, state, token } = setUp();
  await guard.verify(token);
  state.now += 900_000;
  expect((await refusalOf(guard.verify(token))).reason).toBe("token_expired");
});

test("an embedded guard is ready at once and counts what it remembers", async () => {
  const { guard, revoke } = setUp();
  await guard.ready();
  revoke("session", "session-1");
  expect(guard.status()).toEqual({
    issuer: ISSUER,
    keys: { count: 1, fetchedAt: null, lastError: null },
    connected: true,
    seq: null,
    staleness: null,
    entries: 1,
    lastError: null,
  });
  guard.close();
});

test("an embedded guard shows how far its owner has read, and judges by it nothing", async () => {
  const { key, state, token } = setUp();
  const guard = createEmbeddedGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ["ES256"],
    keys: () => createKeySet([key]),
    revocations: createRevocationSet(),
    freshness: () => ({ seq: 7, staleness: 1e6 }),
    clock: () => state.now,
  });
  expect(guard.status()).toMatchObject({ connected: true, seq: 7, staleness: 1e6, entries: 0 });
  await guard.verify(token);
});

test("the audience is required", () => {
  const { state } = setUp();
  const parts = { issuer: ISSUER, algorithms: ["ES256"] as const, keys: () => state.keys, revocations: createRevocationSet() };
  expect(() => createEmbeddedGuard({ ...parts, audience: [] })).toThrow("audience is required");
});
