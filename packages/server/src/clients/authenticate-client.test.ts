import { describe, expect, it, onTestFinished } from "vitest";
import { accessOn } from "../../test/access-on.ts";
import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { storeUnavailable } from "../errors.ts";
import { NO_LIMITS } from "../limits/no-limits.ts";
import { systemRandom } from "../random.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { authenticateClient } from "./authenticate-client.ts";
import type { Client, ClientCredentials } from "./client.ts";
import { createClients } from "./clients.ts";
import { createKnownClients } from "./known-clients.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const clock = () => NOW;

async function open() {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  const held = new Set<Client>();
  const clients = createClients({ store: store.clients, access: accessOn(store, clock), clock, random: systemRandom });
  const outage = { now: false };
  const asked = async <Answer>(answer: () => Promise<Answer>): Promise<Answer> => {
    if (outage.now) throw storeUnavailable(new Error("down"));
    return answer();
  };
  const known = createKnownClients({
    store: {
      find: (id) => asked(() => store.clients.find(id)),
      findAll: (ids) => asked(() => store.clients.findAll(ids)),
    },
    held: {
      clients: () => held,
      cutWhere(isGone) {
        for (const client of held) if (isGone(client)) held.delete(client);
      },
    },
  });
  onTestFinished(() => known.close());
  const authenticate = (credentials: ClientCredentials) =>
    authenticateClient({ known, audit: store.audit, clock, limits: NO_LIMITS }, credentials, LOCAL_ORIGIN);
  return { store, clients, known, held, outage, authenticate };
}

const refused = { code: "invalid_client", message: "The client's credentials are missing or wrong." };

describe("authenticateClient", () => {
  it("while the store is down, remembers nobody as they were before their registration was changed", async () => {
    const { clients, known, outage } = await open();
    const { clientId } = await clients.create({
      name: "Job",
      registration: { grantTypes: ["client_credentials"], scopes: ["jobs:run"] },
    });
    await known.find(clientId);
    await known.lookAgain();
    outage.now = true;
    expect(await known.find(clientId)).toMatchObject({ id: clientId });
    outage.now = false;
    await clients.update(clientId, { registration: { scopes: [] } });
    await known.lookAgain();
    outage.now = true;
    await expect(known.find(clientId)).rejects.toMatchObject({ reason: "store_unavailable" });
  });

  it("knows a client by its secret, which the database does not have", async () => {
    const { store, clients, authenticate } = await open();
    const created = await clients.create({ name: "API", guard: true });
    expect(created.clientSecret).toMatch(/^[\w-]{43}$/);
    expect(await authenticate(created)).toMatchObject({ id: created.clientId, guard: true, name: "API" });
    const row = await store.clients.find(created.clientId);
    expect(Buffer.from(row?.secretHash ?? []).toString("base64url")).not.toBe(created.clientSecret);
  });

  it("refuses an unknown id and a wrong secret in the same words, and audits which it was", async () => {
    const { store, clients, authenticate } = await open();
    const { clientId, clientSecret } = await clients.create({ name: "API" });
    const wrong: [ClientCredentials, string][] = [
      [{ clientId, clientSecret: `${clientSecret}x` }, "wrong_secret"],
      [{ clientId, clientSecret: "" }, "wrong_secret"],
      [{ clientId: "nobody", clientSecret }, "unknown_client"],
      [{ clientId: "", clientSecret: "" }, "unknown_client"],
      [{ clientId: "\0", clientSecret }, "unknown_client"],
      [{ clientId: "x".repeat(10_000), clientSecret }, "unknown_client"],
    ];
    for (const [credentials, why] of wrong) {
      await expect(authenticate(credentials)).rejects.toMatchObject(refused);
      const [event] = await store.audit.list({ limit: 1 });
      expect(event).toMatchObject({ type: "client_authentication_failed", detail: { why } });
      expect(JSON.stringify(event).length).toBeLessThan(400);
    }
  });

  it("a secret that is sent as the id is not in the audit; an id is, of a client or of one that is gone", async () => {
    const { store, clients, authenticate } = await open();
    const { clientId, clientSecret } = await clients.create({ name: "API" });
    const auditedFor = async (credentials: ClientCredentials) => {
      await expect(authenticate(credentials)).rejects.toMatchObject(refused);
      return (await store.audit.list({ limit: 1 }))[0]?.detail["clientId"];
    };
    expect(await auditedFor({ clientId: clientSecret, clientSecret: clientId })).toBeNull();
    expect(await auditedFor({ clientId: `${clientId}:${clientSecret}`, clientSecret: "" })).toBeNull();
    expect(JSON.stringify(await store.audit.list({ limit: 100 }))).not.toContain(clientSecret.slice(0, 8));
    expect(await auditedFor({ clientId, clientSecret: "wrong" })).toBe(clientId);
    await clients.delete(clientId);
    expect(await auditedFor({ clientId, clientSecret })).toBe(clientId);
  });

  it("refuses a client from the moment it was deleted, and an old secret from the moment it was replaced", async () => {
    const { clients, authenticate } = await open();
    const created = await clients.create({ name: "API", guard: true });
    await authenticate(created);
    const rotated = await clients.rotateSecret(created.clientId);
    await expect(authenticate(created)).rejects.toMatchObject(refused);
    expect(await authenticate(rotated!)).toMatchObject({ id: created.clientId });
    await clients.delete(created.clientId);
    await expect(authenticate(rotated!)).rejects.toMatchObject(refused);
  });
});

describe("known clients", () => {
  it("lose what they hold open when they are deleted or get another secret; others do not", async () => {
    const { clients, known, held, authenticate } = await open();
    const names = ["rotated", "deleted", "kept"];
    const [rotated, deleted, kept] = await Promise.all(names.map((name) => clients.create({ name })));
    for (const credentials of [rotated!, deleted!, kept!]) held.add(await authenticate(credentials));
    await known.lookAgain();
    expect(held.size).toBe(3);
    const renewed = await clients.rotateSecret(rotated!.clientId);
    await clients.delete(deleted!.clientId);
    const came = await authenticate(renewed!);
    held.add(came);
    await known.lookAgain();
    expect([...held].map(({ name }) => name)).toEqual(["kept", "rotated"]);
    expect(held.has(came)).toBe(true);
  });

  it("who come while the store is asked are not judged by its answer", async () => {
    const { clients, known, held, authenticate } = await open();
    const early = await clients.create({ name: "early" });
    held.add(await authenticate(early));
    const looking = known.lookAgain();
    const late = await clients.create({ name: "late" });
    held.add(await authenticate(late));
    await looking;
    expect([...held].map(({ name }) => name)).toEqual(["early", "late"]);
  });

  it("are known still while the store does not answer; who never came is not", async () => {
    const { clients, known, held, outage, authenticate } = await open();
    const [guard, stranger] = [await clients.create({ name: "guard" }), await clients.create({ name: "stranger" })];
    held.add(await authenticate(guard));
    outage.now = true;
    expect(await authenticate(guard)).toMatchObject({ name: "guard" });
    await expect(authenticate({ ...guard, clientSecret: "wrong" })).rejects.toMatchObject(refused);
    await expect(authenticate(stranger)).rejects.toMatchObject({ code: "unavailable", reason: "store_unavailable" });
    await expect(known.lookAgain()).rejects.toMatchObject({ code: "unavailable" });
    expect(held.size).toBe(1);
  });

  it("who have their documents for ids are nobody where ids are no addresses, also if they are kept from before", async () => {
    const { store, clients, known } = await open();
    const created = await clients.create({
      name: "App",
      registration: { redirectUris: ["https://app.example/callback"], tokenEndpointAuthMethod: "none" },
    });
    const client = (await store.clients.find(created.clientId))!;
    const id = "https://app.example/client.json";
    const selfRegistered = { way: "document", ip: null, tokenHash: null, said: {}, readAt: NOW, usedAt: null } as const;
    await store.selfRegistered.keepDocument(
      { ...client, id, selfRegistered },
      auditEvent("client_created", NOW, LOCAL_ORIGIN, {}),
    );
    expect(await store.clients.find(id)).toMatchObject({ id });
    expect(await known.find(id)).toBeNull();
  });

  it("are five hundred at most", async () => {
    const { clients, outage, authenticate } = await open();
    const all = [];
    for (let i = 0; i < 501; i++) all.push(await clients.create({ name: `client ${i}` }));
    for (const credentials of all) await authenticate(credentials);
    outage.now = true;
    await expect(authenticate(all[0]!)).rejects.toMatchObject({ code: "unavailable" });
    expect(await authenticate(all[500]!)).toMatchObject({ name: "client 500" });
  });
});
