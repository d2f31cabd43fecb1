/** Several key rings on one database, as replicas have them: their clocks differ, and they look when they look. */
import { createKeySet } from "@ostiary/jwt";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { SECRET, START } from "../../test/test-server.ts";
import { resolveSettings } from "../config.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { systemRandom } from "../random.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { keyPolicyOf } from "./key-policy.ts";
import { createKeySafe } from "./key-safe.ts";
import type { KeyStore } from "./key-store.ts";
import { openKeyring } from "./keyring.ts";
import type { Keyring } from "./keyring.ts";
import { createKeys } from "./keys.ts";

const CONFIG: OstiaryConfig = { keyRotation: "1h", keyPublishAhead: "10m", accessTokenTtl: "15m" };
const TOKEN_MS = 15 * 60_000;
/** Replicas look each second; whoever is so late is not alive. */
const LOOKS_WITHIN_MS = 2000;

interface Replica {
  readonly keyring: Keyring;
  readonly skewMs: number;
  lookedAt: number;
}

async function newStore() {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  return store;
}

function depsOf(store: KeyStore, clock: () => number, config: OstiaryConfig = {}) {
  const policy = keyPolicyOf(resolveSettings({ inCode: { ...CONFIG, ...config }, environment: {} }));
  const safe = createKeySafe(() => ({ current: SECRET, previous: [] }), systemRandom);
  return { store, safe, policy, clock, random: systemRandom, onError() {} };
}

/** What a guard knows: the document of some replica, for as long as it may be kept. */
interface Fetched {
  readonly at: number;
  readonly kids: ReadonlySet<string>;
}

const kidsOf = (keyring: Keyring): Set<string> =>
  new Set((JSON.parse(keyring.jwks.text) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid));

const events = fc.array(
  fc.record({
    afterSeconds: fc.nat({ max: 1500 }),
    does: fc.constantFrom("sign", "sign", "sign", "fetch", "look", "rotate"),
    replica: fc.nat({ max: 2 }),
  }),
  { minLength: 20, maxLength: 120 },
);

it("at every moment of every rotation, what one replica signs is known to all, and to guards with an old document", async () => {
  await fc.assert(
    fc.asyncProperty(events, async (history) => {
      const { keys: store } = await newStore();
      let now = START;
      const replicas: Replica[] = [];
      for (const skewMs of [0, 3000, -3000]) {
        const keyring = await openKeyring(depsOf(store, () => now + skewMs));
        keyring.close(); // Its own timer; it looks when it is told to here.
        replicas.push({ keyring, skewMs, lookedAt: now });
      }
      const keys = createKeys(depsOf(store, () => now));
      const signed: { kid: string; expiresAt: number }[] = [];
      let guard: Fetched = { at: now, kids: kidsOf(replicas[0]!.keyring) };

      for (const { afterSeconds, does, replica } of history) {
        now += afterSeconds * 1000;
        for (const each of replicas) {
          if (now - each.lookedAt < LOOKS_WITHIN_MS && does !== "look") continue;
          await each.keyring.catchUp();
          each.lookedAt = now;
        }
        const { keyring, skewMs } = replicas[replica]!;
        if (now - guard.at > keyring.jwksMaxAgeSeconds * 1000 || does === "fetch") guard = { at: now, kids: kidsOf(keyring) };
        if (does === "rotate") await keys.rotate();
        if (does === "sign") {
          const kid = keyring.accessKey.keyId!;
          signed.push({ kid, expiresAt: now + skewMs + TOKEN_MS });
          expect(guard.kids.has(kid)).toBe(true);
        }
        for (const { kid, expiresAt } of signed.slice(-40)) {
          if (expiresAt < now) continue;
          expect(replicas.map((each) => each.keyring.accessKeys.get(kid) !== undefined)).toEqual([true, true, true]);
          expect(replicas.map((each) => kidsOf(each.keyring).has(kid))).toEqual([true, true, true]);
        }
      }
      const held = (await keys.list()).filter(({ purpose }) => purpose === "access");
      expect(held.filter(({ state }) => state === "active")).toHaveLength(1);
      // Nothing is kept for longer than it can be of use.
      for (const { goneAt } of held) if (goneAt !== null) expect(goneAt - now).toBeLessThan(TOKEN_MS + 130_000);
    }),
    { numRuns: 30 },
  );
});

it("replicas that see at once that a key is due make one new key between them", async () => {
  const { keys: store } = await newStore();
  let now = START;
  const keyrings = [];
  for (let i = 0; i < 5; i++) keyrings.push(await openKeyring(depsOf(store, () => now)));
  for (const keyring of keyrings) keyring.close();
  const before = await store.read();
  now += 3_600_000;
  await Promise.all(keyrings.map((keyring) => keyring.catchUp()));
  const after = await store.read();
  expect(after.keys.length - before.keys.length).toBe(2); // one for access tokens, one for refresh tokens
  expect(new Set(keyrings.map(({ accessKey }) => accessKey.keyId)).size).toBe(1);
  expect(new Set(keyrings.map(({ jwks }) => jwks.etag)).size).toBe(1);
  expect(after.revision).toBe(before.revision + 1);
});

it("a key made by a clock that is behind is not taken for one that came with the ring", async () => {
  const { keys: store } = await newStore();
  (await openKeyring(depsOf(store, () => START))).close();
  const behind = createKeys(depsOf(store, () => START - 3000));
  const upcoming = (await behind.list()).find(({ purpose, state }) => purpose === "access" && state === "upcoming");
  await behind.retire(upcoming?.id ?? "");
  expect(await behind.rotate()).toMatchObject({ state: "upcoming", createdAt: START + 1, activatesAt: START + 1 + 600_000 });
});

it("a replica of another opinion on the algorithm changes it no more often than keys are published ahead", async () => {
  const { keys: store } = await newStore();
  let now = START;
  const es = await openKeyring(depsOf(store, () => now));
  const ed = await openKeyring(depsOf(store, () => now, { signingAlgorithm: "Ed25519" }));
  for (const keyring of [es, ed]) keyring.close();
  const algorithms: string[] = [];
  for (let second = 0; second < 3600; second += 20) {
    now = START + second * 1000;
    await es.catchUp();
    await ed.catchUp();
    await es.catchUp();
    const { algorithm } = es.accessKey;
    if (algorithms.at(-1) !== algorithm) algorithms.push(algorithm);
    expect(es.accessKeys.get(ed.accessKey.keyId!)).toBeDefined();
  }
  expect(algorithms.length).toBeLessThanOrEqual(7);
});

it("what is published holds no secret and no private part, in any state", async () => {
  const { keys: store } = await newStore();
  let now = START;
  const keyring = await openKeyring(depsOf(store, () => now));
  keyring.close();
  now += 3_600_000;
  await keyring.catchUp();
  const states = (await store.read()).keys.filter(({ purpose }) => purpose === "access").map(({ state }) => state);
  expect(states.toSorted()).toEqual(["active", "retiring", "upcoming"]);
  const document = JSON.parse(keyring.jwks.text) as { keys: Record<string, unknown>[] };
  expect(document.keys).toHaveLength(3);
  for (const key of document.keys) expect(Object.keys(key).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
  expect(createKeySet(document).ignored).toEqual([]);
});
