import { describe, expect, it } from "vitest";
import { OstiaryError } from "../errors.ts";
import { NotFetched } from "../fetching/not-fetched.ts";
import type { Fetched } from "../fetching/fetch-public.ts";
import { createClientKeys } from "./client-keys.ts";
import type { Client } from "./client.ts";
import { checkedRegistration } from "./registration.ts";

const MINUTE = 60_000;
const ADDRESS = "203.0.113.7";

function start() {
  const time = { now: Date.parse("2026-01-01T00:00:00Z") };
  const keyIds: Record<string, string[]> = {};
  const silent = new Set<string>();
  const state = { asked: 0, charged: 0, budget: Infinity };
  const keys = createClientKeys({
    async fetch(uri): Promise<Fetched> {
      state.asked++;
      if (silent.has(uri)) return new Promise(() => {});
      const kids = keyIds[uri];
      if (kids === undefined) throw new NotFetched("It could not be reached.");
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ keys: kids.map((kid) => ({ kid })) })) };
    },
    limits: {
      async clientDocument(address) {
        if (address !== null && ++state.charged > state.budget) throw new OstiaryError("too_many_attempts", "Too many.");
      },
    },
    clock: () => time.now,
  });
  const of = async (client: Client, kid: string) => (await keys.of(client, kid, ADDRESS))?.map((key) => key["kid"]);
  return { time, keyIds, silent, state, of };
}

function clientAt(jwksUri: string, isStranger = false): Client {
  const registration = checkedRegistration({
    redirectUris: ["https://app.example/callback"],
    tokenEndpointAuthMethod: "private_key_jwt",
    jwksUri,
  });
  const selfRegistered = { way: "request", ip: null, tokenHash: null, said: {}, readAt: null, usedAt: null } as const;
  const client = { id: jwksUri, name: "App", guard: false, secretHash: null, createdAt: 0, tokenVersion: 1, registration };
  return isStranger ? { ...client, selfRegistered } : client;
}

describe("keys at a client's address", () => {
  const URI = "https://app.example/keys";
  const client = clientAt(URI);

  it("are not forgotten for a key that somebody has made up, also while its host does not answer", async () => {
    const { time, keyIds, silent, state, of } = start();
    keyIds[URI] = ["good"];
    expect(await of(client, "good")).toEqual(["good"]);
    silent.add(URI);
    time.now += MINUTE;
    const invented = of(client, "invented");
    await expect.poll(() => state.asked).toBe(2);
    expect(await of(client, "good")).toEqual(["good"]);
    expect(invented).toBeInstanceOf(Promise);
  });

  it("stay what they were while as many are fetched as may be; 503 for keys that never were", async () => {
    const { time, keyIds, silent, of } = start();
    keyIds[URI] = ["good"];
    await of(client, "good");
    for (let i = 0; i < 16; i++) {
      const uri = `https://slow.example/${i}`;
      silent.add(uri);
      void of(clientAt(uri), "x");
    }
    time.now += 10 * MINUTE;
    expect(await of(client, "good")).toEqual(["good"]);
    await expect(of(clientAt("https://new.example/keys"), "x")).rejects.toMatchObject({
      code: "unavailable",
      reason: "overloaded",
    });
  });

  it("of the operator's clients are fetched however many strangers have theirs fetched, who pay for it", async () => {
    const { keyIds, silent, state, of } = start();
    keyIds[URI] = ["good"];
    for (let i = 0; i < 16; i++) {
      const uri = `https://slow.example/${i}`;
      silent.add(uri);
      void of(clientAt(uri, true), "x");
    }
    await expect(of(clientAt(URI, true), "good")).rejects.toMatchObject({ code: "unavailable" });
    expect([await of(client, "good"), state.charged]).toEqual([["good"], 17]);
    state.budget = 17;
    await expect(of(clientAt("https://another.example/keys", true), "x")).rejects.toMatchObject({ code: "too_many_attempts" });
  });
});
