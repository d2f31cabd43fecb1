/** Equal work for whoever is asked about, where users are in a table of the application's: proven by counting hash calls. */
import { expect, it, onTestFinished } from "vitest";
import { createOwnTable } from "../../../test/own-table.ts";
import { PASSWORD, START } from "../../../test/test-server.ts";
import { LOCAL_ORIGIN } from "../../audit/audit-event.ts";
import { NO_LIMITS } from "../../limits/no-limits.ts";
import { openSqlite } from "../../stores/sqlite/open-sqlite.ts";
import { authenticateUser } from "../authenticate.ts";
import type { Passwords } from "../password.ts";
import { openUsers } from "./open-users.ts";

it.each([
  ["nobody", "nobody@example.com"],
  ["somebody with another password", "ada@example.com"],
  ["somebody without a password", "link@example.com"],
  ["somebody disabled", "disabled@example.com"],
])("%s costs one hash to refuse", async (_, email) => {
  const table = createOwnTable();
  for (const one of ["ada@example.com", "disabled@example.com"]) table.add(one, PASSWORD);
  table.add("link@example.com", null);
  table.run("UPDATE users SET disabled = 1 WHERE email = 'disabled@example.com'");
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  const verified: (string | null)[] = [];
  const passwords: Pick<Passwords, "ensureRoom" | "verify" | "isOutdated"> = {
    ensureRoom() {},
    verify: async (_password, hash) => (verified.push(hash), false),
    isOutdated: () => false,
  };
  const deps = { clock: () => START, audit: store.audit, revocations: { publish() {} }, onError() {} };
  const users = openUsers(table.directory, { ...deps, store: store.users });
  const login = { ...deps, store: users, passwords: passwords as Passwords, limits: NO_LIMITS, knowsDevice: async () => false };
  await expect(authenticateUser(login, { email, password: PASSWORD }, LOCAL_ORIGIN)).rejects.toMatchObject({
    code: "invalid_credentials",
  });
  expect(verified).toHaveLength(1);
  expect(table.calls).toEqual({ findByEmail: 1, findById: email.startsWith("nobody") ? 0 : 1, create: 0, update: 0 });
});
