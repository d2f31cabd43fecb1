/** Equal work for whoever is asked about: proven by counting hash calls, since times tell nothing on a busy machine. */
import { describe, expect, it, onTestFinished } from "vitest";
import { PASSWORD, START } from "../../test/test-server.ts";
import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import { UNDER_WAY_SECONDS } from "../limits/bucket.ts";
import { DEFAULT_LIMITS } from "../limits/budgets.ts";
import { createLimits } from "../limits/create-limits.ts";
import { NO_LIMITS } from "../limits/no-limits.ts";
import { systemRandom } from "../random.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { authenticateUser } from "./authenticate.ts";
import { changePassword } from "./change-password.ts";
import { createUser } from "./create-user.ts";
import { createPasswords } from "./password.ts";
import type { Passwords } from "./password.ts";

/** Ada, and a user who was disabled; every hash call is counted. */
async function countingUsers() {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  const calls: string[] = [];
  const real = createPasswords({ minLength: 8 });
  const passwords: Passwords = {
    ...real,
    hash(...args) {
      calls.push("hash");
      return real.hash(...args);
    },
    verify(...args) {
      calls.push("verify");
      return real.verify(...args);
    },
    rehash(...args) {
      calls.push("rehash");
      return real.rehash(...args);
    },
  };
  const revocations = { publish: () => {} };
  const deps = {
    store: store.users,
    audit: store.audit,
    passwords,
    clock: () => START,
    random: systemRandom,
    revocations,
    limits: NO_LIMITS,
    knowsDevice: async () => false,
  };
  const create = (email: string) => createUser(deps, { email, password: PASSWORD }, LOCAL_ORIGIN);
  const ada = await create("ada@example.com");
  const off = await create("off@example.com");
  await store.users.disable(off.id, START, {
    revocation: (value, version) => ({ kind: "subject", value, version, effect: "revoked", reason: "user_disabled", at: START }),
    audit: { at: START, type: "user_disabled", userId: off.id, sessionId: null, ...LOCAL_ORIGIN, detail: {} },
  });
  calls.length = 0;
  return { deps, calls, ada, create, audit: store.audit, limits: createLimits(store.limits, DEFAULT_LIMITS) };
}

describe("signing in costs one comparison", () => {
  it.each([
    ["the right password", "ada@example.com", PASSWORD],
    ["a wrong password", "ada@example.com", "wrong"],
    ["an unknown e-mail", "nobody@example.com", PASSWORD],
    ["an unknown e-mail and no password at all", "nobody@example.com", ""],
    ["a disabled user", "off@example.com", PASSWORD],
    ["a disabled user and a wrong password", "off@example.com", "wrong"],
  ])("%s", async (what, email, password) => {
    const { deps, calls, audit } = await countingUsers();
    const signingIn = authenticateUser(deps, { email, password }, LOCAL_ORIGIN);
    if (what === "the right password") expect((await signingIn).email).toBe(email);
    else {
      await expect(signingIn).rejects.toMatchObject({ code: "invalid_credentials", message: "Wrong e-mail or password." });
      const [event] = await audit.list({ limit: 1 });
      expect(event?.type).toBe("login_failed");
    }
    expect(calls).toEqual(["verify"]);
  });
});

describe("signing up costs one hash", () => {
  it.each(["new@example.com", "ada@example.com", "ADA@example.com "])("%s", async (email) => {
    const { calls, create } = await countingUsers();
    const signingUp = create(email);
    if (email === "new@example.com") expect((await signingUp).tokenVersion).toBe(1);
    else await expect(signingUp).rejects.toMatchObject({ code: "email_taken" });
    expect(calls).toEqual(["hash"]);
  });

  it("what is no e-mail address is refused before it, whoever creates the user", async () => {
    const { calls, create } = await countingUsers();
    for (const email of ["", "ada", "ada@", "a\ud800@b.de", "a\u0000@b.de", `${"x".repeat(250)}@b.de`]) {
      await expect(create(email)).rejects.toMatchObject({ code: "invalid_request", field: "email" });
    }
    expect(calls).toEqual([]);
  });
});

describe("changing a password", () => {
  it("compares once, and hashes once if that was right", async () => {
    const { deps, calls, ada } = await countingUsers();
    const change = { userId: ada.id, sessionId: "s", currentPassword: "wrong", newPassword: "new password" };
    await expect(changePassword(deps, change, LOCAL_ORIGIN)).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(calls).toEqual(["verify"]);
    await changePassword(deps, { ...change, currentPassword: PASSWORD }, LOCAL_ORIGIN);
    expect(calls).toEqual(["verify", "verify", "hash"]);
  });
});

describe("a wrong password that the audit cannot take is charged all the same, and holds up nobody", () => {
  it.each(["signing in", "changing a password"])("%s", async (what) => {
    const { deps: working, ada, limits } = await countingUsers();
    const append = () => Promise.reject(new OstiaryError("unavailable", "The disk is full."));
    const deps = { ...working, limits, audit: { ...working.audit, append } };
    const change = { userId: ada.id, sessionId: "s", currentPassword: "wrong", newPassword: "new password" };
    const guess = () =>
      what === "signing in"
        ? authenticateUser(deps, { email: ada.email, password: "wrong" }, LOCAL_ORIGIN)
        : changePassword(deps, change, LOCAL_ORIGIN);
    for (let i = 0; i < 5; i++) await expect(guess()).rejects.toMatchObject({ code: "unavailable" });
    // The quarter of an hour of wrong ones, not the minute of those under way.
    const retryAfterSeconds: unknown = expect.toSatisfy((seconds: number) => seconds > UNDER_WAY_SECONDS);
    await expect(guess()).rejects.toMatchObject({ code: "too_many_attempts", retryAfterSeconds });
  });
});

it("a wrong password that nobody can count is in the audit all the same", async () => {
  const { deps, audit } = await countingUsers();
  const failed = () => Promise.reject(new OstiaryError("unavailable", "Nobody counts."));
  const limits = {
    ...deps.limits,
    login: async () => ({ ...(await deps.limits.passwordChange({ userId: "u", sessionId: "s" })), failed }),
  };
  const guess = authenticateUser({ ...deps, limits }, { email: "ada@example.com", password: "wrong" }, LOCAL_ORIGIN);
  await expect(guess).rejects.toMatchObject({ code: "unavailable" });
  expect(await audit.list({ limit: 1 })).toMatchObject([{ type: "login_failed" }]);
});
