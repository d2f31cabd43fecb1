/** A server's database before it starts: with keys, and sessions whose tokens are known. */
import { resolveSettings } from "../../packages/server/src/config.ts";
import { keyPolicyOf } from "../../packages/server/src/keys/key-policy.ts";
import { createKeySafe } from "../../packages/server/src/keys/key-safe.ts";
import { type Keyring, openKeyring } from "../../packages/server/src/keys/keyring.ts";
import { systemRandom } from "../../packages/server/src/random.ts";
import type { Session } from "../../packages/server/src/sessions/session.ts";
import { openStore } from "../../packages/server/src/stores/open-store.ts";
import { toSessionRow } from "../../packages/server/src/stores/sql/session-row.ts";
import { toUserRow } from "../../packages/server/src/stores/sql/user-row.ts";
import type { User } from "../../packages/server/src/users/user.ts";
import { insertRows } from "./databases.ts";

/** `OSTIARY_SECRET` of the servers that are seeded. */
export const SECRET = "a secret for benchmarks and nothing else: 0123456789";

/** Makes the tables, and the keys that the server will find. */
export async function makeKeys(databaseUrl: string): Promise<Keyring> {
  const store = await openStore({ databaseUrl });
  const keyring = await openKeyring({
    store: store.keys,
    safe: createKeySafe(() => ({ current: SECRET, previous: [] }), systemRandom),
    policy: keyPolicyOf(resolveSettings({ environment: {} })),
    clock: Date.now,
    random: systemRandom,
    onError: console.error,
  });
  keyring.close();
  await store.close();
  return keyring;
}

export async function insertUsers(url: string, count: number, userOf: (i: number) => User): Promise<void> {
  await insertRows(url, "users", count, (i) => ({ ...toUserRow(userOf(i)) }));
}

export async function insertSessions(url: string, count: number, sessionOf: (i: number) => Session): Promise<void> {
  await insertRows(url, "sessions", count, (i) => ({ ...toSessionRow(sessionOf(i)) }));
}
