import { describe, expect, it, onTestFinished } from "vitest";
import { MINUTE, START, TestClient, refusal, startTestServer, temporaryFile } from "../../test/test-server.ts";
import { LOCAL_ORIGIN, auditEvent } from "../audit/audit-event.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import type { User } from "../users/user.ts";
import { followRevocations } from "./revocations.ts";
import type { RevocationSink } from "./revocations.ts";

const ada: User = {
  id: "ada",
  email: "ada@example.com",
  emailVerified: false,
  name: null,
  roles: [],
  passwordHash: "",
  tokenVersion: 1,
  disabledAt: null,
  createdAt: START,
};

describe("what another process revokes", () => {
  it("is refused here as well, soon, and what it does not is not", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const [here, there] = [await startTestServer({ databaseUrl }), await startTestServer({ databaseUrl })];
    const client = new TestClient(here);
    const signedOut = await client.signup();
    const stale = await client.signup("grace@example.com");
    const untouched = await client.signup("joan@example.com");
    for (const { accessToken } of [signedOut, stale, untouched]) expect((await client.me(accessToken)).status).toBe(200);

    await there.sessions.revokeAll(signedOut.user.id);
    await there.users.setRoles(stale.user.id, ["admin"]);
    const reasonFor = async (token: string) => (await client.me(token)).body.reason;
    await expect.poll(() => reasonFor(signedOut.accessToken), { timeout: 5000, interval: 20 }).toBe("token_revoked");
    await expect.poll(() => reasonFor(stale.accessToken), { timeout: 5000, interval: 20 }).toBe("token_stale");
    expect((await client.me(untouched.accessToken)).status).toBe(200);
  });

  it("was revoked before this process started", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const before = await startTestServer({ databaseUrl });
    const tokens = await new TestClient(before).signup();
    await before.sessions.revokeAll(tokens.user.id);
    await before.close();
    const answer = await new TestClient(await startTestServer({ databaseUrl })).me(tokens.accessToken);
    expect(refusal(answer)).toMatchObject({ status: 401, reason: "token_revoked" });
  });
});

describe("an entry outlives the tokens it concerns", () => {
  it("also those of before the lifetime was lowered", async () => {
    const path = temporaryFile();
    const databaseUrl = `sqlite:${path}`;
    const generous = await startTestServer({ databaseUrl, accessTokenTtl: "1h" });
    const tokens = await new TestClient(generous).signup();
    await generous.close();
    const strict = await startTestServer({ databaseUrl, accessTokenTtl: "1m" });
    await strict.sessions.revokeAll(tokens.user.id);
    await strict.close();

    const store = await openSqlite(path);
    expect(await store.revocations.dropExpired((START + 59 * MINUTE) / 1000, 100)).toBe(0);
    await store.close();
    const later = await startTestServer({ databaseUrl, accessTokenTtl: "1m", clock: () => START + 59 * MINUTE });
    expect(refusal(await new TestClient(later).me(tokens.accessToken))).toMatchObject({ reason: "token_revoked" });
  });

  it("and is dropped some minutes after the last of them", async () => {
    const path = temporaryFile();
    const server = await startTestServer({ databaseUrl: `sqlite:${path}`, accessTokenTtl: "15m" });
    const tokens = await new TestClient(server).signup();
    for (let times = 0; times < 2; times++) await server.sessions.revokeAll(tokens.user.id);
    const store = await openSqlite(path);
    onTestFinished(() => store.close());
    expect(await store.revocations.dropExpired((START + 19 * MINUTE) / 1000, 100)).toBe(0);
    expect(await store.revocations.dropExpired((START + 21 * MINUTE) / 1000, 100)).toBe(1);
    // The newest stays, so that nobody takes the log for one that has lost entries.
    expect(await store.revocations.entriesAfter(0, 100)).toMatchObject([{ seq: 2 }]);
  });
});

describe("followRevocations", () => {
  /** A log with `count` entries for Ada, of versions 2 and up. */
  async function logOf(count: number) {
    const store = await openSqlite(":memory:");
    onTestFinished(() => store.close());
    const audit = auditEvent("token_version_raised", START, LOCAL_ORIGIN, {});
    await store.users.create(ada, audit);
    const raise = () =>
      store.users.raiseTokenVersion(ada.id, {
        revocation: (value, version) => ({ kind: "subject", value, version, effect: "stale", reason: "x", at: START }),
        audit,
      });
    for (let i = 0; i < count; i++) await raise();
    return { store, raise };
  }

  it("reads a log of any length, in order, each entry once", async () => {
    const { store } = await logOf(2100);
    const seen: number[] = [];
    const sink: RevocationSink = { apply: ({ version = 0 }) => seen.push(version) };
    const options = {
      store: store.revocations,
      guards: { apply() {} },
      followers: sink,
      clock: () => START,
      accessTokenSeconds: 900,
      onError: () => {},
    };
    const revocations = await followRevocations(options);
    onTestFinished(() => revocations.close());
    expect(seen).toEqual(Array.from({ length: 2100 }, (_, i) => i + 2));
    await revocations.catchUp();
    expect(seen).toHaveLength(2100);
  });

  it("passes on at once what this process appends", async () => {
    const { store, raise } = await logOf(0);
    const seen: number[] = [];
    const sink: RevocationSink = { apply: ({ seq }) => seen.push(seq) };
    const options = {
      store: store.revocations,
      guards: sink,
      followers: { apply() {} },
      clock: () => START,
      accessTokenSeconds: 900,
      onError: () => {},
    };
    const revocations = await followRevocations(options);
    onTestFinished(() => revocations.close());
    const { entry } = (await raise())!;
    revocations.publish(entry);
    expect(seen).toEqual([entry.seq]);
  });

  it("passes on what others appended before it, in the order of the log; guards need not wait for that", async () => {
    const { store, raise } = await logOf(0);
    const [told, followed]: number[][] = [[], []];
    const revocations = await followRevocations({
      store: store.revocations,
      guards: { apply: ({ seq }) => told!.push(seq) },
      followers: { apply: ({ seq }) => followed!.push(seq) },
      clock: () => START,
      accessTokenSeconds: 900,
      onError: () => {},
    });
    onTestFinished(() => revocations.close());
    const [first, second] = [(await raise())!.entry, (await raise())!.entry];
    // As if another process had appended the first.
    revocations.publish(second);
    expect([told, followed, revocations.seq]).toEqual([[second.seq], [], 0]);
    await revocations.catchUp();
    expect([followed, revocations.seq]).toEqual([[first.seq, second.seq], second.seq]);
    revocations.publish(second);
    revocations.publish(first);
    await revocations.catchUp();
    expect(followed).toEqual([first.seq, second.seq]);
  });

  it("reads the log once a second, though the store says that nothing has changed", async () => {
    const { store, raise } = await logOf(0);
    const followed: number[] = [];
    const watch = { ...store.revocations.watch, everyMs: 1, changeMark: async () => 7 };
    const revocations = await followRevocations({
      store: { ...store.revocations, watch },
      guards: { apply() {} },
      followers: { apply: ({ seq }) => followed.push(seq) },
      clock: () => START,
      accessTokenSeconds: 900,
      onError: () => {},
    });
    onTestFinished(() => revocations.close());
    await raise();
    await expect.poll(() => followed, { timeout: 10_000 }).toHaveLength(1);
  });

  it("tells the operator once when the log cannot be read, and again after it could be", async () => {
    const { store } = await logOf(0);
    let isDown = false;
    let looks = 0;
    const watch = {
      ...store.revocations.watch,
      everyMs: 1,
      async changeMark() {
        looks++;
        if (isDown) throw new Error("down");
        return looks;
      },
    };
    const errors: unknown[] = [];
    const revocations = await followRevocations({
      store: { ...store.revocations, watch },
      guards: { apply() {} },
      followers: { apply() {} },
      clock: () => START,
      accessTokenSeconds: 900,
      onError: (error) => errors.push(error),
    });
    onTestFinished(() => revocations.close());
    const severalLooks = async (): Promise<void> => {
      const before = looks;
      await expect.poll(() => looks).toBeGreaterThan(before + 3);
    };
    for (const outage of [1, 2]) {
      isDown = true;
      await severalLooks();
      expect(errors).toHaveLength(outage);
      isDown = false;
      await severalLooks();
    }
  });
});
