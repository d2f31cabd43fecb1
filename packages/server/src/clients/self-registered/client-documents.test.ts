import { describe, expect, it, onTestFinished } from "vitest";
import { OstiaryError } from "../../errors.ts";
import { NotFetched } from "../../fetching/not-fetched.ts";
import type { Fetched } from "../../fetching/fetch-public.ts";
import { systemRandom } from "../../random.ts";
import { openSqlite } from "../../stores/sqlite/open-sqlite.ts";
import { createClientDocuments } from "./client-documents.ts";
import { isDocumentId } from "./document-id.ts";

const ID = "https://app.example/client.json";
const START = Date.parse("2026-01-01T00:00:00Z");
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DOCUMENT = {
  client_id: ID,
  client_name: "Tide Tables",
  redirect_uris: ["https://app.example/callback"],
  token_endpoint_auth_method: "none",
};

async function start() {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  const time = { now: START };
  const site = { asked: 0, answer: answerOf(DOCUMENT) as Fetched | Error, wait: Promise.resolve() };
  let charged = 0;
  const budget = { left: Infinity };
  const documents = createClientDocuments({
    async fetch() {
      site.asked++;
      await site.wait;
      if (site.answer instanceof Error) throw site.answer;
      return site.answer;
    },
    clients: store.clients,
    store: store.selfRegistered,
    limits: {
      async clientDocument(address) {
        if (address !== null) charged++;
        if (charged > budget.left) throw new OstiaryError("too_many_attempts", "Too many documents.");
      },
    },
    policy: {
      scopes: ["openid", "tides:read"],
      clientCredentials: false,
      idTokenAlgorithm: "ES256",
      assertionAlgorithms: ["ES256"],
    },
    allowLoopback: false,
    clock: () => time.now,
  });
  return { store, time, site, documents, find: (id = ID) => documents.find(id, "203.0.113.7"), charged: () => charged, budget };
}

function answerOf(document: unknown, more: Partial<Fetched> = {}): Fetched {
  const body = Buffer.from(typeof document === "string" ? document : JSON.stringify(document));
  return { status: 200, headers: { "content-type": "application/json" }, body, ...more };
}

describe("an id that is the address of a document", () => {
  it.each(["https://app.example/client.json", "https://app.example:8443/a/b", "https://app.example/c?v=1"])("%s", (id) => {
    expect(isDocumentId(id)).toBe(true);
  });

  it.each([
    "https://app.example",
    "https://app.example/",
    "http://app.example/client.json",
    "http://127.0.0.1/client.json",
    "https://app.example/client.json#x",
    "https://user@app.example/client.json",
    "https://app.example/a/../client.json",
    "https://app.example/./client.json",
    "https://app.example/%2e%2e/client.json",
    "https://APP.example/client.json",
    "https://app.example:443/client.json",
    "https://app.example/클라이언트",
    ` ${ID}`,
    `https://app.example/${"x".repeat(300)}`,
    "app.example/client.json",
    "3f2a0c1e-0000-0000-0000-000000000000",
  ])("is none: %s", (id) => {
    expect(isDocumentId(id)).toBe(false);
  });
});

describe("a client by its document", () => {
  it("is what the document says: public, with no secret, never the operator's own, within the scopes there are", async () => {
    const { find, site } = await start();
    site.answer = answerOf({
      ...DOCUMENT,
      token_endpoint_auth_method: undefined,
      scope: "openid tides:read tides:write",
      client_uri: "https://app.example/",
    });
    expect(await find()).toEqual({
      id: ID,
      name: "Tide Tables",
      guard: false,
      secretHash: null,
      createdAt: START,
      tokenVersion: 1,
      registration: expect.objectContaining({
        tokenEndpointAuthMethod: "none",
        firstParty: false,
        scopes: ["openid", "tides:read"],
      }) as unknown,
      selfRegistered: {
        way: "document",
        ip: null,
        tokenHash: null,
        said: { client_uri: "https://app.example/" },
        readAt: START,
        usedAt: null,
      },
    });
  });

  it.each<[string, Fetched | Error]>([
    ["another client_id", answerOf({ ...DOCUMENT, client_id: "https://app.example/other.json" })],
    ["another client_id", answerOf({ ...DOCUMENT, client_id: undefined })],
    ["a secret", answerOf({ ...DOCUMENT, client_secret: "everybody can read it" })],
    ["token_endpoint_auth_method", answerOf({ ...DOCUMENT, token_endpoint_auth_method: "client_secret_basic" })],
    ["redirect_uris", answerOf({ ...DOCUMENT, redirect_uris: ["http://app.example/callback"] })],
    ["redirect_uris", answerOf({ ...DOCUMENT, redirect_uris: [] })],
    ["grant_types", answerOf({ ...DOCUMENT, grant_types: ["client_credentials"] })],
    ["jwks", answerOf({ ...DOCUMENT, token_endpoint_auth_method: "private_key_jwt" })],
    ["status 302", answerOf(DOCUMENT, { status: 302 })],
    ["status 404", answerOf(DOCUMENT, { status: 404 })],
    ["type application/json", answerOf(DOCUMENT, { headers: { "content-type": "text/html" } })],
    ["no JSON object", answerOf("[]")],
    ["no JSON object", answerOf("{")],
    ["no JSON object", answerOf("", { body: Buffer.from([0x7b, 0xff]) })],
    ["could not be fetched", new NotFetched("app.example is not on the public internet.")],
  ])("is none, for a reason that its author is told: %s", async (problem, answer) => {
    const { find, site, documents } = await start();
    site.answer = answer;
    expect(await find()).toBeNull();
    expect(documents.problemOf(ID)).toContain(problem);
    // Nothing of our network.
    expect(documents.problemOf(ID)).not.toContain("internet");
  });

  it("is asked for once by however many come together, and counted for whoever had us look", async () => {
    const { find, site, charged } = await start();
    const found = await Promise.all(Array.from({ length: 20 }, () => find()));
    expect([site.asked, found.every((client) => client?.name === "Tide Tables")]).toEqual([1, true]);
    await find();
    expect([site.asked, charged()]).toEqual([1, 20]);
  });

  it.each<[string | undefined, number]>([
    [undefined, 5 * MINUTE],
    ["max-age=120", 2 * MINUTE],
    ["public, max-age=5", MINUTE],
    ["no-store", MINUTE],
    ["max-age=99999999", 24 * 60 * MINUTE],
  ])("is what it was as long as its Cache-Control says, within bounds: %s", async (cacheControl, kept) => {
    const { find, site, time } = await start();
    site.answer = answerOf(DOCUMENT, {
      headers: { "content-type": "application/json", ...(cacheControl === undefined ? {} : { "cache-control": cacheControl }) },
    });
    await find();
    site.answer = answerOf({ ...DOCUMENT, client_name: "Renamed" });
    time.now += kept - 1;
    expect((await find())?.name).toBe("Tide Tables");
    time.now += 1;
    expect((await find())?.name).toBe("Renamed");
  });

  it("that is no good is asked for again after ten seconds, and not before", async () => {
    const { find, site, time } = await start();
    site.answer = answerOf(DOCUMENT, { status: 500 });
    for (let i = 0; i < 3; i++) expect(await find()).toBeNull();
    expect(site.asked).toBe(1);
    site.answer = answerOf(DOCUMENT);
    time.now += 10 * SECOND;
    expect(await find()).not.toBeNull();
  });

  it("stays for a day what it was while its host does not answer, if its users have it; not if the document is gone", async () => {
    const { find, site, time, documents, store } = await start();
    await documents.keep((await find())!);
    expect(await store.clients.find(ID)).toMatchObject({
      name: "Tide Tables",
      selfRegistered: { way: "document", readAt: START },
    });
    site.answer = new NotFetched("It did not answer in time.");
    time.now += 60 * MINUTE;
    expect(await find()).toMatchObject({ id: ID, name: "Tide Tables" });
    time.now += 24 * 60 * MINUTE;
    expect(await find()).toBeNull();
    site.answer = answerOf(DOCUMENT);
    time.now += MINUTE;
    await documents.keep((await find())!);
    site.answer = answerOf("", { status: 410 });
    time.now += 60 * MINUTE;
    expect(await find()).toBeNull();
  });

  it("is not fetched for an address that has had too many fetched; what is remembered costs it nothing", async () => {
    const { find, site, budget } = await start();
    await find();
    budget.left = 0;
    await expect(find("https://app.example/other.json")).rejects.toMatchObject({ code: "too_many_attempts" });
    expect([(await find())?.id, site.asked]).toEqual([ID, 1]);
  });

  it("no more than sixteen are fetched at once: 503, and nobody waits", async () => {
    const { find, site } = await start();
    let release = (): void => {};
    site.wait = new Promise((resolve) => (release = resolve));
    const waiting = Array.from({ length: 16 }, (_, i) => find(`https://app.example/${i}.json`));
    await expect.poll(() => site.asked).toBe(16);
    await expect(find(`https://app.example/${systemRandom.uuid()}`)).rejects.toMatchObject({
      code: "unavailable",
      reason: "overloaded",
    });
    release();
    await Promise.all(waiting);
  });
});
