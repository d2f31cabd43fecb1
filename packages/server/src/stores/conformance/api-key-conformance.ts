import { describe, expect, test } from "vitest";
import type { ApiKey, ApiKeyOwner } from "../../api-keys/api-key.ts";
import type { ApiKeyRevocation } from "../../api-keys/api-key-store.ts";
import { systemRandom } from "../../random.ts";
import { event, newApiKey, newClient, NOW, sessionRevocation, versionChange } from "./fixtures.ts";
import { someone } from "./people.ts";
import type { Subject } from "./subject.ts";

const MINUTE = 60_000;

export function apiKeyConformance(subject: Subject): void {
  async function account(): Promise<{ clientId: string }> {
    const client = newClient();
    await subject.store.clients.create(client, event("client_created"));
    return { clientId: client.id };
  }

  async function made(owner: ApiKeyOwner, more: Partial<ApiKey> = {}): Promise<ApiKey> {
    const key = newApiKey(owner, more);
    expect(await subject.store.apiKeys.create(key, event("api_key_created"))).toBe(true);
    return key;
  }

  function revocationOf(key: ApiKey, at = NOW): ApiKeyRevocation {
    return { at, revocation: sessionRevocation(key.id), audit: () => event("api_key_revoked") };
  }

  describe("API keys", () => {
    test("come back as they were made, to the last bit", async () => {
      const { apiKeys } = subject.store;
      const previous = { id: systemRandom.uuid(), hash: systemRandom.bytes(32), until: NOW + MINUTE };
      const one = await made({ userId: await someone(subject) }, { previous, expiresAt: NOW + 86_400_000, withRoles: true });
      const other = await made(await account(), { scopes: [] });
      expect(await apiKeys.find(one.id)).toEqual(one);
      expect(await apiKeys.find(other.id)).toEqual(other);
      expect(await apiKeys.find("nothing")).toBeNull();
    });

    test("are listed in the order they were made, page by page, of one owner or of all", async () => {
      const { apiKeys } = subject.store;
      const [ada, grace, nightly] = [{ userId: await someone(subject) }, { userId: await someone(subject) }, await account()];
      const keys = [await made(ada), await made(grace), await made(ada), await made(nightly), await made(ada)];
      const of = (owner: ApiKeyOwner) => keys.filter((key) => key.owner === owner).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      for (const owner of [ada, grace, nightly]) expect(await apiKeys.list({ owner, limit: 10 })).toEqual(of(owner));
      const [first, ...rest] = of(ada);
      expect(await apiKeys.list({ owner: ada, limit: 1 })).toEqual([first]);
      expect(await apiKeys.list({ owner: ada, after: first?.id, limit: 10 })).toEqual(rest);
      const all = (await apiKeys.list({ limit: 1000 })).map(({ id }) => id);
      expect(all).toEqual(expect.arrayContaining(keys.map(({ id }) => id)));
      expect(all).toEqual(all.toSorted((a, b) => (a < b ? -1 : 1)));
    });

    test("are made for nobody who is no more, or disabled", async () => {
      const { apiKeys, audit, users } = subject.store;
      const userId = await someone(subject);
      await users.disable(userId, NOW, versionChange("revoked", userId));
      const [last] = await audit.list({ limit: 1 });
      for (const owner of [{ userId }, { userId: "nobody" }, { clientId: "nobody" }]) {
        expect(await apiKeys.create(newApiKey(owner), event("api_key_created"))).toBe(false);
      }
      expect(await audit.list({ limit: 1 })).toEqual([last]);
    });

    test("get another secret by what they are at that moment, with no rotation lost, and what is over is in the log", async () => {
      const { apiKeys, revocations } = subject.store;
      const key = await made({ userId: await someone(subject) });
      const rotate = (name: string) =>
        apiKeys.rotate(key.id, (current) => ({
          key: {
            ...current,
            secret: { id: name, hash: systemRandom.bytes(32) },
            previous: { ...current.secret, until: NOW + MINUTE },
          },
          audit: event("api_key_rotated"),
          revocations: [{ kind: "token", value: current.secret.id, effect: "stale", reason: "test", at: NOW }],
        }));
      const rotated = await Promise.all(["a", "b", "c"].map(rotate));
      const replaced = rotated.map((each) => each?.entries[0]?.value);
      const now = await apiKeys.find(key.id);
      expect(new Set([...replaced, now?.secret.id])).toEqual(new Set([key.secret.id, "a", "b", "c"]));
      expect(rotated.map((each) => each?.key)).toContainEqual(now);
      const seq = Math.min(...rotated.map((each) => each?.entries[0]?.seq ?? 0));
      const logged = await revocations.entriesAfter(seq - 1, 100);
      for (const each of rotated) expect(logged).toContainEqual(each?.entries[0]);
      expect(
        await apiKeys.rotate("nothing", () => {
          throw new Error("asked");
        }),
      ).toBeNull();
      await expect(
        apiKeys.rotate(key.id, () => {
          throw new Error("not like this");
        }),
      ).rejects.toThrow("not like this");
      expect(await apiKeys.find(key.id)).toEqual(now);
    });

    test("are revoked once, however many try at once", async () => {
      const { apiKeys } = subject.store;
      const key = await made(await account());
      const revoked = await Promise.all([1, 2, 3].map((later) => apiKeys.revoke(key.id, revocationOf(key, NOW + later))));
      const [entry, ...others] = revoked.flatMap((each) => each?.entry ?? []);
      expect([entry?.value, others]).toEqual([key.id, []]);
      const now = await apiKeys.find(key.id);
      expect(now).toEqual({ ...key, revokedAt: expect.any(Number) as unknown });
      for (const each of revoked) expect(each?.key).toEqual(now);
      expect(await apiKeys.revoke("nothing", revocationOf(key))).toBeNull();
    });

    test("remember their last use to the minute", async () => {
      const { apiKeys } = subject.store;
      const key = await made({ userId: await someone(subject) });
      for (const [at, noted] of [
        [NOW, NOW],
        [NOW + MINUTE - 1, NOW],
        [NOW + MINUTE, NOW + MINUTE],
        [NOW, NOW + MINUTE],
      ] as const) {
        await apiKeys.noteUse(key.id, at);
        expect((await apiKeys.find(key.id))?.lastUsedAt).toBe(noted);
      }
    });

    test("end when their user is disabled, for good, and go with their user or service account", async () => {
      const { apiKeys, users, clients } = subject.store;
      const [ada, grace, nightly] = [{ userId: await someone(subject) }, { userId: await someone(subject) }, await account()];
      const [ofAda, over, ofGrace, ofNightly] = [
        await made(ada),
        await made(ada, { expiresAt: 5 }),
        await made(grace),
        await made(nightly),
      ];
      await users.disable(ada.userId, NOW, versionChange("revoked", ada.userId));
      await users.enable(ada.userId, event("user_enabled"));
      expect(await apiKeys.find(ofAda.id)).toEqual({ ...ofAda, revokedAt: NOW });
      expect(await apiKeys.find(ofGrace.id)).toEqual(ofGrace);
      await users.delete(grace.userId, versionChange("revoked", grace.userId));
      await clients.delete(nightly.clientId, { audit: event("client_deleted"), revocation: () => null });
      for (const { id } of [ofGrace, ofNightly]) expect(await apiKeys.find(id)).toBeNull();
      while ((await apiKeys.dropEnded(NOW, 1)) === 1);
      expect(await apiKeys.find(over.id)).toBeNull();
      expect(await apiKeys.find(ofAda.id)).not.toBeNull();
    });

    test("are dropped some time after their end, and those without one never", async () => {
      const { apiKeys } = subject.store;
      const owner = { userId: await someone(subject) };
      await made(owner, { expiresAt: 1000 });
      const [later, endless, revoked] = [await made(owner, { expiresAt: NOW }), await made(owner), await made(owner)];
      await apiKeys.revoke(revoked.id, revocationOf(revoked, 1000));
      while ((await apiKeys.dropEnded(2000, 1)) === 1);
      const left = await apiKeys.list({ owner, limit: 10 });
      expect(left.map(({ id }) => id).toSorted()).toEqual([later.id, endless.id].toSorted());
    });
  });
}
