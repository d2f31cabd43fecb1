import { describe, expect, test } from "vitest";
import type { Registration } from "../../clients/registration.ts";
import { systemRandom } from "../../random.ts";
import { event, newClient, sessionRevocation } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

const REGISTRATION: Registration = {
  redirectUris: ["https://app.example/callback"],
  postLogoutRedirectUris: [],
  grantTypes: ["authorization_code"],
  tokenEndpointAuthMethod: "private_key_jwt",
  scopes: ["openid"],
  roles: [],
  firstParty: false,
  jwks: { keys: [{ kty: "EC", crv: "P-256", x: "…", y: "…" }] },
  backchannelLogoutUri: null,
  dpopBoundAccessTokens: true,
  requirePushedAuthorizationRequests: true,
};

export function clientConformance(subject: Subject): void {
  describe("clients", () => {
    test("come back as they were stored, to the last bit, alone and together", async () => {
      const { clients } = subject.store;
      const [one, other] = [
        newClient({ name: "Zoë's “API” 🎈" }),
        newClient({ guard: false, secretHash: null, registration: REGISTRATION }),
      ];
      for (const client of [one, other]) expect(await clients.create(client, event("client_created"))).toBe(true);
      expect(await clients.find(one.id)).toEqual(one);
      expect(await clients.find("nothing")).toBeNull();
      const found = await clients.findAll([other.id, "nothing", one.id]);
      expect(found).toHaveLength(2);
      expect(found).toEqual(expect.arrayContaining([one, other]));
      expect(await clients.findAll([])).toEqual([]);
    });

    test("an id belongs to one client, also when many ask at once", async () => {
      const { clients, audit } = subject.store;
      const rivals = Array.from({ length: 5 }, () => newClient({ id: "one-id" }));
      const before = (await audit.list({ limit: 1000 })).length;
      const made = await Promise.all(rivals.map((client) => clients.create(client, event("client_created"))));
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await clients.find("one-id")).toEqual(rivals[made.indexOf(true)]);
      expect(await audit.list({ limit: 1000 })).toHaveLength(Math.min(before + 1, 1000));
    });

    test("are listed page by page, in the order of their ids", async () => {
      const { clients } = subject.store;
      for (let i = 0; i < 3; i++) await clients.create(newClient(), event("client_created"));
      const all = await clients.list({ limit: 1000 });
      const [first, ...rest] = all;
      expect(await clients.list({ limit: 1000, after: first?.id ?? "" })).toEqual(rest);
      expect(await clients.list({ limit: 1 })).toEqual([first]);
      expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted());
    });

    test("get another secret, or go; a change for nobody leaves nothing behind", async () => {
      const { clients, audit } = subject.store;
      const client = newClient();
      await clients.create(client, event("client_created"));
      const secretHash = systemRandom.bytes(32);
      expect(await clients.replaceSecret(client.id, secretHash, event("client_secret_rotated"))).toEqual({
        ...client,
        secretHash,
      });
      expect(await clients.find(client.id)).toEqual({ ...client, secretHash });
      const deletion = { audit: event("client_deleted"), revocation: () => null };
      expect(await clients.delete(client.id, deletion)).toEqual({ client: { ...client, secretHash }, entry: null });
      expect(await clients.find(client.id)).toBeNull();

      const [last] = await audit.list({ limit: 1 });
      expect(last?.type).toBe("client_deleted");
      expect(await clients.delete(client.id, deletion)).toBeNull();
      expect(await clients.replaceSecret(client.id, secretHash, event("client_secret_rotated"))).toBeNull();
      expect(await audit.list({ limit: 1 })).toEqual([last]);
    });

    test("change by what they are at that moment, with none of many changes lost", async () => {
      const { clients, audit } = subject.store;
      const client = newClient({ secretHash: null, guard: false, registration: REGISTRATION });
      await clients.create(client, event("client_created"));
      const add = (scope: string) =>
        clients.update(client.id, (current) => {
          const registration = { ...REGISTRATION, scopes: [...(current.registration?.scopes ?? []), scope] };
          return { client: { ...current, name: "Renamed", registration }, audit: event("client_updated") };
        });
      await Promise.all(["a", "b", "c", "d"].map(add));
      const found = await clients.find(client.id);
      expect(found).toEqual({
        ...client,
        name: "Renamed",
        registration: { ...REGISTRATION, scopes: expect.any(Array) as unknown },
      });
      expect(found?.registration?.scopes.toSorted()).toEqual(["a", "b", "c", "d", "openid"]);

      const [last] = await audit.list({ limit: 1 });
      expect(last?.type).toBe("client_updated");
      const refused = clients.update(client.id, () => {
        throw new Error("not like this");
      });
      await expect(refused).rejects.toThrow("not like this");
      expect(await clients.update("nothing", (current) => ({ client: current, audit: event("client_updated") }))).toBeNull();
      expect(await audit.list({ limit: 1 })).toEqual([last]);
      expect(await clients.find(client.id)).toEqual(found);
    });

    test("that had tokens of their own are deleted with an entry in the log", async () => {
      const { clients, revocations } = subject.store;
      const client = newClient();
      await clients.create(client, event("client_created"));
      const revocation = ({ id }: { id: string }) => sessionRevocation(id);
      const deleted = await clients.delete(client.id, { audit: event("client_deleted"), revocation });
      expect(deleted).toEqual({ client, entry: expect.objectContaining({ kind: "session", value: client.id }) as unknown });
      const entries = await revocations.entriesAfter((deleted?.entry?.seq ?? 0) - 1, 10);
      expect(entries).toEqual([deleted?.entry]);
    });
  });
}
