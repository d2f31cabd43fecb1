import { expect, it, onTestFinished } from "vitest";
import { systemRandom } from "../random.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { createDataSafe } from "./data-safe.ts";
import { createKeySafe } from "./key-safe.ts";
import { resealRing } from "./rotate-secret.ts";

const [OLD, NEW] = ["the secret of before, 0123456789abcdef", "the secret of now, 0123456789abcdefgh"];
const bytes = new TextEncoder().encode("what must be read again");

async function start() {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  const under = (current: string, ...previous: string[]) => ({
    store: store.keys,
    safe: createKeySafe(() => ({ current, previous }), systemRandom),
    random: systemRandom,
  });
  return { store, under };
}

it("what is sealed opens for its own context alone, on every replica, whoever comes first", async () => {
  const { under } = await start();
  const replicas = [1, 2, 3].map(() => createDataSafe(under(OLD)));
  const sealed = await Promise.all(replicas.map((one) => one.seal(bytes, "totp:ada")));
  for (const one of replicas) for (const box of sealed) expect(await one.open(box, "totp:ada")).toEqual(bytes);
  expect(await replicas[0]?.open(sealed[1] ?? bytes, "totp:bob")).toBeNull();
});

it("a new secret leaves it as it is: with that alone it opens, and with the one before no more", async () => {
  const { store, under } = await start();
  const sealed = await createDataSafe(under(OLD)).seal(bytes, "totp:ada");
  const deps = { ...under(NEW, OLD), clock: () => 0 } as unknown as Parameters<typeof resealRing>[0];
  expect(await resealRing(deps)).toBe(0);
  expect((await store.keys.read()).dataKey).toBeInstanceOf(Uint8Array);
  expect(await createDataSafe(under(NEW)).open(sealed, "totp:ada")).toEqual(bytes);
  await expect(createDataSafe(under(OLD)).open(sealed, "totp:ada")).rejects.toThrow("under another secret");
});
