import { expect, test } from "vitest";
import { apiKeyText } from "../../test/api-key-text.ts";
import { invalidToken } from "../challenge.ts";
import { createRevocationSet } from "../revocation-set.ts";
import { isApiKey, isWellFormed } from "./api-key.ts";
import { createApiKeys, type AskForKey } from "./api-keys.ts";

const NOW = 1_800_000_000_000;
const KEY = apiKeyText("mine");

/** Keys that stand for their own text, and a count of what was asked. */
function setUp({ maxKeys = 1000 } = {}) {
  const time = { now: NOW, monotonic: 0 };
  const revocations = createRevocationSet({ clock: () => time.now });
  const asked: string[] = [];
  let ask: AskForKey = async (key) => Promise.resolve(key.includes("stranger") ? null : { sub: key });
  const owner = { version: 1 };
  return {
    time,
    asked,
    owner,
    answerBy: (other: AskForKey) => void (ask = other),
    revoke: (kind: "session" | "token" | "subject", value: string, version?: number) =>
      revocations.apply({
        seq: 1, kind, value, effect: kind === "subject" ? "stale" : "revoked", expiresAt: NOW / 1000 + 9000, reason: "admin",
        ...(version === undefined ? {} : { version }),
      }),
    keys: createApiKeys<string>({
      ask: (key) => {
        asked.push(key);
        return ask(key);
      },
      read({ sub }) {
        if (sub === "elsewhere") throw invalidToken("claim_invalid");
        return {
          identity: String(sub),
          revocable: { jti: `secret of ${String(sub)}`, kid: undefined, sid: `id of ${String(sub)}`, sub: "owner", ver: owner.version },
          exp: time.now / 1000 + 900,
        };
      },
      revocations,
      maxKeys,
      clock: () => time.now,
      monotonic: () => time.monotonic,
    }),
  };
}

async function refusedBy(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    const { status, reason } = error as { status: number; reason: string };
    return `${status} ${reason}`;
  }
  return "in";
}

test("a key is known by its form, as the server writes it, and anything else is asked of nobody", async () => {
  const vectors = [
    "ostk_0000000000000000000011111111111111111111111111111111111111111113On369",
    "ostk_1MTv9s2ZK0Jp4bQxYc7eaB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3z41lL12",
  ];
  for (const key of [...vectors, KEY]) expect([isApiKey(key), isWellFormed(key)]).toEqual([true, true]);
  const { keys, asked } = setUp();
  for (const bad of [KEY.slice(0, -1), `${KEY}0`, KEY.replace("mine", "yours"), `${KEY.slice(0, -1)}!`, "ostk_", ` ${KEY}`, `${KEY}\n`, "ostk_" + "0".repeat(69)]) {
    expect(await refusedBy(keys.find(bad))).toBe("401 token_malformed");
  }
  expect(asked).toEqual([]);
  for (const other of ["eyJhbGciOiJFUzI1NiJ9.e30.x", "OSTK_", "", undefined, {}]) expect(isApiKey(other)).toBe(false);
});

test("a key is asked about once, by all who wait, and relied on for as long as the answer says", async () => {
  const { keys, asked, time } = setUp();
  const found = await Promise.all(Array.from({ length: 100 }, () => keys.find(KEY)));
  expect(new Set(found.map(({ identity }) => identity))).toEqual(new Set([KEY]));
  time.now += 899_000;
  await keys.find(KEY);
  expect(asked).toHaveLength(1);
  time.now += 1_000;
  await keys.find(KEY);
  expect(asked).toHaveLength(2);
});

test("a key that was revoked is refused at once, and nobody is asked", async () => {
  const { keys, asked, revoke } = setUp();
  await keys.find(KEY);
  revoke("session", `id of ${KEY}`);
  expect(await refusedBy(keys.find(KEY))).toBe("401 session_revoked");
  expect(asked).toHaveLength(1);
});

test("a secret that was rotated away is refused at once, whatever is answered", async () => {
  const { keys, asked, revoke } = setUp();
  await keys.find(KEY);
  revoke("token", `secret of ${KEY}`);
  for (let i = 0; i < 30; i++) expect(await refusedBy(keys.find(KEY))).toBe("401 token_revoked");
  expect(asked).toHaveLength(2);
});

test("when something about its owner has changed, a key is asked about anew and goes on", async () => {
  const { keys, asked, revoke, owner, time } = setUp();
  await keys.find(KEY);
  revoke("subject", "owner", 2);
  expect(await refusedBy(keys.find(KEY))).toBe("401 token_stale"); // the server does not know of it yet
  owner.version = 2;
  time.monotonic += 1001;
  expect(await refusedBy(keys.find(KEY))).toBe("in");
  const before = asked.length;
  await keys.find(KEY);
  expect(asked).toHaveLength(before);
});

test("a revocation that comes while the question is under way counts", async () => {
  const { keys, revoke, answerBy } = setUp();
  answerBy((key) => {
    revoke("session", `id of ${KEY}`);
    return Promise.resolve({ sub: key });
  });
  expect(await refusedBy(keys.find(KEY))).toBe("401 session_revoked");
});

test("a key that nobody knows is refused for a while without asking again", async () => {
  const { keys, asked, time } = setUp();
  const stranger = apiKeyText("stranger");
  for (let i = 0; i < 10; i++) expect(await refusedBy(keys.find(stranger))).toBe("401 token_revoked");
  expect(asked).toHaveLength(1);
  time.monotonic += 5001;
  await refusedBy(keys.find(stranger));
  expect(asked).toHaveLength(2);
});

test("a key that is for something else is refused, and not asked about for each request", async () => {
  const { keys, asked, answerBy } = setUp();
  answerBy(() => Promise.resolve({ sub: "elsewhere" }));
  for (let i = 0; i < 10; i++) expect(await refusedBy(keys.find(KEY))).toBe("401 claim_invalid");
  expect(asked).toHaveLength(1);
});

test("a flood of invented keys is no flood of questions, and keeps nobody out whose key was good", async () => {
  const { keys, asked, time } = setUp();
  await keys.find(KEY);
  const flood = await Promise.all(Array.from({ length: 5000 }, (_, i) => refusedBy(keys.find(apiKeyText(`stranger${i}`)))));
  expect(asked.length).toBe(201);
  expect(flood.filter((verdict) => verdict === "503 overloaded")).toHaveLength(4800);
  expect(await refusedBy(keys.find(KEY))).toBe("in");
  time.now += 900_000;
  expect(await refusedBy(keys.find(KEY))).toBe("in");
  expect(await refusedBy(keys.find(apiKeyText("new")))).toBe("503 overloaded");
  time.monotonic += 1000;
  expect(await refusedBy(keys.find(apiKeyText("new")))).toBe("in");
  await Promise.all(Array.from({ length: 300 }, (_, i) => refusedBy(keys.find(apiKeyText(`strangerB${i}`)))));
  expect(asked.length).toBeLessThanOrEqual(201 + 2 + 100);
});

test("a flood of invented keys keeps nobody out whose key was good, however few keys are remembered, or none", async () => {
  for (const maxKeys of [0, 2]) {
    const { keys } = setUp({ maxKeys });
    const honest = Array.from({ length: 50 }, (_, i) => apiKeyText(`honest${i}`));
    for (const key of honest) await keys.find(key);
    for (let i = 0; i < 300; i++) await refusedBy(keys.find(apiKeyText(`stranger${i}`)));
    expect(await refusedBy(keys.find(apiKeyText("new")))).toBe("503 overloaded");
    for (const key of honest) expect(await refusedBy(keys.find(key))).toBe("in");
  }
});

test("many good keys at once are no flood", async () => {
  const { keys, asked } = setUp();
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => keys.find(apiKeyText(`good${round}x${i}`))));
  }
  expect(asked).toHaveLength(1000);
});

test("a server that does not answer is no verdict on a key", async () => {
  const { keys, answerBy } = setUp();
  answerBy(() => Promise.reject(Object.assign(new Error("down"), { status: 503, reason: "store_unavailable" })));
  for (let i = 0; i < 300; i++) expect(await refusedBy(keys.find(apiKeyText(`k${i}`)))).toBe("503 store_unavailable");
  answerBy((key) => Promise.resolve({ sub: key }));
  expect(await refusedBy(keys.find(apiKeyText("k1")))).toBe("in");
});

test("as many keys are remembered as was said, and none with 0", async () => {
  const few = setUp({ maxKeys: 4 });
  for (let i = 0; i < 100; i++) await few.keys.find(apiKeyText(`k${i}`));
  await few.keys.find(apiKeyText("k99"));
  await few.keys.find(apiKeyText("k0"));
  expect(few.asked).toHaveLength(101);
  const none = setUp({ maxKeys: 0 });
  for (let i = 0; i < 3; i++) await none.keys.find(KEY);
  expect(none.asked).toHaveLength(3);
});
