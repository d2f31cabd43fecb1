import { describe, expect, test } from "vitest";
import type { Client } from "../../clients/client.ts";
import type { SelfRegistered } from "../../clients/self-registered/self-registered.ts";
import { systemRandom } from "../../random.ts";
import { event, newClient, NOW } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

const DAY = 86_400_000;

function newSelfRegistered(more: Partial<Client> = {}) {
  const selfRegistered: SelfRegistered = {
    way: "request",
    ip: "2001:db8::7",
    tokenHash: "hash",
    said: { client_uri: "https://app.example", contacts: ["“ops”"] },
    readAt: null,
    usedAt: null,
  };
  return { ...newClient({ guard: false }), selfRegistered, ...more };
}

function newToken(usesLeft: number, expiresAt: number) {
  const id = systemRandom.uuid();
  return { id, hash: `hash of ${id}`, name: "partners", createdAt: NOW, expiresAt, usesLeft };
}

export function selfRegisteredConformance(subject: Subject): void {
  describe("clients that came by themselves", () => {
    test("come back as they were stored, and keep what they say when they are changed", async () => {
      const { clients, selfRegistered } = subject.store;
      const client = newSelfRegistered();
      expect(await selfRegistered.register(client, event("client_created"), null)).toBe(true);
      expect(await clients.find(client.id)).toEqual(client);
      const changed = { ...client, selfRegistered: { ...client.selfRegistered, tokenHash: "another" } };
      await clients.update(client.id, () => ({ client: changed, audit: event("client_updated") }));
      expect(await clients.find(client.id)).toEqual(changed);
      expect((await clients.find((await made(subject)).id))?.selfRegistered).toBeUndefined();
    });

    test("come as often as their token lets them, however many ask at once; what comes too late leaves nothing behind", async () => {
      const { clients, selfRegistered, audit } = subject.store;
      const token = newToken(3, NOW + DAY);
      await selfRegistered.keepToken(token, event("registration_token_created"));
      const all = Array.from({ length: 8 }, () => newSelfRegistered());
      const spends = { hash: token.hash, at: NOW };
      const letIn = await Promise.all(all.map((client) => selfRegistered.register(client, event("client_created"), spends)));
      expect(letIn.filter(Boolean)).toHaveLength(3);
      const found = await clients.findAll(all.map(({ id }) => id));
      expect(found.map(({ id }) => id).toSorted()).toEqual(
        all
          .filter((_, i) => letIn[i])
          .map(({ id }) => id)
          .toSorted(),
      );
      expect(await selfRegistered.isGood(token.hash, NOW)).toBe(false);

      const late = newToken(1, NOW + 1);
      await selfRegistered.keepToken(late, event("registration_token_created"));
      expect(await selfRegistered.isGood(late.hash, NOW)).toBe(true);
      expect(await selfRegistered.listTokens(NOW)).toContainEqual(late);
      const [last] = await audit.list({ limit: 1 });
      expect(await selfRegistered.register(newSelfRegistered(), event("client_created"), { hash: late.hash, at: NOW + 1 })).toBe(
        false,
      );
      expect(await audit.list({ limit: 1 })).toEqual([last]);
      expect(await selfRegistered.isGood(late.hash, NOW + 1)).toBe(false);
      expect(await selfRegistered.listTokens(NOW + 1)).not.toContainEqual(late);
    });

    test("a token that is deleted lets nobody in; deleting it again changes nothing", async () => {
      const { selfRegistered, audit } = subject.store;
      const token = newToken(5, NOW + DAY);
      await selfRegistered.keepToken(token, event("registration_token_created"));
      expect(await selfRegistered.deleteToken(token.id, event("registration_token_deleted"))).toBe(true);
      const [last] = await audit.list({ limit: 1 });
      expect(last?.type).toBe("registration_token_deleted");
      expect(await selfRegistered.deleteToken(token.id, event("registration_token_deleted"))).toBe(false);
      expect(await audit.list({ limit: 1 })).toEqual([last]);
      expect(await selfRegistered.register(newSelfRegistered(), event("client_created"), { hash: token.hash, at: NOW })).toBe(
        false,
      );
    });

    test("of a document are what it says last; that they got a token stays", async () => {
      const { clients, selfRegistered } = subject.store;
      const id = `https://app.example/${systemRandom.uuid()}`;
      const said = { way: "document", ip: null, tokenHash: null, said: {}, readAt: NOW, usedAt: null } as const;
      const client = newSelfRegistered({ id, secretHash: null, selfRegistered: said });
      const kept = await Promise.all([1, 2, 3].map(() => selfRegistered.keepDocument(client, event("client_created"))));
      expect(kept.filter(Boolean)).toHaveLength(1);
      await selfRegistered.noteUsed(id, NOW + 1);
      await selfRegistered.noteUsed(id, NOW + 2);
      expect(
        await selfRegistered.keepDocument(
          { ...client, name: "Renamed", selfRegistered: { ...said, readAt: NOW + 9 } },
          event("client_created"),
        ),
      ).toBe(false);
      expect(await clients.find(id)).toEqual({
        ...client,
        name: "Renamed",
        selfRegistered: { ...said, readAt: NOW + 9, usedAt: NOW + 1 },
      });
    });

    test("that never got a token are dropped after a time, with what users allowed them; no other client is", async () => {
      const { clients, selfRegistered, oauth, users } = subject.store;
      const old = { createdAt: NOW - 100 * DAY };
      const [unused, used, young] = [newSelfRegistered(old), newSelfRegistered(old), newSelfRegistered()];
      for (const client of [unused, used, young]) await selfRegistered.register(client, event("client_created"), null);
      await selfRegistered.noteUsed(used.id, NOW);
      const operators = await made(subject, old);
      await selfRegistered.noteUsed(operators.id, NOW);
      expect(await clients.find(operators.id)).toEqual(operators);
      const [user] = await users.list({ limit: 1 });
      if (user !== undefined) await oauth.consents.allow(user.id, unused.id, ["openid"], NOW, event("consent_given"));
      const over = newToken(1, NOW - 1);
      await selfRegistered.keepToken(over, event("registration_token_created"));

      const when = { madeBefore: NOW - 30 * DAY, expiredBefore: NOW };
      expect(await selfRegistered.dropUnused(when, 1)).toBe(1);
      while ((await selfRegistered.dropUnused(when, 100)) > 0);
      expect(await clients.find(unused.id)).toBeNull();
      for (const client of [used, young, operators]) expect((await clients.find(client.id))?.id).toBe(client.id);
      if (user !== undefined) expect(await oauth.consents.find(user.id, unused.id)).toEqual([]);
      expect(await selfRegistered.deleteToken(over.id, event("registration_token_deleted"))).toBe(false);
    });
  });
}

/** One of the operator's. */
async function made({ store }: Subject, more: Partial<Client> = {}): Promise<Client> {
  const client = newClient(more);
  await store.clients.create(client, event("client_created"));
  return client;
}
