import { describe, expect, it, onTestFinished } from "vitest";
import { accessOn } from "../../test/access-on.ts";
import { systemRandom } from "../random.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { hashOfSecret } from "./client.ts";
import { ensureDevelopmentClient, newDevelopmentCredentials } from "./development-client.ts";
import { createClients } from "./clients.ts";

async function open() {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = () => 0;
  return { store: store.clients, access: accessOn(store, clock), clock, random: systemRandom };
}

describe("the development client", () => {
  it("is made once, and is a guard like any other, stored as a hash", async () => {
    const deps = await open();
    const kept = newDevelopmentCredentials(systemRandom);
    const made = await Promise.all([1, 2, 3].map(() => ensureDevelopmentClient(deps, kept)));
    expect(made).toEqual([1, 2, 3].map(() => JSON.parse(kept) as unknown));
    const { clientId, clientSecret } = made[0]!;
    expect(await deps.store.list({ limit: 10 })).toEqual([
      {
        id: clientId,
        name: "development",
        guard: true,
        secretHash: hashOfSecret(clientSecret),
        createdAt: 0,
        tokenVersion: 1,
        registration: null,
      },
    ]);
  });

  it("is made anew in another database", async () => {
    const kept = newDevelopmentCredentials(systemRandom);
    await ensureDevelopmentClient(await open(), kept);
    const deps = await open();
    expect(await ensureDevelopmentClient(deps, kept)).not.toBeNull();
    expect(await deps.store.list({ limit: 10 })).toHaveLength(1);
  });

  it("is none any more once it was given another secret", async () => {
    const deps = await open();
    const kept = newDevelopmentCredentials(systemRandom);
    const made = await ensureDevelopmentClient(deps, kept);
    await createClients(deps).rotateSecret(made!.clientId);
    expect(await ensureDevelopmentClient(deps, kept)).toBeNull();
  });

  it.each(["", "{", "null", "7", "{}", '{"clientId":"a"}', '{"clientId":1,"clientSecret":"b"}'])(
    "%j is no such thing",
    async (kept) => {
      const deps = await open();
      expect(await ensureDevelopmentClient(deps, kept)).toBeNull();
      expect(await deps.store.list({ limit: 10 })).toEqual([]);
    },
  );
});
