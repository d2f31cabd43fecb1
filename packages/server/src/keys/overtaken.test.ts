import { expect, it, onTestFinished } from "vitest";
import { SECRET, START, temporaryFile } from "../../test/test-server.ts";
import { resolveSettings } from "../config.ts";
import { systemRandom } from "../random.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { keyPolicyOf } from "./key-policy.ts";
import { createKeySafe } from "./key-safe.ts";
import type { KeyRing } from "./key-store.ts";
import { openKeyring } from "./keyring.ts";
import { createKeys } from "./keys.ts";

it("a look at the ring that is overtaken by a later one does not bring back a key that was taken out", async () => {
  const store = await openSqlite(temporaryFile());
  const common = {
    safe: createKeySafe(() => ({ current: SECRET, previous: [] }), systemRandom),
    policy: keyPolicyOf(resolveSettings({ environment: {} })),
    clock: () => START,
    random: systemRandom,
  };
  const arrival = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  let isSlow = false;
  const read = async (): Promise<KeyRing> => {
    const waits = isSlow;
    isSlow = false;
    const ring = await store.keys.read();
    if (waits) {
      began.resolve();
      await arrival.promise;
    }
    return ring;
  };
  const keyring = await openKeyring({ ...common, store: { ...store.keys, read }, onError() {} });
  onTestFinished(async () => {
    keyring.close();
    await store.close();
  });
  const keys = createKeys({ ...common, store: store.keys });

  await keys.rotate();
  isSlow = true;
  const first = keyring.catchUp();
  await began.promise;
  const [taken] = await keys.withdraw("signing");
  const second = keyring.catchUp();
  await Promise.race([second, new Promise(setImmediate).then(() => new Promise(setImmediate))]);
  arrival.resolve();
  await Promise.all([first, second]);
  expect(keyring.accessKey.keyId).not.toBe(taken?.id);
});
